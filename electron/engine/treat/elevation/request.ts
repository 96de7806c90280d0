// What is asked of the helper that runs as administrator, and what it answers: one of each, as JSON on its standard streams.
// Owns the shapes and the bounds; never acts.
import { z } from 'zod'
import { FileIdentity } from '#shared/domain/object-report.ts'
import { Count, ShortText } from '#shared/domain/primitives.ts'
import { FailureCode, ProtectedReason, RestartReason } from '#shared/domain/treatment.ts'
import { Holder } from '#shared/files/treatment-lines.ts'

/** Bytes of a request: a path of 18,000 bytes and everything else fit. */
export const mostRequestBytes = 64 * 1024

/**
 * `delete`: the object, with whatever stands in the way and whatever runs it. `clear-flags`: "immutable" and "append only" of the
 * file alone. `unmount`: a mount on the file's name. A copy of the content is in the asking person's Quarantine already.
 */
export const HelperVerb = z.enum(['delete', 'clear-flags', 'unmount'])
export type HelperVerb = z.infer<typeof HelperVerb>

export const HelperRequest = z.strictObject({
  version: z.literal(1),
  verb: HelperVerb,
  /** Bytes of the absolute path. */
  path: z.base64().max(24_000),
  /** Of the very file; all of it is checked again. */
  identity: FileIdentity,
})
export type HelperRequest = z.infer<typeof HelperRequest>

export const HelperAnswer = z.discriminatedUnion('kind', [
  /** `reason`, `module` and `holders`: what goes on using the object until a restart. */
  z.strictObject({
    kind: z.literal('done'),
    otherLinks: Count,
    holders: z.array(Holder).max(50),
    reason: RestartReason.optional(),
    module: ShortText.optional(),
  }),
  z.strictObject({ kind: z.literal('refused'), code: FailureCode, protectedBy: ProtectedReason.optional() }),
])
export type HelperAnswer = z.infer<typeof HelperAnswer>
