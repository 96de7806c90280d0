import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { loadDatabases } from '../databases/databases.ts'
import { createScanner } from '../scanner.ts'
import { guarded, isTimeout, noVariables, type PatternEngine } from './pattern-engine.ts'
import { checkWasm, createWasmEngine } from './yara-wasm.ts'

const instances = vi.hoisted(() => ({ made: 0 }))
vi.mock('./wasm-instance.ts', async (original) => {
  const real = await original<typeof import('./wasm-instance.ts')>()
  return {
    ...real,
    newYara: () => {
      instances.made += 1
      return real.newYara()
    },
  }
})

const root = mkdtempSync(join(tmpdir(), 'yara-wasm-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const timeoutMs = 1500
/** Rules that some content keeps busy for minutes: in a condition, in a pattern, in a regular expression. */
const wild: readonly (readonly [string, string])[] = [
  [
    'a condition',
    'condition: for all i in (0..filesize) : (for all j in (0..filesize) : (uint8(i) + uint8(j) < 9999))',
  ],
  ['bytes', 'strings: $a = { 61 [0-200] 61 [0-200] 61 [0-200] 61 [0-200] 62 } condition: #a > 5'],
  ['a regular expression', 'strings: $a = /a.*b.*c.*d.*e/s condition: $a'],
]
const wildContent = Buffer.alloc(300_000, 'a')
const good = 'rule Good { meta: score = 75 strings: $a = "xyzzy" condition: $a }'

function engineFor(rule: string): Promise<PatternEngine> {
  const sources = [
    { namespace: 'a', source: good },
    { namespace: 'b', source: `rule Wild { ${rule} }` },
  ]
  return createWasmEngine(sources, { timeoutMs, maxMatches: 64 })
}

const namesIn = (engine: PatternEngine, text: string): string[] =>
  engine.scan(Buffer.from(text), noVariables).map(({ rule }) => rule)

describe('a rule that loops ends when its time is up, and what comes next is matched (34):', () => {
  it.each(wild)('in %s', async (_, rule) => {
    const engine = await engineFor(rule)
    expect(namesIn(engine, 'x xyzzy x')).toContain('Good')
    const started = performance.now()
    let thrown: unknown
    try {
      engine.scan(wildContent, noVariables)
    } catch (error) {
      thrown = error
    }
    expect(isTimeout(thrown)).toBe(true)
    expect(performance.now() - started).toBeLessThan(timeoutMs + 2000)
    const before = instances.made
    expect(namesIn(engine, 'x xyzzy x')).toContain('Good')
    expect(namesIn(engine, 'x xyzzy x')).toContain('Good')
    expect(instances.made).toBe(before + 1)
    engine.dispose()
  })
})

it('an instance that threw is not gone on with', async () => {
  const engine = guarded(await engineFor('condition: filename == "n"'))
  const before = instances.made
  const broken = {
    get length(): number {
      throw new Error('unreachable')
    },
  }
  expect(() => engine.scan(broken as unknown as Buffer, noVariables)).toThrow('unreachable')
  expect(namesIn(engine, 'xyzzy')).toEqual(['Good'])
  // One for the second try without variables, one for the next content.
  expect(instances.made).toBe(before + 2)
  engine.dispose()
})

it('an object that took too long is a gap, and the next one is looked at', async () => {
  const folder = join(root, 'databases')
  mkdirSync(folder)
  writeFileSync(join(folder, 'a.yar'), `${good}\nrule Wild { ${wild[0]?.[1]} }`)
  const databases = await loadDatabases(folder, { source: 'folder', backend: 'wasm' })
  const scanner = await createScanner(databases, { limits: { patternTimeMs: timeoutMs } })
  expect(await scanner.scanBuffer(wildContent, 'x')).toMatchObject({
    findings: [],
    coverage: { kind: 'partial', reasons: ['time-limit'] },
  })
  const next = await scanner.scanBuffer(Buffer.from('xyzzy'), 'x')
  expect(next).toMatchObject({ coverage: { kind: 'full' } })
  expect(next.findings.map(({ threat }) => threat)).toContain('Good')
  scanner.dispose()
})

it('a source with a problem is named, and says nothing about the others', async () => {
  const sources = [
    { namespace: 'one', source: 'rule A { condition: nothing == 1 }' },
    { namespace: 'two', source: good },
    { namespace: 'three', source: '\nrule B {' },
  ]
  expect((await checkWasm(sources)).map(({ file, line }) => [file, line])).toEqual([
    ['one', 1],
    ['three', 2],
  ])
})
