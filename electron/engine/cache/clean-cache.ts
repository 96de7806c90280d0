// Remembers which files were looked at wholly with nothing found, so that a later scan need not read them again.
// Owns the store and the rules of who is remembered. Never remembers a partial result, an error, or a file that could change
// without a trace; never skips by name. SECURITY: whoever could write here could hide malware, so the folder is ours alone.
import { createHash, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import { RecordBuilder, RecordReader, type Rows, readRecord, type SeenFile } from './folder-record.ts'
import { type FileSystemTypes, isSettled, isStamping, readFileSystemTypes } from './settled.ts'
import { checkStoreFolder, mark, unmark } from './store-guard.ts'

export interface CleanCache {
  /**
   * What is remembered under this generation, for one scan. Anything of another one does not exist. `begunAtMs`: what was
   * read later does not count, so that a scan that goes on after a crash does not count its own files twice.
   */
  generation(name: string, begunAtMs?: number): CacheGeneration
  close(): Promise<void>
}

export interface CacheGeneration {
  /** Opens the memory of a folder (absolute path as Latin-1, its device and inode). Null where nothing may be remembered. */
  folder(path: string, dev: bigint, ino: bigint): KnownFolder | null
  /** Ends the use and writes down what was not written yet. Once, when the scan has ended. */
  flush(): void
}

/** `name`: of a file that has several names, for each may lead to another verdict; null for one that has one. */
export interface KnownFolder {
  /** True when this very file was looked at wholly in this generation, and nothing was found. */
  isKnown(file: SeenFile, name: string | null): boolean
  /** The file was just looked at wholly and nothing was found. `seen`: stat of what was read, at `readAtMs`. */
  remember(seen: SeenFile, readAtMs: number, name: string | null): void
}

export interface CleanCachePorts {
  readonly now: () => number
  readonly fileSystems: () => FileSystemTypes
  readonly log: (line: string) => void
}

const keptMs = 7 * 24 * 3_600_000
/** Newly remembered files of one scan. The next scan remembers more. */
const mostNew = 5_000_000
/** Folders whose memory has changed are written down when there are so many, so that a long scan does not hold them all. */
const mostHeld = 1000
/** Of the store itself: what names of files are hashed with. Shorter than the key of a folder. */
const saltKey = Buffer.from('salt')
const mapBytes = 512 * 1024 * 1024

/** Folder of the cache below the engine's data. */
export function cacheFolder(dataDir: string): string {
  return path.join(dataDir, 'clean-cache')
}

/** Null when it cannot be kept: then every scan reads every file. Throws nothing. */
export function openCleanCache(dataDir: string, ports: Partial<CleanCachePorts> = {}): CleanCache | null {
  const { now = Date.now, fileSystems = readFileSystemTypes, log = () => {} } = ports
  const folder = cacheFolder(dataDir)
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      checkStoreFolder(folder)
      mark(folder)
      const cache = new StoredCache(openStore(folder), folder, { now, fileSystems, log })
      unmark(folder)
      return cache
    } catch (error) {
      log(`clean cache made anew: ${error instanceof Error ? error.message : 'unknown'}`)
      try {
        rmSync(folder, { recursive: true, force: true })
      } catch {
        return null
      }
    }
  }
  return null
}

type Store = RootDatabase<Buffer, Buffer>

function openStore(folder: string): Store {
  const mask = process.umask(0o077)
  try {
    return open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      mapSize: mapBytes,
      maxDbs: 1,
    })
  } finally {
    process.umask(mask)
  }
}

class StoredCache implements CleanCache {
  readonly #store: Store
  readonly #folder: string
  readonly #ports: CleanCachePorts
  readonly #salt: Buffer
  /** Scans that use it now. */
  #inUse = 0

  constructor(store: Store, folder: string, ports: CleanCachePorts) {
    this.#store = store
    this.#folder = folder
    this.#ports = ports
    this.#salt = saltOf(store)
  }

  generation(name: string, begunAtMs = Number.POSITIVE_INFINITY): CacheGeneration {
    this.#inUse += 1
    if (this.#inUse === 1) mark(this.#folder)
    const digest = createHash('sha256').update(name).digest().subarray(0, 16)
    const use = { name: digest, salt: this.#salt, begunAtMs }
    return new Generation(this.#store, use, this.#ports, () => {
      this.#inUse -= 1
      if (this.#inUse === 0) unmark(this.#folder)
    })
  }

  async close(): Promise<void> {
    await this.#store.close()
  }
}

/** SECURITY: random, so that nobody can make a name that is taken for another one. */
function saltOf(store: Store): Buffer {
  return store.transactionSync(() => {
    const known = store.getBinary(saltKey)
    if (known !== undefined) return Buffer.from(known)
    const salt = randomBytes(16)
    void store.put(saltKey, salt)
    return salt
  })
}

/** One scan's use of the store. */
interface Use {
  readonly name: Buffer
  readonly salt: Buffer
  readonly begunAtMs: number
}

class Generation implements CacheGeneration {
  readonly #store: Store
  readonly #use: Use
  readonly #ports: CleanCachePorts
  readonly #fileSystems: FileSystemTypes
  readonly #onDone: () => void
  readonly #changed = new Map<string, RecordBuilder>()
  #remembered = 0

  constructor(store: Store, use: Use, ports: CleanCachePorts, onDone: () => void) {
    this.#store = store
    this.#use = use
    this.#ports = ports
    this.#onDone = onDone
    this.#fileSystems = ports.fileSystems()
  }

  folder(folder: string, dev: bigint, ino: bigint): KnownFolder | null {
    if (!isStamping(this.#fileSystems, folder)) return null
    const key = keyOf(dev, ino)
    const reader = this.#read(key)
    /** Known files that are still there, until something is remembered; then their rows are with the new ones. */
    let stillThere: number[] | null = []
    return {
      isKnown: (file, name) => {
        const at = file.dev === dev ? (reader?.find(file, this.#idOf(file, name)) ?? -1) : -1
        if (reader === null || at < 0) return false
        if (stillThere === null) this.#rowsOf(key, 'more').addRows(reader.row(at))
        else stillThere.push(at)
        return true
      },
      remember: (file, readAtMs, name) => {
        if (file.dev !== dev || this.#remembered >= mostNew || !isSettled(file, readAtMs)) return
        const rows = this.#rowsOf(key, stillThere === null ? 'more' : 'first')
        // The rows of files that are still there stay; those that this walk did not see go.
        if (reader !== null) for (const at of stillThere ?? []) rows.addRows(reader.row(at))
        stillThere = null
        rows.add(file, this.#idOf(file, name), readAtMs)
        this.#remembered += 1
      },
    }
  }

  flush(): void {
    this.#write()
    this.#onDone()
  }

  #write(): void {
    const changed = [...this.#changed]
    this.#changed.clear()
    if (changed.length === 0) return
    try {
      this.#store.transactionSync(() => {
        for (const [key, rows] of changed) void this.#store.put(Buffer.from(key, 'latin1'), rows.pack(this.#use.name))
      })
    } catch (error) {
      // A full disk, for instance: the files are read again next time.
      this.#ports.log(`clean cache not written: ${error instanceof Error ? error.message : 'unknown'}`)
    }
  }

  /** The rows that a folder will have. `more`: this scan had some already, which may have been written by now. */
  #rowsOf(key: Buffer, which: 'first' | 'more'): RecordBuilder {
    const name = key.toString('latin1')
    const held = this.#changed.get(name)
    if (held) return held
    if (this.#changed.size >= mostHeld) this.#write()
    const rows = new RecordBuilder()
    const written = which === 'more' ? this.#rowsIn(key) : null
    if (written !== null) rows.addRows(written)
    this.#changed.set(name, rows)
    return rows
  }

  #read(key: Buffer): RecordReader | null {
    const now = this.#ports.now()
    const rows = this.#rowsIn(key)
    return rows === null ? null : new RecordReader(rows, now - keptMs, Math.min(now, this.#use.begunAtMs))
  }

  #rowsIn(key: Buffer): Rows | null {
    const value = this.#store.getBinaryFast(key)
    return value === undefined ? null : readRecord(this.#use.name, value)
  }

  /** What a row is found by: the inode, or one of the names that lead to it. */
  #idOf({ ino }: SeenFile, name: string | null): bigint {
    if (name === null) return ino
    const hash = createHash('sha256').update(this.#use.salt).update(`${ino}:`).update(name, 'latin1')
    return hash.digest().readBigInt64LE(0)
  }
}

function keyOf(dev: bigint, ino: bigint): Buffer {
  const key = Buffer.alloc(16)
  key.writeBigUInt64BE(BigInt.asUintN(64, dev), 0)
  key.writeBigUInt64BE(BigInt.asUintN(64, ino), 8)
  return key
}
