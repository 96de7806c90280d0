// The journals of treatment: what is about to be done to a file (written before it is done), how it ended, and what waits
// for a restart. Owns the lines only.
import { z } from 'zod'
import { FilePath } from '../domain/file-path.ts'
import { DetectionId, QuarantineId } from '../domain/ids.ts'
import { FileIdentity } from '../domain/object-report.ts'
import { BigDecimal, Bytes, Count, LongText, Sha256, ShortText, Timestamp } from '../domain/primitives.ts'
import {
  AutostartKind,
  RestartReason,
  TreatmentOrder,
  TreatmentOutcome,
  UnkeptProperty,
  WhyNotEnded,
} from '../domain/treatment.ts'

const common = { version: z.literal(1), detectionId: DetectionId, at: Timestamp }

/** `acts`: what is said about an entry when it is gone. `starts`: what it belongs to; absent in lines of earlier versions. */
const entry = { acts: z.array(ShortText).max(20), starts: AutostartKind.optional() }

/** What is cleared out of the way of a treatment, with what is needed to put it back. Numbers of flags are the system's. */
export const ObstacleAct = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('file-flags'), flags: Count }),
  z.strictObject({ what: z.literal('folder-flags'), flags: Count, dev: BigDecimal, ino: BigDecimal }),
  /** A read-only mount, or the whole file system on it, is made writable. */
  z.strictObject({ what: z.literal('read-only'), mountPoint: FilePath, onlyThisMount: z.boolean() }),
  z.strictObject({ what: z.literal('mounted-over'), mountPoint: FilePath }),
  z.strictObject({ what: z.literal('swap'), file: FilePath }),
])
export type ObstacleAct = z.infer<typeof ObstacleAct>

/** A process that goes on running or mapping an object. `startTime`: field 22 of /proc/PID/stat, in clock ticks since the boot. */
export const Holder = z.strictObject({
  pid: z.number().int().positive(),
  startTime: BigDecimal,
  name: ShortText,
  /** Why it was not ended. */
  why: WhyNotEnded.optional(),
})
export type Holder = z.infer<typeof Holder>

/** A folder, to know it again: where a path leads to another volume by now, what is not there says nothing. */
export const FolderMark = z.strictObject({ dev: BigDecimal, ino: BigDecimal, birthtimeNs: BigDecimal })
export type FolderMark = z.infer<typeof FolderMark>

/** One line of `treatments.jsonl`. Lines of one detection are in the order of its steps. */
export const TreatmentLine = z.discriminatedUnion('kind', [
  /** An order was taken; nothing is done yet. */
  z.strictObject({ ...common, kind: z.literal('intent'), order: TreatmentOrder }),
  /** A copy will be stored under this id. */
  z.strictObject({ ...common, kind: z.literal('storing'), quarantineId: QuarantineId }),
  /** These processes will be stopped; they end with the object, or go on when it stays. `was`: stopped by somebody else before. */
  z.strictObject({
    ...common,
    kind: z.literal('stopping'),
    processes: z.array(Holder.extend({ was: z.literal('stopped').optional() })).max(500),
  }),
  /**
   * A file that starts the object by itself will be changed, after a copy of it: the old one waits beside it under `hold` until
   * the object is dealt with. `sha256`: its new content; absent: it goes.
   */
  z.strictObject({
    ...common,
    kind: z.literal('entry-file'),
    file: FilePath,
    hold: FilePath,
    identity: FileIdentity,
    sha256: Sha256.optional(),
    /** Flags of its inode that forbid to change it, with all others: taken away for that, and given back when it is undone. */
    flags: Count.optional(),
    quarantineId: QuarantineId,
    ...entry,
  }),
  /** One's own table of cron will be changed through cron's program. `before`: its text; `sha256`: of the new one. */
  z.strictObject({
    ...common,
    kind: z.literal('entry-crontab'),
    file: FilePath,
    before: z.base64().max(352_000),
    sha256: Sha256,
    quarantineId: QuarantineId,
    ...entry,
  }),
  /** A link that starts it will go, in the same way. Its copy: absent where it is kept with that of a file. */
  z.strictObject({
    ...common,
    kind: z.literal('entry-link'),
    file: FilePath,
    hold: FilePath,
    target: FilePath,
    quarantineId: QuarantineId.optional(),
    ...entry,
  }),
  /** The object is dealt with: from here on what was done besides is finished, never undone. */
  z.strictObject({ ...common, kind: z.literal('besides-done') }),
  /** This will be cleared out of the way, and put back when the treatment is over. */
  z.strictObject({ ...common, kind: z.literal('clearing'), act: ObstacleAct }),
  /** The object cannot be moved: its rights to be executed will be taken from it. `mode`: as it was, without the file's type. */
  z.strictObject({ ...common, kind: z.literal('defusing'), mode: z.number().int().min(0).max(0o7777) }),
  /** The copy is safe, and a helper with more rights is asked to delete the object. */
  z.strictObject({
    ...common,
    kind: z.literal('elevating'),
    final: TreatmentOutcome,
    /** The folder it lies in. Absent in lines of earlier versions. */
    place: FolderMark.optional(),
  }),
  /** The request is given to a helper of this process. Without this line none was given one. `startTime`: absent when it is hidden. */
  z.strictObject({
    ...common,
    kind: z.literal('asked'),
    pid: z.number().int().positive(),
    startTime: BigDecimal.optional(),
  }),
  /** The cured file will be written beside the original under this name; once more when it is not in all as the original was. */
  z.strictObject({
    ...common,
    kind: z.literal('cured'),
    name: FilePath,
    sha256: Sha256,
    sizeBytes: Bytes,
    unkept: z.array(UnkeptProperty).max(10).optional(),
  }),
  /** A lock file of this name, with this text in it, will lie beside the object for as long as it is changed. */
  z.strictObject({ ...common, kind: z.literal('locking'), name: FilePath, text: ShortText }),
  /** The object will be renamed to this name in this folder. `place`: that folder; absent in lines of earlier versions. */
  z.strictObject({
    ...common,
    kind: z.literal('grabbing'),
    folder: FilePath,
    name: FilePath,
    place: FolderMark.optional(),
  }),
  /** Of earlier versions: these lines (base64) will be taken out of a settings file that names the object. */
  z.strictObject({
    ...common,
    kind: z.literal('editing'),
    file: FilePath,
    temp: FilePath,
    removed: z.array(LongText).max(1000),
  }),
  /** The copy is safe and the grabbed name will be removed: from here on it is finished, never undone. */
  z.strictObject({ ...common, kind: z.literal('removing'), final: TreatmentOutcome }),
  /** The grabbed name is removed, on disk: its place says nothing any more. */
  z.strictObject({ ...common, kind: z.literal('removed') }),
  z.strictObject({ ...common, kind: z.literal('outcome'), verb: TreatmentOrder.shape.verb, outcome: TreatmentOutcome }),
])
export type TreatmentLine = z.infer<typeof TreatmentLine>

/** A treatment that only a restart (or the end of its holders) finishes. */
export const PendingRecord = z.strictObject({
  detectionId: DetectionId,
  order: TreatmentOrder,
  holders: z.array(Holder).max(50),
  bootToken: ShortText,
  quarantineId: QuarantineId.optional(),
  /** Absent in records of earlier versions, and where something unknown uses the file. */
  reason: RestartReason.optional(),
  /** Name of the kernel module that was loaded from the object. */
  module: ShortText.optional(),
  /** How the treatment ends once nothing holds the object; absent: it could not be moved and has to be treated again. */
  final: TreatmentOutcome.optional(),
  /** Content that a cure left at the path. */
  curedSha256: Sha256.optional(),
  /** When the file was removed, where something goes on using it; absent in records of earlier versions. */
  removedAt: Timestamp.optional(),
  /** Replays after a restart. */
  attempts: Count,
})
export type PendingRecord = z.infer<typeof PendingRecord>

/** One line of `pending.jsonl`; the last line of a detection counts. */
export const PendingLine = z.discriminatedUnion('kind', [
  z.strictObject({ version: z.literal(1), kind: z.literal('pending'), at: Timestamp, record: PendingRecord }),
  z.strictObject({ version: z.literal(1), kind: z.literal('finished'), at: Timestamp, detectionId: DetectionId }),
])
export type PendingLine = z.infer<typeof PendingLine>
