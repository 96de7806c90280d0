// What Quarantine writes to disk: the clear header and the encrypted metadata of a copy, and the lines of its index.
// Never holds a key in clear: the data key in the header is wrapped by the master key.
import { z } from 'zod'
import { FilePath } from '../domain/file-path.ts'
import { DetectionId, QuarantineId } from '../domain/ids.ts'
import { FileIdentity } from '../domain/object-report.ts'
import { BigDecimal, Bytes, Count, ShortText, Timestamp } from '../domain/primitives.ts'
import { Origin, TreatmentVerb } from '../domain/treatment.ts'

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

/** What is needed to put a copy back, and why it is here. Encrypted with the data key. */
export const QuarantineMetadata = z.strictObject({
  version: z.literal(1),
  path: FilePath,
  identity: FileIdentity,
  /** Permission bits including setuid, setgid and sticky. */
  mode: z.number().int().min(0).max(0o7777),
  uid: Count,
  gid: Count,
  atimeNs: BigDecimal,
  threats: z.array(ShortText).min(1).max(20),
  databaseVersion: ShortText,
  verb: TreatmentVerb,
  origin: Origin,
  bootToken: ShortText,
})
export type QuarantineMetadata = z.infer<typeof QuarantineMetadata>

/** One line of the index. The index can be rebuilt from the copies. */
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
  }),
  z.strictObject({ version: z.literal(1), kind: z.literal('deleted'), id: QuarantineId }),
])
export type QuarantineIndexLine = z.infer<typeof QuarantineIndexLine>
export type QuarantineIndexEntry = Extract<QuarantineIndexLine, { kind: 'stored' }>
