// The sealed files of the store: written whole or not at all, read back, opened, removed.
// Owns the files in `xx/<id>.q`; never their list, their limits or what is done with their content.
import { closeSync, constants, fstatSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import type { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { syncFolder, type WriteBytes } from '../files/atomic-write.ts'
import { hashOf, writeAll } from '../files/content.ts'
import { asProductError, withProductErrors } from '../files/fs-errors.ts'
import { type Opened, openSealed, seal } from './seal.ts'
import { fileOf, folderOf, makeStoreFolder } from './vault-index.ts'

/** What is put into the store. `source`: a descriptor, read from its beginning; its content must be `metadata.identity`'s. */
export interface PutOrder {
  readonly id: QuarantineId
  readonly detectionId: DetectionId
  readonly source: number
  readonly metadata: QuarantineMetadata
  /** A person agreed to one of any size; the room of all copies and of the disk counts all the same. */
  readonly isLargeAllowed?: boolean
}

export interface CopyFilesOptions {
  readonly folder: string
  readonly masterKey: Buffer
  readonly write?: WriteBytes | undefined
}

export interface OpenedFile extends Opened {
  close(): void
}

export class CopyFiles {
  readonly #options: CopyFilesOptions

  constructor(options: CopyFilesOptions) {
    this.#options = options
  }

  /**
   * Writes a copy, reads it back and returns how much room it takes, bytes. Throws ProductError, `object-changed` when the
   * content is not the identity's; then nothing is left of it.
   */
  async store(order: PutOrder, storedAt: string): Promise<number> {
    const { sha256 } = order.metadata.identity
    const file = this.#file(order.id)
    try {
      const storeBytes = await this.#write(order, `${file}.part`, storedAt)
      withProductErrors(() => {
        renameSync(`${file}.part`, file)
        syncFolder(dirname(file))
      })
      if (!(await this.readsBack(order.id, sha256))) throw new ProductError('vault-damaged', 'read back')
      return storeBytes
    } catch (error) {
      this.discard(order.id)
      throw error
    }
  }

  /** True when the copy opens, is whole, and its content has this SHA-256. */
  async readsBack(id: QuarantineId, sha256: string): Promise<boolean> {
    let opened: OpenedFile | undefined
    try {
      opened = this.open(id)
      return opened.metadata.identity.sha256 === sha256 && (await hashOf(opened.content())) === sha256
    } catch (error) {
      if (error instanceof ProductError) return false
      throw error
    } finally {
      opened?.close()
    }
  }

  /** Throws ProductError `object-gone`, `vault-damaged`, `vault-key-lost`. The caller closes it. */
  open(id: QuarantineId): OpenedFile {
    const fd = withProductErrors(() => openSync(this.#file(id), constants.O_RDONLY | constants.O_NOFOLLOW))
    try {
      return { ...openSealed(fd, id, this.#options.masterKey), close: () => closeSync(fd) }
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  /** On disk when it returns. Throws ProductError. */
  remove(id: QuarantineId): void {
    withProductErrors(() => {
      rmSync(this.#file(id), { force: true })
      syncFolder(folderOf(this.#options.folder, id))
    })
  }

  /** After a failed write: what cannot be removed now is removed at the next start. */
  discard(id: QuarantineId): void {
    for (const file of [`${this.#file(id)}.part`, this.#file(id)]) {
      try {
        rmSync(file, { force: true })
      } catch (error) {
        if (!(asProductError(error) instanceof ProductError)) throw error
      }
    }
  }

  async #write({ id, detectionId, source, metadata }: PutOrder, part: string, storedAt: string): Promise<number> {
    const { folder, masterKey, write = writeAll } = this.#options
    const { sha256, size: sizeBytes } = metadata.identity
    const fd = withProductErrors(() => {
      makeStoreFolder(dirname(part))
      syncFolder(folder)
      return openSync(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
    })
    try {
      const sealed = await seal({
        ...{ source, sizeBytes, id, detectionId, storedAt, metadata, masterKey },
        write: (bytes) => withProductErrors(() => write(fd, bytes)),
      })
      if (sealed.sha256 !== sha256 || sealed.sizeBytes !== sizeBytes) throw new ProductError('object-changed')
      withProductErrors(() => fsyncSync(fd))
      return fstatSync(fd).size
    } finally {
      closeSync(fd)
    }
  }

  #file(id: QuarantineId): string {
    return fileOf(this.#options.folder, id)
  }
}
