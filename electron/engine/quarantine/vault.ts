// Quarantine's store: sealed copies in `dataDir/quarantine/xx/<id>.q`, their index, and the limits on room and age.
// Never decides what is treated and never writes a copy back to its place (restore.ts does).
import { join } from 'node:path'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import type { QuarantineItem, QuarantineSummary } from '#shared/domain/treatment.ts'
import { type ErrorCode, ProductError } from '#shared/errors.ts'
import type { QuarantineIndexEntry, QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import type { WriteBytes } from '../files/atomic-write.ts'
import { withProductErrors } from '../files/fs-errors.ts'
import { CopyFiles, type PutOrder } from './copy-files.ts'
import { keyIdOf, sealedSize } from './seal.ts'
import { indexEntry, makeStoreFolder, type OpenedIndex, openIndex } from './vault-index.ts'
import { defaultLimits, type FreeSpace, freeSpaceOf, roomError, type VaultLimits } from './vault-limits.ts'
import {
  type CopyNote,
  type CopyPage,
  countsOf,
  entriesOf,
  expiresMs,
  itemOf,
  type ListView,
  type PageQuery,
  pageOf,
  withNote,
} from './vault-list.ts'

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

/** A copy opened for reading. */
export interface OpenedCopy {
  readonly metadata: QuarantineMetadata
  readonly detectionId: DetectionId
  readonly pending: boolean
  content(): AsyncGenerator<Buffer>
  close(): void
}

export interface Vault {
  /**
   * Stores a copy and reads it back; it is on disk when this returns. Throws ProductError `too-large` (over 256 MB, unless a person agreed),
   * `backup-failed` (store full of copies that may not go), `disk-full`, `object-changed` (the content is not the identity's),
   * and what keeps the store from being written.
   */
  put(order: PutOrder): Promise<void>
  /** All, oldest first. Throws ProductError when the store cannot be read. */
  list(): QuarantineItem[]
  /** Newest first. Throws ProductError when the store cannot be read. */
  page(query: PageQuery): CopyPage
  summary(): QuarantineSummary
  /** Throws ProductError `not-found`. */
  get(id: QuarantineId): QuarantineItem
  has(id: QuarantineId): boolean
  /** Copies of the autostart entries that were removed with the object of this one. Throws ProductError `not-found`. */
  entriesOf(id: QuarantineId): QuarantineId[]
  /** True when the copy opens, is whole, and its content has this SHA-256. Never throws for a bad copy. */
  verify(id: QuarantineId, sha256: string): Promise<boolean>
  /** Throws ProductError `not-found`, `vault-damaged`, `vault-key-lost`; what is damaged is listed so. The caller closes it. */
  open(id: QuarantineId): OpenedCopy
  /** Copies whose content was not looked at with these databases yet, oldest first. */
  unlooked(databases: string): QuarantineIndexEntry[]
  /** Notes how a look at a copy's content ended. `kept`: a person knows of it and leaves it there. */
  note(id: QuarantineId, note: CopyNote): void
  /** Removes copies for good, also when the key is lost; how many there were. Pending ones stay. */
  delete(ids: readonly QuarantineId[]): number
  /** A treatment waits for a restart: the copy is neither evicted nor deleted nor restored until `release`. */
  hold(id: QuarantineId): void
  release(id: QuarantineId): void
  /** Removes copies past their retention time. */
  purge(): number
  close(): void
}

/**
 * Opens the store, finishing or removing what a crash left half written. A store that cannot be used has no copies, takes none
 * and says why when it is listed; it is tried again with every call.
 */
export function createVault(options: VaultOptions): Vault {
  if (options.masterKey.length !== 32) throw new ProductError('vault-key-lost', 'no key')
  return new FileVault(options)
}

class FileVault implements Vault {
  readonly #options: VaultOptions
  readonly #limits: VaultLimits
  readonly #folder: string
  readonly #files: CopyFiles
  readonly #keyId: string
  readonly #held = new Set<QuarantineId>()
  #opened: OpenedIndex | undefined

  constructor(options: VaultOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#folder = join(options.dataDir, 'quarantine')
    this.#files = new CopyFiles({ ...options, folder: this.#folder })
    this.#keyId = keyIdOf(options.masterKey)
    this.#ifUsable(() => undefined)
  }

  async put(order: PutOrder): Promise<void> {
    this.#makeRoom(order)
    const storedAt = this.#options.now().toISOString()
    const storeBytes = await this.#files.store(order, storedAt)
    try {
      this.#index().set({ ...indexEntry(order, storedAt, storeBytes), keyId: this.#keyId })
    } catch (error) {
      this.#files.discard(order.id)
      throw error
    }
  }

  list(): QuarantineItem[] {
    const view = this.#view()
    return [...view.entries.values()].map((entry) => itemOf(entry, view))
  }

  page(query: PageQuery): CopyPage {
    return pageOf(this.#view(), query)
  }

  summary(): QuarantineSummary {
    const index = this.#index()
    return { ...countsOf(index.entries), storeBytes: index.storeBytes(), limitBytes: this.#limits.totalBytes }
  }

  get(id: QuarantineId): QuarantineItem {
    return itemOf(this.#entry(id), this.#view())
  }

  has(id: QuarantineId): boolean {
    return this.#ifUsable(({ entries }) => entries.has(id)) ?? false
  }

  entriesOf(id: QuarantineId): QuarantineId[] {
    return entriesOf(this.#index(), this.#entry(id))
  }

  async verify(id: QuarantineId, sha256: string): Promise<boolean> {
    return this.has(id) && (await this.#files.readsBack(id, sha256))
  }

  open(id: QuarantineId): OpenedCopy {
    this.#entry(id)
    try {
      const { metadata, content, header, close } = this.#files.open(id)
      const watched = () => this.#watched(id, content())
      return { metadata, detectionId: header.detectionId, pending: this.#held.has(id), content: watched, close }
    } catch (error) {
      throw this.#noted(id, error)
    }
  }

  unlooked(databases: string): QuarantineIndexEntry[] {
    const all = [...this.#index().entries.values()]
    return all.filter(({ id, lookedWith }) => lookedWith !== databases && !this.#held.has(id))
  }

  note(id: QuarantineId, noted: CopyNote): void {
    this.#index().set(withNote(this.#entry(id), noted))
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
    return this.#ifUsable(() => this.delete(this.#expired().map((entry) => entry.id))) ?? 0
  }

  close(): void {
    this.#opened?.close()
    this.#opened = undefined
  }

  /** Throws ProductError when the store cannot be used. */
  #index(): OpenedIndex {
    this.#opened ??= withProductErrors(() => {
      makeStoreFolder(this.#folder)
      const { masterKey, write } = this.#options
      return openIndex({ folder: this.#folder, masterKey, ...(write === undefined ? {} : { write }) })
    })
    return this.#opened
  }

  #ifUsable<T>(act: (index: OpenedIndex) => T): T | undefined {
    try {
      return act(this.#index())
    } catch (error) {
      if (error instanceof ProductError) return undefined
      throw error
    }
  }

  #view(): ListView {
    const { retentionDays } = this.#options
    return { entries: this.#index().entries, retentionDays, held: this.#held, keyId: this.#keyId }
  }

  #entry(id: QuarantineId): QuarantineIndexEntry {
    const entry = this.#index().entries.get(id)
    if (entry === undefined) throw new ProductError('not-found')
    return entry
  }

  /** A copy that turned out whole after all is not listed as damaged any more. */
  async *#watched(id: QuarantineId, content: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield* content
    } catch (error) {
      throw this.#noted(id, error)
    }
    this.#mark(id, false)
  }

  /** Remembers that a copy is damaged or was taken away by somebody; the error to throw. */
  #noted(id: QuarantineId, error: unknown): unknown {
    if (error instanceof ProductError && error.code === 'vault-damaged') this.#mark(id, true)
    if (!(error instanceof ProductError) || error.code !== 'object-gone') return error
    this.#index().remove(id)
    return new ProductError('not-found', undefined, { cause: error })
  }

  #mark(id: QuarantineId, isDamaged: boolean): void {
    this.#ifUsable((index) => {
      const entry = index.entries.get(id)
      if (entry === undefined || (entry.damaged ?? false) === isDamaged) return
      const { damaged: _before, ...rest } = entry
      index.set(isDamaged ? { ...rest, damaged: true } : rest)
    })
  }

  #makeRoom(order: PutOrder): void {
    const { size } = order.metadata.identity
    const code = this.#roomError(order)
    if (code === 'too-large') throw new ProductError(code, `${size}`)
    this.purge()
    const still = this.#roomError(order)
    if (still !== undefined) throw new ProductError(still, `${size}`)
  }

  #roomError({ metadata, isLargeAllowed = false }: PutOrder): ErrorCode | undefined {
    const sizeBytes = metadata.identity.size
    const expired = this.#expired().reduce((sum, entry) => sum + entry.storeBytes, 0)
    const used = this.#index().storeBytes() - expired
    const space = withProductErrors(() => (this.#options.freeSpace ?? freeSpaceOf)(this.#folder))
    const sealedBytes = sealedSize(sizeBytes, Buffer.byteLength(JSON.stringify(metadata)))
    const objectBytes = isLargeAllowed ? Number.POSITIVE_INFINITY : this.#limits.objectBytes
    return roomError({ sizeBytes, sealedBytes, used, expired, space }, { ...this.#limits, objectBytes })
  }

  /** Copies are listed oldest first: after one that is young enough there are only younger ones. */
  #expired(): QuarantineIndexEntry[] {
    const now = this.#options.now().getTime()
    const expired: QuarantineIndexEntry[] = []
    for (const entry of this.#index().entries.values()) {
      if (expiresMs(entry, this.#options.retentionDays) > now) break
      if (!this.#held.has(entry.id)) expired.push(entry)
    }
    return expired
  }

  /** The file first: an index line without a file is dropped at the next start, a file without a line comes back. */
  #remove(id: QuarantineId): void {
    this.#files.remove(id)
    this.#index().remove(id)
  }
}
