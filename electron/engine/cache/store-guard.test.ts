// What is left of the clean cache when the process of a scan ends before the scan does.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { cacheFolder, openCleanCache } from './clean-cache.ts'

const program = resolve('out/tests/cache/ended-scan.mjs')
vi.setConfig({ testTimeout: 60_000 })

let root: string
let tree: string
beforeAll(async () => {
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'testing/ended-scan.ts'),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('#') && !id.startsWith('/'),
  })
  await bundle.write({ file: program, format: 'esm', codeSplitting: false })
})
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'store-guard-'))
  tree = join(root, 'tree')
  mkdirSync(tree)
  for (const name of ['a', 'b']) writeFileSync(join(tree, name), name)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** What it said, and what ended it. */
function ended(how: string): { said: string[]; signal: string | null } {
  const { stdout, signal } = spawnSync(process.execPath, [program, root, tree, how], { encoding: 'utf8' })
  return { said: stdout.split('\n').filter(Boolean), signal }
}

it('a scan that is killed leaves what was written down: the next process knows it, and says nothing of damage', () => {
  expect(ended('killed')).toEqual({ said: ['a true', 'b true'], signal: 'SIGKILL' })
  writeFileSync(join(tree, 'c'), 'c')
  expect(ended('killed')).toEqual({ said: ['a true', 'b true', 'c true'], signal: 'SIGKILL' })
  // Marks of dead processes do not pile up.
  expect(readdirSync(cacheFolder(root)).filter((name) => name.startsWith('in-use-'))).toHaveLength(1)
})

it('a store that ends its process is not trusted again, and the next one knows nothing of it', async () => {
  const first = ended('torn')
  expect(first.signal).not.toBe('SIGKILL')
  expect(first.said).toEqual([])
  const said: string[] = []
  const cache = openCleanCache(root, { log: (line) => said.push(line) })
  expect(said).toEqual(['clean cache made anew: a process ended in it'])
  await cache?.close()
  expect(ended('killed').said).toEqual(['a true', 'b true'])
})

it('a store that is rubbish ends one process at most', () => {
  ended('spoilt')
  ended('killed')
  expect(ended('killed')).toEqual({ said: expect.arrayContaining(['a true', 'b true']), signal: 'SIGKILL' })
})
