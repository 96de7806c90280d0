// Remembers which files were looked at wholly with nothing found, so that a later scan need not read them again.
// Owns the store and the rules of who is remembered. Never remembers a partial result, an error, or a file that could change
// without a trace; never skips by name. SECURITY: whoever could write here could hide malware, so the folder is ours alone.
import { createHash, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import { RecordBuilder, RecordReader, type Rows, readRecord, type SeenFile } from './folder-record.ts'
import { type FileSystemTypes, isSettled, isStamping, readFileSystemTypes } from './settled.ts'
import { checkStoreFolder, markStore, type StoreMark } from './store-guard.ts'

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
  /** Writes down what was not written yet. When the scan has ended, at the latest. */
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
      return new StoredCache(new GuardedStore(folder, log), { now, fileSystems, log })
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

/** The store, and the end of its use as soon as it shows damage: then nothing is known and nothing is remembered. */
class GuardedStore {
  readonly #store: Store
  readonly #mark: StoreMark
  readonly #log: (line: string) => void
  #isDamaged = false

  constructor(folder: string, log: (line: string) => void) {
    this.#mark = markStore(folder)
    this.#log = log
    try {
      this.#store = this.#mark.during(() => openStore(folder))
    } catch (error) {
      this.#mark.remove()
      throw error
    }
  }

  get isDamaged(): boolean {
    return this.#isDamaged
  }

  /** `use` sees the value only while it runs. */
  read<T>(key: Buffer, use: (value: Buffer) => T): T | null {
    if (this.#isDamaged) return null
    try {
      return this.#mark.during(() => {
        const value = this.#store.getBinaryFast(key)
        return value === undefined ? null : use(value)
      })
    } catch (error) {
      this.#isDamaged = true
      this.#mark.distrust()
      this.#log(`clean cache damaged: ${error instanceof Error ? error.message : 'unknown'}`)
      return null
    }
  }

  /** The value of this key; where there is none, what `make` makes is written first. Throws when the store is damaged. */
  once(key: Buffer, make: () => Buffer): Buffer {
    return this.#mark.during(() =>
      this.#store.transactionSync(() => {
        const known = this.#store.getBinary(key)
        if (known !== undefined) return Buffer.from(known)
        const made = make()
        void this.#store.put(key, made)
        return made
      }),
    )
  }

  /** All of them or none. Throws when they cannot be written, on a full disk for instance. */
  write(entries: readonly (readonly [Buffer, Buffer])[]): void {
    if (this.#isDamaged) return
    this.#mark.during(() =>
      this.#store.transactionSync(() => {
        for (const [key, value] of entries) void this.#store.put(key, value)
      }),
    )
  }

  async close(): Promise<void> {
    await this.#store.close()
    this.#mark.remove()
  }
}

class StoredCache implements CleanCache {
  readonly #store: GuardedStore
  readonly #ports: CleanCachePorts
  readonly #salt: Buffer

  constructor(store: GuardedStore, ports: CleanCachePorts) {
    this.#store = store
    this.#ports = ports
    // SECURITY: random, so that nobody can make a name that is taken for another one.
    this.#salt = store.once(saltKey, () => randomBytes(16))
  }

  generation(name: string, begunAtMs = Number.POSITIVE_INFINITY): CacheGeneration {
    const digest = createHash('sha256').update(name).digest().subarray(0, 16)
    return new Generation(this.#store, { name: digest, salt: this.#salt, begunAtMs }, this.#ports)
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

/** One scan's use of the store. */
interface Use {
  readonly name: Buffer
  readonly salt: Buffer
  readonly begunAtMs: number
}

class Generation implements CacheGeneration {
  readonly #store: GuardedStore
  readonly #use: Use
  readonly #ports: CleanCachePorts
  readonly #fileSystems: FileSystemTypes
  readonly #changed = new Map<string, RecordBuilder>()
  #remembered = 0

  constructor(store: GuardedStore, use: Use, ports: CleanCachePorts) {
    this.#store = store
    this.#use = use
    this.#ports = ports
    this.#fileSystems = ports.fileSystems()
  }

  folder(folder: string, dev: bigint, ino: bigint): KnownFolder | null {
    if (this.#store.isDamaged || !isStamping(this.#fileSystems, folder)) return null
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
    const changed = [...this.#changed]
    this.#changed.clear()
    if (changed.length === 0) return
    try {
      this.#store.write(changed.map(([key, rows]) => [Buffer.from(key, 'latin1'), rows.pack(this.#use.name)]))
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
    if (this.#changed.size >= mostHeld) this.flush()
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
    return this.#store.read(key, (value) => readRecord(this.#use.name, value))
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
