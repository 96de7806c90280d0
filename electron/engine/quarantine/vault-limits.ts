// How much room Quarantine may take, in one table. Pure but for asking the volume how full it is.
// Never removes anything.
import { statfsSync } from 'node:fs'
import { defaultQuarantineBytes } from '#shared/domain/quarantine-limits.ts'
import type { ErrorCode } from '#shared/errors.ts'

export interface VaultLimits {
  /** Largest object kept without asking, bytes. */
  readonly objectBytes: number
  /** All copies together, bytes. */
  readonly totalBytes: number
  /** Share of the volume that stays free, 0..1. */
  readonly freeShare: number
  /** Upper bound of that share, bytes: on a large disk 5 % would refuse treatment with plenty of room left. */
  readonly freeBytesAtMost: number
}

export const defaultLimits: VaultLimits = {
  objectBytes: 256 * 1024 * 1024,
  totalBytes: defaultQuarantineBytes,
  freeShare: 0.05,
  freeBytesAtMost: 2 * 1024 * 1024 * 1024,
}

/** Room on a volume, bytes. `free`: what an ordinary user may still use. */
export interface FreeSpace {
  readonly free: number
  readonly total: number
}

export interface RoomQuestion {
  readonly sizeBytes: number
  readonly sealedBytes: number
  /** Bytes of copies that may not go. */
  readonly used: number
  /** Bytes of copies that will be removed first. */
  readonly expired: number
  readonly space: FreeSpace
}

/** Why an object of this size cannot be kept, or undefined. */
export function roomError(question: RoomQuestion, limits: VaultLimits): ErrorCode | undefined {
  if (question.sizeBytes > limits.objectBytes) return 'too-large'
  if (question.used + question.sealedBytes > limits.totalBytes) return 'backup-failed'
  const guard = Math.min(question.space.total * limits.freeShare, limits.freeBytesAtMost)
  return question.space.free + question.expired - question.sealedBytes < guard ? 'disk-full' : undefined
}

/** Room on the volume a folder is on. */
export function freeSpaceOf(folder: string): FreeSpace {
  const volume = statfsSync(folder)
  return { free: volume.bavail * volume.bsize, total: volume.blocks * volume.bsize }
}
