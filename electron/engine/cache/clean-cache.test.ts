// The clean cache against what could make it lie: each way to change a file without a trace, and whoever could write to it.
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type WalkEntry, walkArea } from '../walk/walk.ts'
import { type CleanCache, type CleanCachePorts, cacheFolder, openCleanCache } from './clean-cache.ts'

let root: string
let tree: string
let cache: CleanCache
let now: number

const minute = 60_000
const day = 24 * 60 * minute
const ext4 = new Map([['/', 'ext4']])

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'clean-cache-'))
  tree = join(root, 'tree')
  mkdirSync(tree)
  now = Date.now() + 2 * minute
  cache = opened()
})
afterEach(async () => {
  await cache.close()
  rmSync(root, { recursive: true, force: true })
})

function opened(ports: Partial<CleanCachePorts> = {}): CleanCache {
  const made = openCleanCache(root, { now: () => now, fileSystems: () => ext4, ...ports })
  if (made === null) throw new Error('no cache')
  return made
}

interface ScanOptions {
  readonly begunAtMs?: number
  readonly name?: string
  readonly read?: boolean
  readonly readAtMs?: number
  /** Between reading and the end of the scan. */
  readonly meanwhile?: () => void
}

/** A scan that finds nothing: the names that had to be read. Everything read is remembered as the scanner would. */
function scan({ name = 'databases 1', read = true, readAtMs = now, begunAtMs, meanwhile }: ScanOptions = {}): string[] {
  const generation = cache.generation(name, begunAtMs)
  const entries = [...walkArea([Buffer.from(tree)], { exclude: [], mounts: new Map(), cache: { generation, read } })]
  const files = entries.filter((entry): entry is Extract<WalkEntry, { kind: 'file' }> => entry.kind === 'file')
  for (const { path, known, nlink } of files) {
    const name = nlink > 1 ? path.toString('latin1', path.lastIndexOf('/') + 1) : null
    known?.remember(lstatSync(path, { bigint: true }), readAtMs, name)
  }
  meanwhile?.()
  generation.flush()
  return files.map(({ path }) => path.toString('latin1').slice(tree.length + 1))
}

const put = (name: string, content = name) => writeFileSync(join(tree, name), content)

describe('an unchanged file (66)', () => {
  it('that is older than a minute is not read again, in whatever folder, and is still counted', () => {
    mkdirSync(join(tree, 'sub'))
    for (const name of ['a', 'b', 'sub/c']) put(name)
    expect(scan()).toEqual(['a', 'b', 'sub/c'])
    expect(scan()).toEqual([])
    const generation = cache.generation('databases 1')
    const entries = [
      ...walkArea([Buffer.from(tree)], { exclude: [], mounts: new Map(), cache: { generation, read: true } }),
    ]
    expect(entries).toEqual([{ kind: 'known', files: 3, bytes: 7 }])
  })

  it('is still known when its neighbours come, change and go', () => {
    for (const name of ['a', 'b', 'c']) put(name)
    scan()
    put('aa')
    put('b', 'other')
    rmSync(join(tree, 'c'))
    expect(scan()).toEqual(['aa', 'b'])
    expect(scan()).toEqual([])
  })

  it('is still known after the engine was started again', async () => {
    put('a')
    scan()
    await cache.close()
    const said: string[] = []
    cache = opened({ log: (line) => said.push(line) })
    expect(said).toEqual([])
    expect(scan()).toEqual([])
  })

  it('is read again with other databases or settings, after a week, and when the scan ignores the cache', () => {
    put('a')
    scan()
    expect(scan({ name: 'databases 2' })).toEqual(['a'])
    expect(scan({ name: 'databases 1' })).toEqual(['a'])
    expect(scan({ read: false })).toEqual(['a'])
    now += 8 * day
    expect(scan()).toEqual(['a'])
    expect(scan()).toEqual([])
  })

  it('is read again when the clock was set back behind the time it was read', () => {
    put('a')
    scan()
    now -= day
    expect(scan()).toEqual(['a'])
  })
})

describe('a file that changed (66)', () => {
  it('is read again although its old time was put back: ctime moves', () => {
    put('a', 'good')
    const { atime, mtime } = { atime: new Date(1_700_000_000_000), mtime: new Date(1_700_000_000_000) }
    utimesSync(join(tree, 'a'), atime, mtime)
    scan()
    put('a', 'evil')
    utimesSync(join(tree, 'a'), atime, mtime)
    expect(lstatSync(join(tree, 'a')).mtimeMs).toBe(mtime.getTime())
    expect(scan()).toEqual(['a'])
  })

  it('is read again when another file took its place, also one with the same inode number', () => {
    put('a', 'good')
    scan()
    const { ino } = lstatSync(join(tree, 'a'))
    rmSync(join(tree, 'a'))
    // The file system hands the number out again; which of the new files gets it is its business.
    for (let index = 0; index < 50; index += 1) put(`n${index}`, 'evil')
    const sameNumber = readdirSync(tree).filter((name) => lstatSync(join(tree, name)).ino === ino)
    expect(scan()).toHaveLength(50)
    for (const name of sameNumber) expect(scan({ read: false })).toContain(name)
  })

  it('is read again when it was renamed over or linked: both move ctime', () => {
    for (const name of ['a', 'b', 'c']) put(name)
    scan()
    renameSync(join(tree, 'b'), join(tree, 'a'))
    linkSync(join(tree, 'c'), join(tree, 'd'))
    expect(scan()).toEqual(['a', 'c', 'd'])
  })

  it('less than a minute before it was read is not remembered: a write through a mapping would leave no trace', () => {
    put('a')
    const { ctimeMs } = lstatSync(join(tree, 'a'))
    expect(scan({ readAtMs: Math.floor(ctimeMs) + minute - 1000 })).toEqual(['a'])
    expect(scan({ readAtMs: Math.ceil(ctimeMs) + minute + 1000 })).toEqual(['a'])
    expect(scan()).toEqual([])
  })

  it('with a time in the future is not remembered', () => {
    put('a')
    utimesSync(join(tree, 'a'), 2 ** 32, 2 ** 32)
    scan()
    expect(scan()).toEqual(['a'])
  })
})

describe('a file with several names (66)', () => {
  it('is remembered by each of them: what was found under one says nothing about another', () => {
    put('a')
    linkSync(join(tree, 'a'), join(tree, 'b'))
    const generation = cache.generation('databases 1')
    for (const entry of walkArea([Buffer.from(tree)], {
      exclude: [],
      mounts: new Map(),
      cache: { generation, read: true },
    })) {
      if (entry.kind !== 'file' || !entry.path.toString().endsWith('a')) continue
      entry.known?.remember(lstatSync(entry.path, { bigint: true }), now, 'a')
    }
    generation.flush()
    expect(scan()).toEqual(['b'])
    expect(scan()).toEqual([])
  })
})

describe('a long scan', () => {
  const folders = 1200
  const fileIn = (index: number) => `folder-${index}/file`

  it('writes down what it remembers while it runs, and loses nothing of it', () => {
    for (let index = 0; index < folders; index += 1) {
      mkdirSync(join(tree, `folder-${index}`))
      put(fileIn(index))
    }
    let known = 0
    const meanwhile = () => {
      const others = cache.generation('databases 1')
      for (const entry of walkArea([Buffer.from(tree)], {
        exclude: [],
        mounts: new Map(),
        cache: { generation: others, read: true },
      })) {
        if (entry.kind === 'known') known += entry.files
      }
      others.flush()
    }
    expect(scan({ meanwhile })).toHaveLength(folders)
    expect(known).toBeGreaterThanOrEqual(1000)
    expect(scan()).toEqual([])
  })

  it('comes back to a folder that was written down already', () => {
    for (const name of ['1', '2', '3']) put(name)
    scan()
    put('4')
    put('5')
    const generation = cache.generation('databases 1')
    const folder = lstatSync(tree, { bigint: true })
    const known = generation.folder(tree, folder.dev, folder.ino)
    const look = (name: string) => known?.isKnown(lstatSync(join(tree, name), { bigint: true }), null)
    const remember = (name: string) => known?.remember(lstatSync(join(tree, name), { bigint: true }), now, null)
    const fillUp = () => {
      for (let index = 0; index < 1100; index += 1) {
        generation
          .folder(tree, folder.dev, BigInt(10_000_000 + index))
          ?.remember(lstatSync(join(tree, '1'), { bigint: true }), now, null)
      }
    }
    expect([look('1'), look('2')]).toEqual([true, true])
    remember('4')
    fillUp()
    expect(look('3')).toBe(true)
    fillUp()
    remember('5')
    generation.flush()
    expect(scan()).toEqual([])
  })

  it('that goes on after a crash does not know its own files, so that none counts twice', () => {
    put('before')
    scan()
    now += minute
    const begunAtMs = now
    now += minute
    put('own')
    expect(scan({ readAtMs: now + minute })).toEqual(['own'])
    now += 2 * minute
    expect(scan({ begunAtMs })).toEqual(['own'])
    expect(scan()).toEqual([])
  })
})

describe('a file system (66)', () => {
  for (const type of ['tmpfs', 'nfs4', 'cifs', 'fuse.sshfs', 'overlay', 'vfat', 'something-new']) {
    it(`${type} does not stamp every change: nothing on it is remembered`, async () => {
      await cache.close()
      cache = opened({ fileSystems: () => new Map([...ext4, [tree, type]]) })
      put('a')
      scan()
      expect(scan()).toEqual(['a'])
    })
  }
})

describe('the store', () => {
  it('is dropped when others may write to it or it is no store, and made anew for us alone', async () => {
    const spoil = [
      () => chmodSync(join(cacheFolder(root), 'data.mdb'), 0o666),
      () => chmodSync(cacheFolder(root), 0o777),
      () => writeFileSync(join(cacheFolder(root), 'data.mdb'), Buffer.alloc(100_000, 'no store')),
      // What a process leaves that ends in the middle of a scan, be it because of the store.
      () => writeFileSync(join(cacheFolder(root), 'in-use-999999999'), '', { mode: 0o600 }),
    ]
    for (const act of spoil) {
      put('a')
      scan()
      await cache.close()
      act()
      const said: string[] = []
      cache = opened({ log: (line) => said.push(line) })
      expect(said).toHaveLength(1)
      expect(scan()).toEqual(['a'])
      for (const name of ['', 'data.mdb']) expect(lstatSync(join(cacheFolder(root), name)).mode & 0o077).toBe(0)
    }
  })

  it('that cannot be made leaves every file to be read', () => {
    writeFileSync(join(root, 'file'), '')
    expect(openCleanCache(join(root, 'file'))).toBeNull()
  })
})
