// Case 66 in a real engine: what is read again and what is not, told by the bytes that the engine process reads.
// A file is remembered only a minute after its last change, so that everything waits for that once.
import { spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EngineConfig } from '#shared/engine-protocol/engine-contract.ts'
import { isStamping, readFileSystemTypes } from '../engine/cache/settled.ts'
import { buildFaultyHost } from './testing/built.ts'
import { bytesRead, type EngineRig, type ScanRecord, startRig } from './testing/engine-rig.ts'

const files = 20
const fileBytes = 256 * 1024
const treeBytes = files * fileBytes
const settleMs = 61_000
const trees = ['unchanged', 'mapped', 'switched', 'second'] as const
const memoryFolder = '/dev/shm'
const types = readFileSystemTypes()

let hostFile: string
let root: string
let secondEngine: string
/** In a file system without write-back; null where there is none. */
let inMemory: string | null = null
let rig: EngineRig

beforeAll(async () => {
  hostFile = await buildFaultyHost()
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'engine-cache-')))
  for (const name of trees) writeTree(path.join(root, name, 'tree'))
  if (types.get(memoryFolder) === 'tmpfs') {
    inMemory = mkdtempSync(path.join(memoryFolder, 'engine-cache-'))
    writeTree(path.join(inMemory, 'tree'))
  }
  secondEngine = path.join(root, 'second-engine')
  writeFileSync(secondEngine, 'ClamAV 1.4.6/27000')
  rig = startRig(hostFile, {}, { SECOND_ENGINE: secondEngine })
  await rig.link.client.call('engine.info', {})
  await wait(settleMs)
}, 120_000)
afterAll(async () => {
  await rig.dispose()
  for (const folder of [root, inMemory]) if (folder !== null) rmSync(folder, { recursive: true, force: true })
})
beforeEach((context) => {
  if (!isStamping(types, root)) context.skip('the file system of the temporary folder is one that is never remembered')
})

function writeTree(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (let index = 0; index < files; index++) {
    // Names that take the scripted scanner a moment.
    writeFileSync(path.join(folder, `slow${index}`), Buffer.alloc(fileBytes, `needle ${index} `))
  }
}

const treeOf = (name: (typeof trees)[number]) => path.join(root, name, 'tree')

/** A scan to its end; how much of the tree was read for it. */
async function scan(
  folder: string,
  ignoreCache = false,
): Promise<{ record: ScanRecord; found: number; share: number }> {
  const before = bytesRead(rig)
  const record = await rig.scan([folder], {}, { ignoreCache })
  const { counters } = await record.finished
  expect(counters.files).toBe(files)
  return { record, found: counters.found, share: (bytesRead(rig) - before) / treeBytes }
}

const configure = (change: Partial<EngineConfig>) => rig.link.configure({ ...rig.config, ...change })

function databases(name: string, rule: string, ignored = ''): string {
  const folder = path.join(root, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'own.yar'), rule)
  if (ignored !== '') writeFileSync(path.join(folder, 'own.ign2'), `${ignored}\n`)
  return folder
}

const needle = 'rule Needle { strings: $a = "needle" condition: $a }'
const other = 'rule Other { strings: $a = "something else" condition: $a }'

describe('an unchanged tree (66)', () => {
  it('is read once, and again with other databases, a stricter limit, and when it is asked for', async () => {
    const tree = treeOf('unchanged')
    expect((await scan(tree)).share).toBeGreaterThan(1)
    expect((await scan(tree)).share).toBeLessThan(0.2)
    expect((await scan(tree, true)).share).toBeGreaterThan(1)
    await configure({ databasesDir: databases('other', other) })
    expect((await scan(tree)).share).toBeGreaterThan(1)
    expect((await scan(tree)).share).toBeLessThan(0.2)
    const { scanner } = rig.config
    await configure({ databasesDir: databases('other', other), scanner: { ...scanner, limits: { members: 10 } } })
    expect((await scan(tree)).share).toBeGreaterThan(1)
    await configure({})
  }, 60_000)

  it('is read again when the second engine is asked too, and when that has other databases', async () => {
    const tree = treeOf('second')
    expect((await scan(tree)).share).toBeGreaterThan(1)
    await configure({ scanner: { ...rig.config.scanner, secondEngine: 'when-running' } })
    expect((await scan(tree)).share).toBeGreaterThan(1)
    expect((await scan(tree)).share).toBeLessThan(0.2)
    // Nobody tells the engine: it has to ask when a scan begins.
    writeFileSync(secondEngine, 'ClamAV 1.4.6/27001')
    expect((await scan(tree)).share).toBeGreaterThan(1)
    expect((await scan(tree)).share).toBeLessThan(0.2)
    await configure({})
  }, 60_000)

  it('is read again where the memory is no disk', async (context) => {
    if (inMemory === null) return context.skip('there is no tmpfs')
    const tree = path.join(inMemory, 'tree')
    expect((await scan(tree)).share).toBeGreaterThan(1)
    expect((await scan(tree)).share).toBeGreaterThan(1)
  }, 60_000)
})

describe('a changed file (66)', () => {
  it('is read again after a write through a mapping, and after its times were put back', async (context) => {
    const tree = treeOf('mapped')
    const [mapped, rewritten] = ['slow3', 'slow4'].map((name) => path.join(tree, name))
    if (mapped === undefined || rewritten === undefined) throw new Error('no files')
    const marker = Buffer.from('the content of somebody else')
    await configure({ databasesDir: databases('marker', `rule Marker { strings: $a = "${marker}" condition: $a }`) })
    expect(await scan(tree)).toMatchObject({ found: 0 })
    expect((await scan(tree)).share).toBeLessThan(0.2)
    const { atime, mtime } = lstatSync(rewritten)
    writeFileSync(rewritten, marker, { flag: 'r+' })
    utimesSync(rewritten, atime, mtime)
    expect(await scan(tree)).toMatchObject({ found: 1 })
    if (!writeThroughMapping(mapped, marker)) return context.skip('there is no python3 to write through a mapping')
    expect(await scan(tree)).toMatchObject({ found: 2 })
    expect([mapped, rewritten].map((file) => lstatSync(file).size)).toEqual([fileBytes, fileBytes])
    await configure({})
  }, 60_000)
})

describe('databases that change in the middle of a scan', () => {
  it('what was read with the new ones is not remembered as read with the old ones', async () => {
    const tree = treeOf('switched')
    const [finds, findsNot] = [databases('finds', needle), databases('finds-not', other)]
    await configure({ databasesDir: finds })
    const record = await rig.scan([tree])
    await expect.poll(() => record.detected.length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(0)
    await configure({ databasesDir: findsNot })
    const { counters } = await record.finished
    expect(counters.found).toBeLessThan(files)
    await configure({ databasesDir: finds })
    expect(await scan(tree)).toMatchObject({ found: files })
    await configure({})
  }, 60_000)

  it('those that one thread cannot use are used by none', async () => {
    const tree = treeOf('switched')
    await configure({ databasesDir: databases('finds', needle) })
    const refused = databases('refused', other, 'RefusedByTheSecondThread')
    await expect(configure({ databasesDir: refused })).rejects.toMatchObject({ code: 'databases-unusable' })
    expect(await scan(tree)).toMatchObject({ found: files })
    await configure({})
  }, 60_000)
})

/** Changes the beginning of a file without any write: false when this machine has no program for it. */
function writeThroughMapping(file: string, bytes: Buffer): boolean {
  const script = [
    'import mmap, sys',
    'with open(sys.argv[1], "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:',
    '    content = sys.stdin.buffer.read()',
    '    memory[:len(content)] = content',
  ].join('\n')
  const ran = spawnSync('python3', ['-c', script, file], { input: bytes })
  if (ran.error === undefined && ran.status !== 0) throw new Error(ran.stderr.toString())
  return ran.error === undefined
}
