// A scan whose process ends before it does: `node ended-scan.mjs DATA TREE HOW`. Used by tests only.
// `killed`: from outside, after a part was written down. `torn`: by the store, which loses its pages while it is used.
// `spoilt`: from outside, and what was written down is rubbish afterwards.
import { lstatSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, openCleanCache } from '../clean-cache.ts'

const [dataDir = '', tree = '', how = ''] = process.argv.slice(2)
const stored = join(cacheFolder(dataDir), 'data.mdb')
/** Of the two pages at its beginning, which are read when it is opened. */
const headBytes = 8192
const now = Date.now() + 120_000
const cache = openCleanCache(dataDir, {
  now: () => now,
  fileSystems: () => new Map([['/', 'ext4']]),
  log: (line) => process.stdout.write(`${line}\n`),
})
const generation = cache?.generation('databases 1')
const folder = lstatSync(tree, { bigint: true })
const known = generation?.folder(tree, folder.dev, folder.ino)
for (const name of readdirSync(tree)) known?.remember(lstatSync(join(tree, name), { bigint: true }), now, null)
generation?.flush()
if (how === 'torn') truncateSync(stored, headBytes)
const next = cache?.generation('databases 1')?.folder(tree, folder.dev, folder.ino)
for (const name of readdirSync(tree)) {
  const file = lstatSync(join(tree, name), { bigint: true })
  process.stdout.write(`${name} ${next?.isKnown(file, null)}\n`)
}
if (how === 'spoilt') writeFileSync(stored, readFileSync(stored).fill(0xaa, headBytes))
process.kill(process.pid, 'SIGKILL')
