// Remembers which files were looked at wholly with nothing found, so that a later scan need not read them again.
// Owns the store and the rules of who is remembered. Never remembers a partial result, an error, or a file that could change
// without a trace; never skips by name. SECURITY: whoever could write here could hide malware, so the folder is ours alone.
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import { RecordBuilder, RecordReader, readRecord, type SeenFile } from './folder-record.ts'
import { type FileSystemTypes, isSettled, isStamping, readFileSystemTypes } from './settled.ts'
import { checkStoreFolder, mark, unmark } from './store-guard.ts'

export interface CleanCache {
  /** What is remembered under this generation, for one scan. Anything of another one does not exist. */
  generation(name: string): CacheGeneration
  close(): Promise<void>
}

export interface CacheGeneration {
  /** Opens the memory of a folder (absolute path as Latin-1, its device and inode). Null where nothing may be remembered. */
  folder(path: string, dev: bigint, ino: bigint): KnownFolder | null
  /**
   * Ends the use and writes down what was remembered. Once, when the scan has ended: what a scan that goes on after a crash finds remembered is
   * then not of its own, so that nothing is counted twice.
   */
  flush(): void
}

export interface KnownFolder {
  /** True when this very file was looked at wholly in this generation, and nothing was found. */
  isKnown(file: SeenFile): boolean
  /** The file was just looked at wholly and nothing was found. `seen`: stat of what was read, at `readAtMs`. */
  remember(seen: SeenFile, readAtMs: number): void
}

export interface CleanCachePorts {
  readonly now: () => number
  readonly fileSystems: () => FileSystemTypes
  readonly log: (line: string) => void
}

const keptMs = 7 * 24 * 3_600_000
/** Newly remembered files of one scan: 48 bytes each are held until its end. The next scan remembers more. */
const mostNew = 1_000_000
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
      const store = openStore(folder)
      unmark(folder)
      return new StoredCache(store, folder, { now, fileSystems, log })
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

function openStore(folder: string): RootDatabase<Buffer, Buffer> {
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
  readonly #store: RootDatabase<Buffer, Buffer>
  readonly #folder: string
  readonly #ports: CleanCachePorts
  /** Scans that use it now. */
  #inUse = 0

  constructor(store: RootDatabase<Buffer, Buffer>, folder: string, ports: CleanCachePorts) {
    this.#store = store
    this.#folder = folder
    this.#ports = ports
  }

  generation(name: string): CacheGeneration {
    this.#inUse += 1
    if (this.#inUse === 1) mark(this.#folder)
    const digest = createHash('sha256').update(name).digest().subarray(0, 16)
    return new Generation(this.#store, digest, this.#ports, () => {
      this.#inUse -= 1
      if (this.#inUse === 0) unmark(this.#folder)
    })
  }

  async close(): Promise<void> {
    await this.#store.close()
  }
}

/** A folder whose memory has changed. */
interface Changed {
  readonly key: Buffer
  readonly rows: RecordBuilder
}

class Generation implements CacheGeneration {
  readonly #store: RootDatabase<Buffer, Buffer>
  readonly #name: Buffer
  readonly #ports: CleanCachePorts
  readonly #fileSystems: FileSystemTypes
  readonly #onDone: () => void
  readonly #changed = new Map<string, Changed>()
  #remembered = 0

  constructor(store: RootDatabase<Buffer, Buffer>, name: Buffer, ports: CleanCachePorts, onDone: () => void) {
    this.#store = store
    this.#name = name
    this.#ports = ports
    this.#onDone = onDone
    this.#fileSystems = ports.fileSystems()
  }

  folder(folder: string, dev: bigint, ino: bigint): KnownFolder | null {
    if (!isStamping(this.#fileSystems, folder)) return null
    const key = keyOf(dev, ino)
    const now = this.#ports.now()
    const reader = this.#read(key, now)
    let seen: number[] | null = []
    return {
      isKnown: (file) => {
        const at = file.dev === dev ? (reader?.find(file) ?? -1) : -1
        if (at >= 0) seen?.push(at)
        return at >= 0
      },
      remember: (file, readAtMs) => {
        if (file.dev !== dev || this.#remembered >= mostNew || !isSettled(file, readAtMs)) return
        const known = this.#changedOf(key)
        // The rows of files that are still there stay; those that this walk did not see go.
        if (reader !== null) for (const at of seen ?? []) known.rows.addRow(reader.row(at))
        seen = null
        known.rows.add(file, readAtMs)
        this.#remembered += 1
      },
    }
  }

  flush(): void {
    const changed = [...this.#changed.values()]
    this.#changed.clear()
    try {
      if (changed.length === 0) return
      this.#store.transactionSync(() => {
        for (const { key, rows } of changed) void this.#store.put(key, rows.pack(this.#name))
      })
    } catch (error) {
      // A full disk, for instance: the files are read again next time.
      this.#ports.log(`clean cache not written: ${error instanceof Error ? error.message : 'unknown'}`)
    } finally {
      this.#onDone()
    }
  }

  #changedOf(key: Buffer): Changed {
    const name = key.toString('latin1')
    const known = this.#changed.get(name) ?? { key, rows: new RecordBuilder() }
    this.#changed.set(name, known)
    return known
  }

  #read(key: Buffer, now: number): RecordReader | null {
    const value = this.#store.getBinaryFast(key)
    const rows = value === undefined ? null : readRecord(this.#name, value)
    return rows === null ? null : new RecordReader(rows, now - keptMs, now)
  }
}

function keyOf(dev: bigint, ino: bigint): Buffer {
  const key = Buffer.alloc(16)
  key.writeBigUInt64BE(BigInt.asUintN(64, dev), 0)
  key.writeBigUInt64BE(BigInt.asUintN(64, ino), 8)
  return key
}
