// Puts a copy back: the same bytes, owner, times and mode, at a name that must be free.
// SECURITY: walks without following links, never replaces a file, never gives setuid or setgid back.
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, constants, fchmodSync, fchownSync, fsyncSync, futimesSync, openSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { FilePath } from '#shared/domain/file-path.ts'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import type { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { pieces, writeAll } from '../files/content.ts'
import { Folder, splitPath } from '../files/dirfd.ts'
import { asProductError, errnoOf } from '../files/fs-errors.ts'
import { temporaryName } from '../files/own-names.ts'
import { toBytes, toFilePath } from '../files/path-text.ts'
import type { OpenedCopy, Vault } from './vault.ts'

export interface RestoreDeps {
  readonly dataDir: string
  readonly vault: Pick<Vault, 'open'>
  /** Looks at an open file with the databases in use; null when nothing can be said about it. */
  readonly rescan: (fd: number) => Promise<{ readonly findings: readonly unknown[] } | null>
}

export interface RestoreOrder {
  readonly id: QuarantineId
  /** Null: the original place. */
  readonly target: FilePath | null
  readonly evenIfDetected: boolean
}

export interface Restored {
  readonly path: FilePath
  readonly sha256: string
  readonly detectionId: DetectionId
}

/**
 * Restores a copy; it stays in Quarantine. Throws ProductError `still-detected` (also, with detail `not-scanned`, when nothing
 * can be said), `target-exists`, `not-found` (detail `folder` when the folder is missing), `in-use` (a restart is pending),
 * `vault-damaged`, `vault-key-lost`, `object-changed` (a link on the way), `no-permission`, `read-only-volume`, `disk-full`.
 */
export async function restoreCopy(deps: RestoreDeps, order: RestoreOrder): Promise<Restored> {
  const copy = deps.vault.open(order.id)
  try {
    if (copy.pending) throw new ProductError('in-use', 'pending-restart')
    const path = order.target === null ? toBytes(copy.metadata.path) : toBytes(order.target)
    await placeCopy(deps, { copy, path, evenIfDetected: order.evenIfDetected })
    return { path: toFilePath(path), sha256: copy.metadata.identity.sha256, detectionId: copy.detectionId }
  } catch (error) {
    throw asProductError(error)
  } finally {
    copy.close()
  }
}

interface Placing {
  readonly copy: OpenedCopy
  readonly path: Buffer
  readonly evenIfDetected: boolean
}

async function placeCopy(deps: RestoreDeps, { copy, path, evenIfDetected }: Placing): Promise<void> {
  const { folder: parent, name } = splitPath(path)
  const folder = openTargetFolder(parent)
  try {
    if (folder.lstatIfThere(name) !== undefined) throw new ProductError('target-exists')
    const plain = await unseal(deps.dataDir, copy)
    try {
      const detected = await isDetected(deps, plain, evenIfDetected)
      await writeTarget(plain, { folder, name, metadata: copy.metadata, detected })
    } finally {
      closeSync(plain)
    }
  } finally {
    folder.close()
  }
}

function openTargetFolder(path: Buffer): Folder {
  try {
    return Folder.open(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw new ProductError('not-found', 'folder', { cause: error })
    throw error
  }
}

/** The content in a file of ours that has no name any more, checked against its hash. */
async function unseal(dataDir: string, copy: OpenedCopy): Promise<number> {
  const file = join(dataDir, 'quarantine', `${randomBytes(12).toString('hex')}.part`)
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  try {
    unlinkSync(file)
    const hash = createHash('sha256')
    for await (const bytes of copy.content()) {
      hash.update(bytes)
      writeAll(fd, bytes)
    }
    if (hash.digest('hex') !== copy.metadata.identity.sha256) throw new ProductError('vault-damaged', 'hash')
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

async function isDetected(deps: RestoreDeps, fd: number, evenIfDetected: boolean): Promise<boolean> {
  const seen = await deps.rescan(fd)
  if (seen !== null && seen.findings.length === 0) return false
  if (!evenIfDetected) throw new ProductError('still-detected', seen === null ? 'not-scanned' : undefined)
  return true
}

interface TargetFile {
  readonly folder: Folder
  readonly name: Buffer
  readonly metadata: QuarantineMetadata
  readonly detected: boolean
}

/** Under a name of ours first, so that nobody sees half a file; then linked to its name, which fails when it is taken. */
async function writeTarget(plain: number, target: TargetFile): Promise<void> {
  const { folder, name } = target
  const temp = temporaryName()
  const fd = folder.createFile(temp)
  try {
    for await (const bytes of pieces(plain)) writeAll(fd, bytes)
    applyAttributes(fd, target)
    fsyncSync(fd)
    giveName(folder, temp, name)
    folder.sync()
  } catch (error) {
    if (folder.lstatIfThere(temp) !== undefined) folder.unlink(temp)
    throw error
  } finally {
    closeSync(fd)
  }
}

function applyAttributes(fd: number, { metadata, detected }: TargetFile): void {
  try {
    fchownSync(fd, metadata.uid, metadata.gid)
  } catch (error) {
    // Without root a file of another owner comes back as ours.
    if (errnoOf(error) !== 'EPERM') throw error
  }
  fchmodSync(fd, metadata.mode & (detected ? 0o666 : 0o777))
  futimesSync(fd, secondsOf(metadata.atimeNs), secondsOf(metadata.identity.mtimeNs))
}

/** Seconds with their fraction; a double keeps it to the microsecond. */
function secondsOf(ns: string): number {
  return Number(BigInt(ns) / 1000n) / 1e6
}

function giveName(folder: Folder, temp: Buffer, name: Buffer): void {
  try {
    folder.link(temp, folder, name)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno !== 'EPERM' && errno !== 'EOPNOTSUPP') throw error
    // A file system without hard links.
    if (folder.lstatIfThere(name) !== undefined) throw new ProductError('target-exists')
    folder.rename(temp, folder, name)
    return
  }
  folder.unlink(temp)
}
