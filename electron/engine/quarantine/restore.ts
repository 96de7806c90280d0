// Puts a copy back: the same bytes and, as far as it can, everything else the original had, at a name that must be free.
// Owns the order of the questions (waits for a restart, place, still detected) and the errors; place.ts writes.
import type { FilePath } from '#shared/domain/file-path.ts'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import type { GivenEntries, RestoreLoss } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import { asProductError } from '../files/fs-errors.ts'
import { toBytes, toFilePath } from '../files/path-text.ts'
import { checkPlace, type PlaceDeps, putInPlace } from './place.ts'
import { withPlain } from './plain-copy.ts'
import type { Vault } from './vault.ts'

export interface RestoreDeps extends PlaceDeps {
  readonly dataDir: string
  readonly vault: Pick<Vault, 'open' | 'put' | 'delete'>
  /** Looks at an open file with the databases in use; null when nothing can be said about it. */
  readonly rescan: (fd: number) => Promise<{ readonly findings: readonly unknown[] } | null>
}

export interface RestoreOrder {
  readonly id: QuarantineId
  /** Null: the original place. */
  readonly target: FilePath | null
  readonly evenIfDetected: boolean
  /** Folders that are missing are made. */
  readonly makeFolder: boolean
}

export interface Restored {
  readonly path: FilePath
  readonly sha256: string
  readonly detectionId: DetectionId
  /** What the file does not have any more of what it had. */
  readonly notKept: RestoreLoss[]
  /** The copy of the cured file that was at the place. */
  readonly replaced?: QuarantineId
  /** Of an object: the autostart entries that were removed with it, and why some of them are not back. */
  readonly entries?: GivenEntries
}

/**
 * Restores a copy; it stays in Quarantine. Throws ProductError `still-detected` (also, with detail `not-scanned`, when nothing
 * can be said), `target-exists`, `not-found` (detail `folder` when the folder is missing), `in-use` (a restart is pending),
 * `vault-damaged`, `vault-key-lost`, `object-changed` (a link on the way), `needs-administrator`, `no-permission`,
 * `read-only-volume`, `disk-full`, and for what a cure left at the place all that keeps a copy of it from being stored.
 */
export async function restoreCopy(deps: RestoreDeps, order: RestoreOrder): Promise<Restored> {
  const { id, makeFolder } = order
  const copy = deps.vault.open(id)
  try {
    if (copy.pending) throw new ProductError('in-use', 'pending-restart')
    const path = order.target === null ? toBytes(copy.metadata.path) : toBytes(order.target)
    const place = { path, isOld: order.target === null, makeFolder }
    await checkPlace(place, copy)
    const putBack = async (plain: number) => {
      const detected = await isDetected(deps, plain, order.evenIfDetected)
      return putInPlace(deps, { id, copy, plain, place, detected })
    }
    const placed = await withPlain(deps.dataDir, copy, putBack, deps.write)
    const { sha256 } = copy.metadata.identity
    return { path: toFilePath(path), sha256, detectionId: copy.detectionId, ...placed }
  } catch (error) {
    throw restoreError(error)
  } finally {
    copy.close()
  }
}

async function isDetected(deps: RestoreDeps, fd: number, evenIfDetected: boolean): Promise<boolean> {
  const seen = await deps.rescan(fd)
  if (seen !== null && seen.findings.length === 0) return false
  if (!evenIfDetected) throw new ProductError('still-detected', seen === null ? 'not-scanned' : undefined)
  return true
}

/** What we may not do, an administrator may. */
function restoreError(error: unknown): unknown {
  const known = asProductError(error)
  const isRoot = process.geteuid?.() === 0
  if (!(known instanceof ProductError) || known.code !== 'no-permission' || isRoot) return known
  return new ProductError('needs-administrator', known.detail, { cause: error })
}
