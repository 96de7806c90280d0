// What Quarantine writes to disk: the clear header and the encrypted metadata of a copy, and the lines of its index.
// Never holds a key in clear: the data key in the header is wrapped by the master key.
import { z } from 'zod'
import { FilePath } from '../domain/file-path.ts'
import { DetectionId, QuarantineId } from '../domain/ids.ts'
import { Detector, FileIdentity } from '../domain/object-report.ts'
import { BigDecimal, Bytes, Count, Sha256, ShortText, Timestamp } from '../domain/primitives.ts'
import { AutostartKind, CopyOf, FalseAlarm, Origin, TreatmentVerb } from '../domain/treatment.ts'

/** JSON after the magic `AMQ1` and its length (uint32, big endian). Bound to every byte that follows. */
export const QuarantineHeader = z.strictObject({
  version: z.literal(1),
  id: QuarantineId,
  detectionId: DetectionId,
  storedAt: Timestamp,
  /** Size of the original. */
  sizeBytes: Bytes,
  /** Which master key wraps the data key: a one-way mark of it. */
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  /** Base64: nonce (12), data key (32), tag (16). */
  wrappedKey: z.base64().length(80),
  /** Base64 of 8 random bytes; a chunk's nonce is this and its counter. */
  noncePrefix: z.base64().length(12),
  chunkBytes: z.number().int().min(1024).max(16_777_216),
  /** Length of the encrypted metadata with its tag. */
  metadataBytes: Count,
})
export type QuarantineHeader = z.infer<typeof QuarantineHeader>

/** An extended attribute of the original, access control lists among them. `value`: base64. */
export const StoredAttribute = z.strictObject({ name: z.string().min(1).max(255), value: z.base64().max(88_000) })
export type StoredAttribute = z.infer<typeof StoredAttribute>

/** A symbolic link that pointed to the original and went with it; made again when it is restored. */
const StoredLink = z.strictObject({ path: FilePath, target: FilePath })

/** Bytes of a file from `from` to before `to` were cut out, and this (base64) was put in their place. Always whole lines. */
export const EntryCut = z.strictObject({ from: Count, to: Count, now: z.base64().max(32_000) })
export type EntryCut = z.infer<typeof EntryCut>

/**
 * How an autostart entry was taken out. `file`: it went as a whole, or the cuts were made in it (absent: too many to be kept);
 * `table`: the same in one's own table of cron, through cron's program; `link`: the content is what the link said. `acts`: it in words.
 */
export const EntryFacts = z.strictObject({
  way: z.enum(['file', 'table', 'link']),
  starts: AutostartKind,
  acts: z.array(ShortText).max(20),
  cuts: z.array(EntryCut).max(100).optional(),
})
export type EntryFacts = z.infer<typeof EntryFacts>

/**
 * What is needed to put a copy back, and why it is here. Encrypted with the data key. What is optional was not kept by
 * earlier versions. The path has no link in it: it was walked part by part. `identity.nlink` tells of other names.
 */
export const QuarantineMetadata = z.strictObject({
  version: z.literal(1),
  path: FilePath,
  identity: FileIdentity,
  /** Permission bits including setuid, setgid and sticky. */
  mode: z.number().int().min(0).max(0o7777),
  uid: Count,
  gid: Count,
  atimeNs: BigDecimal,
  attributes: z.array(StoredAttribute).max(100).optional(),
  /** Attributes that the original had beyond those that are kept. */
  attributesLeftOut: Count.optional(),
  links: z.array(StoredLink).max(50).optional(),
  threats: z.array(ShortText).min(1).max(20),
  databaseVersion: ShortText,
  engineVersion: ShortText.optional(),
  detectors: z.array(Detector).max(5).optional(),
  verb: TreatmentVerb,
  origin: Origin,
  bootToken: ShortText,
  /** The content that treatment puts in its place: an undo may take exactly that away again. */
  replacedBy: Sha256.optional(),
  /** Absent: the detected object itself. */
  copyOf: CopyOf.optional(),
  /** Of an entry; absent in copies of earlier versions. */
  entry: EntryFacts.optional(),
})
export type QuarantineMetadata = z.infer<typeof QuarantineMetadata>

/** One line of the index; the last line of a copy counts. The index can be rebuilt from the copies. */
export const QuarantineIndexLine = z.discriminatedUnion('kind', [
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('stored'),
    id: QuarantineId,
    detectionId: DetectionId,
    path: FilePath,
    threat: ShortText,
    sizeBytes: Bytes,
    /** Room the copy takes. */
    storeBytes: Bytes,
    storedAt: Timestamp,
    origin: Origin,
    /** Which master key wraps its data key; unknown in lines of earlier versions. */
    keyId: z.string().max(16).optional(),
    copyOf: CopyOf.optional(),
    /** It was found not to be whole. */
    damaged: z.literal(true).optional(),
    /** Databases with which its content was looked at last. */
    lookedWith: ShortText.optional(),
    falseAlarm: FalseAlarm.optional(),
  }),
  z.strictObject({ version: z.literal(1), kind: z.literal('deleted'), id: QuarantineId }),
])
export type QuarantineIndexLine = z.infer<typeof QuarantineIndexLine>
export type QuarantineIndexEntry = Extract<QuarantineIndexLine, { kind: 'stored' }>

const restoreLine = {
  version: z.literal(1),
  at: Timestamp,
  /** The name of ours, in the folder of `path`. */
  temporary: z.string().regex(/^\.[0-9a-f]{24}\.part$/),
}

const unitLine = { version: z.literal(1), at: Timestamp, id: QuarantineId }

/**
 * One line of `restores.jsonl`: a copy is being put back under a name of ours, beside the name it will have. `swapping`:
 * from here on the name of ours may hold what had the final name before.
 */
export const RestoreLine = z.discriminatedUnion('kind', [
  z.strictObject({ ...restoreLine, kind: z.literal('begun'), id: QuarantineId, path: FilePath, sha256: Sha256 }),
  /** `replaced`: content that is in Quarantine itself and may go. */
  z.strictObject({ ...restoreLine, kind: z.literal('swapping'), replaced: Sha256 }),
  z.strictObject({ ...restoreLine, kind: z.literal('ended') }),
  /** An object is being put back, and after it these entries that were removed with it. */
  z.strictObject({ ...unitLine, kind: z.literal('unit'), entries: z.array(QuarantineId).max(200) }),
  z.strictObject({ ...unitLine, kind: z.literal('unit-ended') }),
])
export type RestoreLine = z.infer<typeof RestoreLine>
