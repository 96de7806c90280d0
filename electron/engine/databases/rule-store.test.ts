import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { noVariables, type RuleSource } from '../detect/pattern-engine.ts'
import { createNativeEngine } from '../detect/yara-native.ts'
import { compileRules } from './rule-store.ts'

let storeDir: string
beforeEach(() => {
  storeDir = join(mkdtempSync(join(tmpdir(), 'rule-store-')), 'store')
})
afterEach(() => {
  rmSync(join(storeDir, '..'), { recursive: true, force: true })
})

const small: RuleSource[] = [{ namespace: 'small', source: 'rule Small { condition: true }' }]
const large: RuleSource[] = [{ namespace: 'large', source: `rule Large { condition: true } // ${'x'.repeat(70_000)}` }]
const stored = () => (existsSync(storeDir) ? readdirSync(storeDir) : [])

it('a large set is left to a process of its own, and used once that has kept it', async () => {
  const options = { storeDir, compiling: 'elsewhere' } as const
  expect((await compileRules(small, options)).rules.rules).toBe(1)
  await expect(compileRules(large, options)).rejects.toMatchObject({ code: 'databases-not-compiled' })
  expect((await compileRules(large, { storeDir })).rules.rules).toBe(1)
  expect((await compileRules(large, options)).rules).toMatchObject({ rules: 1, failed: false })
  expect(stored().filter((name) => !name.endsWith('.rules'))).toEqual([])
})

it('a set whose compiling ended two processes is left out and named, and tried again the next day', async () => {
  await compileRules(large, { storeDir })
  const [file = ''] = stored()
  const tries = join(storeDir, file.replace(/rules$/, 'tries'))
  rmSync(join(storeDir, file))
  writeFileSync(tries, '.')
  await expect(compileRules(large, { storeDir, compiling: 'elsewhere' })).rejects.toMatchObject({
    code: 'databases-not-compiled',
  })
  writeFileSync(tries, '..')
  const given = await compileRules(large, { storeDir, compiling: 'elsewhere' })
  expect(given.rules).toMatchObject({ rules: 0, failed: true })
  expect(given.rejected).toEqual([{ file: 'large', line: 0, problem: 'compiling these rules ended the process' }])
  const yesterday = new Date(Date.now() - 25 * 3_600_000)
  utimesSync(tries, yesterday, yesterday)
  expect((await compileRules(large, { storeDir })).rules.rules).toBe(1)
})

it('rules are used although they cannot be kept', async () => {
  mkdirSync(storeDir)
  writeFileSync(join(storeDir, 'file'), '')
  expect((await compileRules(large, { storeDir: join(storeDir, 'file', 'below') })).rules.rules).toBe(1)
})

it('rules in comments are not counted', async () => {
  const source = '/*\nrule Old { condition: true }\n*/\nrule New { condition: true }'
  expect((await compileRules([{ namespace: 'n', source }])).rules.rules).toBe(1)
})

it('a store that others may write is not believed', async () => {
  await compileRules(large, { storeDir })
  for (const name of stored()) chmodSync(join(storeDir, name), 0o666)
  await expect(compileRules(large, { storeDir, compiling: 'elsewhere' })).rejects.toMatchObject({
    code: 'databases-not-compiled',
  })
})

it('rules do not find themselves where they are kept, not even those that look behind masks', async () => {
  const text = ['a text', 'to be', 'found'].join(' ')
  const source = `rule Own { strings: $a = "${text}" $b = "${text}" xor $c = "${text}" base64 condition: any of them }`
  for (const filling of ['', `// ${'x'.repeat(70_000)}\n`]) {
    const sources = [
      { namespace: `own${filling.length}`, source: `${filling}${source}` },
      { namespace: `bad ${text}`, source: `rule Bad { condition: ${text} }` },
    ]
    const fresh = await compileRules(sources, { storeDir })
    expect(fresh.rejected).toHaveLength(1)
    const kept = await compileRules(sources, { storeDir, compiling: 'elsewhere' })
    expect(kept.rejected).toEqual(fresh.rejected)
    const engine = createNativeEngine(kept.rules, { timeoutMs: 30_000, maxMatches: 10 })
    const found = (bytes: Buffer) => engine.scan(bytes, noVariables).length
    expect(found(Buffer.from(text))).toBe(1)
    for (const name of stored()) expect(found(readFileSync(join(storeDir, name))), name).toBe(0)
    engine.dispose()
  }
})
