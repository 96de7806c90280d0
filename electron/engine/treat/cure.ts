// Cures a file whose bad parts are members of a ZIP: writes the rest beside the original and looks at it again.
// Owns the decision whether a cure makes sense; never touches the original.
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, fchmodSync, fchownSync, fstatSync, fsyncSync, futimesSync } from 'node:fs'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { ProductError } from '#shared/errors.ts'
import { readWhole, writeAll } from '../files/content.ts'
import { errnoOf } from '../files/fs-errors.ts'
import { toFilePath } from '../files/path-text.ts'
import { StepAborted, stepDone, type TreatContext } from './context.ts'
import { removeMembers } from './cure-zip.ts'
import type { Target } from './target.ts'

/** How an order to disinfect is carried out. */
export type CurePlan =
  | { readonly kind: 'cure'; readonly bytes: Buffer }
  /** There is nothing to keep, or it cannot be kept safely. */
  | { readonly kind: 'delete' }
  /** A container that we do not write, with good members in it: left alone. */
  | { readonly kind: 'leave' }

const zipFormats: ReadonlySet<string> = new Set(['zip', 'ooxml', 'jar', 'apk', 'odf'])
/** Larger archives are not rewritten in memory; they could not be kept in Quarantine either. */
const maxArchiveBytes = 256 * 1024 * 1024

/** Decides, and makes the cured bytes. Throws ProductError `too-large` or errno errors. */
export async function planCure(target: Target): Promise<CurePlan> {
  const { object } = target.order
  const names = badMembers(object)
  if (names === undefined || object.container === undefined) return { kind: 'delete' }
  if (!zipFormats.has(object.container.format.toLowerCase())) {
    const { members, infectedMembers } = object.container
    return members > 0 && infectedMembers >= members ? { kind: 'delete' } : { kind: 'leave' }
  }
  // Renaming a cured file over one name would leave the infected file under its other names.
  if (target.stat.nlink > 1n) return { kind: 'delete' }
  const cure = removeMembers(await readWhole(target.fd, maxArchiveBytes), names)
  return cure.kind === 'cured' ? { kind: 'cure', bytes: cure.bytes } : { kind: 'delete' }
}

/** The cured file beside the original, on disk and looked at again. */
export interface CuredFile {
  readonly name: Buffer
  readonly ino: bigint
  readonly sha256: string
}

/** Writes the cured file. Undefined when it still matches or cannot be judged; then nothing is left of it. */
export async function writeCured(context: TreatContext, target: Target, bytes: Buffer): Promise<CuredFile | undefined> {
  const name = Buffer.from(`.${randomBytes(12).toString('hex')}.part`)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const { detectionId } = target.order
  context.log.add({ kind: 'cured', detectionId, name: toFilePath(name), sha256, sizeBytes: bytes.length })
  await stepDone(context, 'cure-planned')
  const fd = target.folder.createFile(name)
  try {
    writeAll(fd, bytes)
    copyAttributes(target, fd)
    fsyncSync(fd)
    await stepDone(context, 'cured-written')
    const verdict = await context.rescan(fd)
    await stepDone(context, 'cured-rescanned')
    if (verdict === 'nothing-found') return { name, sha256, ino: fstatSync(fd, { bigint: true }).ino }
    target.folder.unlink(name)
    return undefined
  } catch (error) {
    if (!(error instanceof StepAborted)) target.folder.unlink(name)
    throw error
  } finally {
    closeSync(fd)
  }
}

/** First parts of the member paths; undefined when the file itself is bad. */
function badMembers(object: DetectedObject): Set<string> | undefined {
  const names = new Set<string>()
  for (const { member } of object.findings) {
    const first = member[0]
    if (first === undefined) return undefined
    names.add(first)
  }
  return names
}

function copyAttributes(target: Target, fd: number): void {
  const { uid, gid, mode, atimeMs, mtimeMs } = target.stat
  try {
    fchownSync(fd, Number(uid), Number(gid))
  } catch (error) {
    // Not root: the owner is ours already or cannot be kept; a foreign group is the lesser loss.
    if (errnoOf(error) !== 'EPERM') throw error
    if (Number(uid) !== process.geteuid?.()) throw new ProductError('no-permission', 'owner', { cause: error })
  }
  fchmodSync(fd, Number(mode & 0o7777n))
  futimesSync(fd, Number(atimeMs) / 1000, Number(mtimeMs) / 1000)
}
