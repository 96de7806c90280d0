// Quarantine's store: sealed copies in `dataDir/quarantine/xx/<id>.q`, their index, and the limits on room and age.
// Never decides what is treated and never writes a copy back to its place (restore.ts does).
import { closeSync, constants, fstatSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { type ErrorCode, ProductError } from '#shared/errors.ts'
import type { QuarantineIndexEntry, QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { syncFolder, type WriteBytes } from '../files/atomic-write.ts'
import { hashOf, writeAll } from '../files/content.ts'
import { withProductErrors } from '../files/fs-errors.ts'
import { openSealed, seal, sealedSize } from './seal.ts'
import { fileOf, folderOf, makeStoreFolder, type OpenedIndex, openIndex } from './vault-index.ts'
import { defaultLimits, type FreeSpace, freeSpaceOf, roomError, type VaultLimits } from './vault-limits.ts'

export interface VaultOptions {
  readonly dataDir: string
  /** 32 bytes. */
  readonly masterKey: Buffer
  readonly retentionDays: number
  readonly now: () => Date
  readonly limits?: Partial<VaultLimits>
  /** Room on the volume of a folder; tests replace it. */
  readonly freeSpace?: (folder: string) => FreeSpace
  /** Raw writing; tests replace it to have a full disk. */
  readonly write?: WriteBytes
}

/** What is put into the store. `source`: a descriptor, read from its beginning; its content must be `metadata.identity`'s. */
export interface PutOrder {
  readonly id: QuarantineId
  readonly detectionId: DetectionId
  readonly source: number
  readonly metadata: QuarantineMetadata
}

/** A copy opened for reading. */
export interface OpenedCopy {
  readonly metadata: QuarantineMetadata
  readonly detectionId: DetectionId
  readonly pending: boolean
  content(): AsyncGenerator<Buffer>
  close(): void
}

export interface Vault {
  /** Throws what `put` would throw for lack of room, without touching anything: `too-large`, `backup-failed`, `disk-full`. */
  checkRoom(sizeBytes: number): void
  /**
   * Stores a copy and reads it back; it is on disk when this returns. Throws ProductError `too-large` (over 256 MB),
   * `backup-failed` (store full of copies that may not go), `disk-full`, `object-changed` (the content is not the identity's).
   */
  put(order: PutOrder): Promise<void>
  list(): QuarantineItem[]
  has(id: QuarantineId): boolean
  /** True when the copy opens, is whole, and its content has this SHA-256. Never throws for a bad copy. */
  verify(id: QuarantineId, sha256: string): Promise<boolean>
  /** Throws ProductError `not-found`, `vault-damaged`, `vault-key-lost`. The caller closes it. */
  open(id: QuarantineId): OpenedCopy
  /** Removes copies for good, also when the key is lost; how many there were. Pending ones stay. */
  delete(ids: readonly QuarantineId[]): number
  /** A treatment waits for a restart: the copy is neither evicted nor deleted nor restored until `release`. */
  hold(id: QuarantineId): void
  release(id: QuarantineId): void
  /** Removes copies past their retention time. */
  purge(): number
  close(): void
}

/** Opens the store, finishing or removing what a crash left half written. Throws ProductError for an unusable folder. */
export function createVault(options: VaultOptions): Vault {
  if (options.masterKey.length !== 32) throw new ProductError('vault-key-lost', 'no key')
  return new FileVault(options)
}

const dayMs = 86_400_000

class FileVault implements Vault {
  readonly #options: VaultOptions
  readonly #limits: VaultLimits
  readonly #folder: string
  readonly #index: OpenedIndex
  readonly #held = new Set<QuarantineId>()

  constructor(options: VaultOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#folder = join(options.dataDir, 'quarantine')
    this.#index = withProductErrors(() => {
      makeStoreFolder(this.#folder)
      return openIndex(this.#folder, options.masterKey)
    })
  }

  checkRoom(sizeBytes: number): void {
    const code = this.#roomError(sizeBytes)
    if (code !== undefined) throw new ProductError(code, `${sizeBytes}`)
  }

  async put(order: PutOrder): Promise<void> {
    const { identity } = order.metadata
    this.#makeRoom(identity.size)
    const file = fileOf(this.#folder, order.id)
    const storedAt = this.#options.now().toISOString()
    try {
      const storeBytes = await this.#write(order, `${file}.part`, storedAt)
      withProductErrors(() => {
        renameSync(`${file}.part`, file)
        syncFolder(dirname(file))
      })
      if (!(await this.#readsBack(order.id, identity.sha256))) throw new ProductError('vault-damaged', 'read back')
      this.#index.add(indexEntry(order, storedAt, storeBytes))
    } catch (error) {
      rmSync(`${file}.part`, { force: true })
      rmSync(file, { force: true })
      throw error
    }
  }

  list(): QuarantineItem[] {
    return [...this.#index.entries.values()].map((entry) => ({
      id: entry.id,
      detectionId: entry.detectionId,
      originalPath: entry.path,
      threat: entry.threat,
      sizeBytes: entry.sizeBytes,
      storedAt: entry.storedAt,
      expiresAt: new Date(this.#expiresMs(entry)).toISOString(),
      origin: entry.origin,
      restorable: !this.#held.has(entry.id),
    }))
  }

  has(id: QuarantineId): boolean {
    return this.#index.entries.has(id)
  }

  async verify(id: QuarantineId, sha256: string): Promise<boolean> {
    return this.has(id) && (await this.#readsBack(id, sha256))
  }

  open(id: QuarantineId): OpenedCopy {
    const entry = this.#index.entries.get(id)
    if (entry === undefined) throw new ProductError('not-found')
    const fd = this.#openFile(id)
    try {
      const { metadata, content, header } = openSealed(fd, id, this.#options.masterKey)
      const close = (): void => closeSync(fd)
      return { metadata, content, close, detectionId: header.detectionId, pending: this.#held.has(id) }
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  delete(ids: readonly QuarantineId[]): number {
    const there = ids.filter((id) => this.has(id) && !this.#held.has(id))
    for (const id of there) this.#remove(id)
    return there.length
  }

  hold(id: QuarantineId): void {
    this.#held.add(id)
  }

  release(id: QuarantineId): void {
    this.#held.delete(id)
  }

  purge(): number {
    return this.delete(this.#expired().map((entry) => entry.id))
  }

  close(): void {
    this.#index.close()
  }

  async #write(order: PutOrder, part: string, storedAt: string): Promise<number> {
    const { identity } = order.metadata
    const write = this.#options.write ?? writeAll
    const fd = withProductErrors(() => {
      makeStoreFolder(dirname(part))
      syncFolder(this.#folder)
      return openSync(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
    })
    try {
      const sealed = await seal({
        source: order.source,
        sizeBytes: identity.size,
        id: order.id,
        detectionId: order.detectionId,
        storedAt,
        metadata: order.metadata,
        masterKey: this.#options.masterKey,
        write: (bytes) => withProductErrors(() => write(fd, bytes)),
      })
      if (sealed.sha256 !== identity.sha256 || sealed.sizeBytes !== identity.size)
        throw new ProductError('object-changed')
      withProductErrors(() => fsyncSync(fd))
      return fstatSync(fd).size
    } finally {
      closeSync(fd)
    }
  }

  async #readsBack(id: QuarantineId, sha256: string): Promise<boolean> {
    let fd: number | undefined
    try {
      fd = this.#openFile(id)
      const sealed = openSealed(fd, id, this.#options.masterKey)
      return sealed.metadata.identity.sha256 === sha256 && (await hashOf(sealed.content())) === sha256
    } catch (error) {
      if (error instanceof ProductError) return false
      throw error
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  }

  #openFile(id: QuarantineId): number {
    return withProductErrors(() => openSync(fileOf(this.#folder, id), constants.O_RDONLY | constants.O_NOFOLLOW))
  }

  #makeRoom(sizeBytes: number): void {
    const code = this.#roomError(sizeBytes)
    if (code === 'too-large') throw new ProductError(code, `${sizeBytes}`)
    this.purge()
    this.checkRoom(sizeBytes)
  }

  #roomError(sizeBytes: number): ErrorCode | undefined {
    const expired = this.#expired().reduce((sum, entry) => sum + entry.storeBytes, 0)
    let used = -expired
    for (const entry of this.#index.entries.values()) used += entry.storeBytes
    const space = (this.#options.freeSpace ?? freeSpaceOf)(this.#folder)
    return roomError({ sizeBytes, sealedBytes: sealedSize(sizeBytes), used, expired, space }, this.#limits)
  }

  #expired(): QuarantineIndexEntry[] {
    const now = this.#options.now().getTime()
    return [...this.#index.entries.values()].filter(
      (entry) => this.#expiresMs(entry) <= now && !this.#held.has(entry.id),
    )
  }

  #expiresMs(entry: QuarantineIndexEntry): number {
    return Date.parse(entry.storedAt) + this.#options.retentionDays * dayMs
  }

  /** The file first: an index line without a file is dropped at the next start, a file without a line comes back. */
  #remove(id: QuarantineId): void {
    withProductErrors(() => {
      rmSync(fileOf(this.#folder, id), { force: true })
      syncFolder(folderOf(this.#folder, id))
      this.#index.remove(id)
    })
  }
}

function indexEntry(order: PutOrder, storedAt: string, storeBytes: number): QuarantineIndexEntry {
  return {
    version: 1,
    kind: 'stored',
    id: order.id,
    detectionId: order.detectionId,
    path: order.metadata.path,
    threat: order.metadata.threats[0] ?? '',
    sizeBytes: order.metadata.identity.size,
    storeBytes,
    storedAt,
    origin: order.metadata.origin,
  }
}
