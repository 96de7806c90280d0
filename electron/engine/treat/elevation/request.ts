// What is said to the helper that runs as administrator and by it, each one line on its standard streams: it says that it is there,
// is given one request as JSON, and answers it. Then it waits until nobody needs it any more. Owns the shapes and the bounds; never acts.
import { z } from 'zod'
import { FileIdentity } from '#shared/domain/object-report.ts'
import { Count, ShortText } from '#shared/domain/primitives.ts'
import { FailureCode, ProtectedReason, RestartReason, TreatmentActs } from '#shared/domain/treatment.ts'
import { Holder } from '#shared/files/treatment-lines.ts'

/** What the helper says first. */
export const readyLine = 'ready'

/** Bytes of a request: a path of 18,000 bytes and everything else fit. */
export const mostRequestBytes = 64 * 1024

/**
 * `delete`: the object, with whatever stands in the way and whatever runs it. `clear-flags`: "immutable" and "append only" of the
 * file alone, for as long as the helper is needed: then a file that is still there gets them back. `unmount`: a mount on the file's
 * name. A copy of the content is in the asking person's Quarantine already.
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
  /** `reason`, `module` and `holders`: what goes on using the object until a restart. `acts`: what was done besides. */
  z.strictObject({
    kind: z.literal('done'),
    otherLinks: Count,
    holders: z.array(Holder).max(50),
    reason: RestartReason.optional(),
    module: ShortText.optional(),
    acts: TreatmentActs.optional(),
  }),
  z.strictObject({ kind: z.literal('refused'), code: FailureCode, protectedBy: ProtectedReason.optional() }),
])
export type HelperAnswer = z.infer<typeof HelperAnswer>

/** An answer, and the way to say that the helper is not needed any more; resolves when it has put back what it had to. */
export interface Answered {
  readonly answer: HelperAnswer
  release(): Promise<void>
}

/** Of a helper that has nothing to put back. */
export function onlyAnswer(answer: HelperAnswer): Answered {
  return { answer, release: () => Promise.resolve() }
}
