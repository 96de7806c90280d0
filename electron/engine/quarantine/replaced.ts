// The file that a cure left at the place of an original: an undo may take exactly that away, after a copy of it was kept.
// Owns the proof that it is still just what the cure wrote.
import { randomUUID } from 'node:crypto'
import { type BigIntStats, closeSync, fstatSync } from 'node:fs'
import { QuarantineId } from '#shared/domain/ids.ts'
import type { FileIdentity } from '#shared/domain/object-report.ts'
import { ProductError } from '#shared/errors.ts'
import type { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { identityOfOpen } from '../files/content.ts'
import type { Folder } from '../files/dirfd.ts'
import { linuxCalls } from '../files/linux-calls.ts'
import { openRegular } from '../treat/target.ts'
import { keptFacts } from './attributes.ts'
import type { OpenedCopy, Vault } from './vault.ts'

export interface Replaced {
  readonly fd: number
  readonly stat: BigIntStats
  readonly identity: FileIdentity
  close(): void
}

export interface ReplaceRule extends Pick<QuarantineMetadata, 'replacedBy'> {
  readonly isOld: boolean
}

/**
 * What has the name and may go; undefined when the name is free. Throws ProductError `target-exists` for everything else, also
 * where two names cannot be exchanged in one step.
 */
export async function openReplaced(
  folder: Folder,
  name: Buffer,
  { isOld, replacedBy }: ReplaceRule,
): Promise<Replaced | undefined> {
  if (folder.lstatIfThere(name) === undefined) return undefined
  if (!isOld || replacedBy === undefined || linuxCalls() === undefined) throw new ProductError('target-exists')
  const fd = openFile(folder, name)
  try {
    const identity = await identityOfOpen(fd)
    if (identity.sha256 !== replacedBy) throw new ProductError('target-exists')
    return { fd, stat: fstatSync(fd, { bigint: true }), identity, close: () => closeSync(fd) }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Puts what goes into Quarantine, under the detection of the original; the id of that copy. Throws what `put` throws. */
export async function keepReplaced(
  vault: Pick<Vault, 'put'>,
  { metadata, detectionId }: OpenedCopy,
  { fd, stat, identity }: Replaced,
): Promise<QuarantineId> {
  const id = QuarantineId.parse(randomUUID())
  const { version, path, threats, databaseVersion, verb, origin, bootToken } = metadata
  const why = { version, path, threats, databaseVersion, verb, origin, bootToken, copyOf: 'cured' as const }
  await vault.put({ id, detectionId, source: fd, metadata: { ...why, identity, ...keptFacts(fd, stat) } })
  return id
}

/** A link or a folder that has the name is none that a cure left. */
function openFile(folder: Folder, name: Buffer): number {
  try {
    return openRegular(folder, name)
  } catch (error) {
    if (error instanceof ProductError) throw new ProductError('target-exists', undefined, { cause: error })
    throw error
  }
}
