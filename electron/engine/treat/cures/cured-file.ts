// Writes a cured content beside the original and looks at it again.
// Owns the proof that the bad is gone and nothing else went along; never decides what happens otherwise, never touches the original.
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync } from 'node:fs'
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { TreatmentOutcome, UnkeptProperty } from '#shared/domain/treatment.ts'
import type { Coverage, NotScannedReason } from '#shared/domain/verdict.ts'
import { writeAll } from '../../files/content.ts'
import { temporaryName } from '../../files/own-names.ts'
import { toFilePath } from '../../files/path-text.ts'
import { type Rescanned, StepAborted, stepDone, type TreatContext } from '../context.ts'
import type { Target } from '../target.ts'
import { badLeaves } from '../whole.ts'
import { keepAttributes } from './attributes.ts'
import type { CuredContent } from './cure.ts'

/** Why a cured file cannot take the original's place. */
export type CureFailure =
  /** What was to be removed is still found. */
  | 'still-infected'
  /** More was removed than what is bad, or nobody can tell. */
  | 'takes-good'

/** The cured file beside the original, on disk and looked at again. */
export interface CuredFile {
  readonly name: Buffer
  readonly ino: bigint
  readonly sha256: string
  readonly unkept: readonly UnkeptProperty[]
}

/** How a treatment ends whose cured file is in place. */
export function disinfected(quarantineId: QuarantineId, unkept: readonly UnkeptProperty[] = []): TreatmentOutcome {
  return { status: 'disinfected', quarantineId, ...(unkept.length === 0 ? {} : { unkept: [...unkept] }) }
}

/** Writes the cured file. When it cannot take the original's place nothing is left of it. */
export async function writeCured(
  context: TreatContext,
  target: Target,
  cure: CuredContent,
): Promise<CuredFile | CureFailure> {
  const { bytes } = cure
  const name = temporaryName()
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const { detectionId } = target.order
  const line = { kind: 'cured', detectionId, name: toFilePath(name), sha256, sizeBytes: bytes.length } as const
  context.log.add(line)
  await stepDone(context, 'cure-planned')
  const fd = target.folder.createFile(name)
  try {
    writeAll(fd, bytes)
    const unkept = keepAttributes(target, fd)
    fsyncSync(fd)
    if (unkept.length > 0) context.log.add({ ...line, unkept })
    await stepDone(context, 'cured-written')
    const failure = failureOf(target.order.object, cure, await context.rescan(fd))
    await stepDone(context, 'cured-rescanned')
    if (failure === undefined) return { name, sha256, unkept, ino: fstatSync(fd, { bigint: true }).ino }
    target.folder.unlink(name)
    return failure
  } catch (error) {
    if (!(error instanceof StepAborted)) target.folder.unlink(name)
    throw error
  } finally {
    closeSync(fd)
  }
}

/** Compares what is left with what was ordered to go; other findings may stay. Undefined when the cure is good. */
function failureOf(object: DetectedObject, cure: CuredContent, seen: Rescanned | null): CureFailure | undefined {
  if (seen === null || !seen.findingsComplete || sawLess(seen, object)) return 'takes-good'
  const ordered = new Set(object.findings.map(({ threat }) => threat))
  if (seen.findings.some(({ threat }) => ordered.has(threat))) return 'still-infected'
  return tookGood(object, cure, seen) ? 'takes-good' : undefined
}

/** That nothing was found counts only when at least as much was looked at as before. */
function sawLess(seen: Rescanned, object: DetectedObject): boolean {
  const known = reasonsIn(object.coverage)
  return reasonsIn(seen.coverage).some((reason) => !known.includes(reason))
}

function reasonsIn(coverage: Coverage): readonly NotScannedReason[] {
  if (coverage.kind === 'full') return []
  return coverage.kind === 'none' ? [coverage.reason] : coverage.reasons
}

/** A bad file inside of a removed member may have had good neighbours there: then more leaves are gone than are bad. */
function tookGood(object: DetectedObject, cure: CuredContent, seen: Rescanned): boolean {
  if (cure.companions === Number.POSITIVE_INFINITY) return false
  const itself = new Set(object.findings.filter(({ member }) => member.length === 1).map(({ member }) => member[0]))
  if (object.findings.every(({ member }) => itself.has(member[0]))) return false
  if (object.coverage.kind !== 'full' || seen.container === undefined) return true
  const gone = (object.container?.leaves ?? 0) - seen.container.leaves
  return gone > badLeaves(object.findings) + cure.companions
}
