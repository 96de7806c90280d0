// Decides how an order is carried out: what its verb allows for what its object is.
// Owns the meaning of the verbs (shared/domain/treatment.ts); never changes anything.
import type { TreatmentVerb } from '#shared/domain/treatment.ts'
import type { ErrorCode } from '#shared/errors.ts'
import type { CuredContent } from './cures/cure.ts'
import type { CureFailure } from './cures/cured-file.ts'
import { type CureTools, makeCure } from './cures/cures.ts'
import { type Nature, natureOf } from './nature.ts'
import type { Target } from './target.ts'

export type RemovingVerb = Exclude<TreatmentVerb, 'copy-to-quarantine'>

/** `keep`: what may be done would take good content along; `code` says why there is no cure. */
export type PlanWithoutCure = { readonly kind: 'delete' } | { readonly kind: 'keep'; readonly code: ErrorCode }
export type Plan = PlanWithoutCure | { readonly kind: 'cure'; readonly cure: CuredContent; readonly nature: Nature }

const curing: ReadonlySet<RemovingVerb> = new Set<RemovingVerb>([
  'cure-only',
  'disinfect',
  'disinfect-with-archives',
  'disinfect-or-delete',
])
const everyDelete: readonly RemovingVerb[] = [
  'disinfect',
  'delete-malware',
  'disinfect-with-archives',
  'delete-with-archives',
  'disinfect-or-delete',
  'delete',
]

/** The verbs that delete what is not cured. A mailbox goes only when a person says just that. */
const deleting: Readonly<Record<Nature, ReadonlySet<RemovingVerb>>> = {
  malware: new Set(everyDelete),
  document: new Set(everyDelete),
  archive: new Set<RemovingVerb>(['disinfect-with-archives', 'delete-with-archives', 'disinfect-or-delete', 'delete']),
  mail: new Set<RemovingVerb>(['disinfect-or-delete', 'delete']),
  'mail-store': new Set<RemovingVerb>(['delete']),
}

/** Throws ProductError `object-changed` or errno errors. */
export async function planFor(target: Target, verb: RemovingVerb, tools: CureTools): Promise<Plan> {
  if (verb === 'delete') return { kind: 'delete' }
  const nature = natureOf(target.fd, target.order.object)
  const cure = curing.has(verb) ? await makeCure(target, tools) : undefined
  return cure === undefined ? withoutCure(verb, nature) : { kind: 'cure', cure, nature }
}

/** What the verb says when the cured file is no good. What is still infected without its bad parts is malware itself. */
export function afterFailedCure(verb: RemovingVerb, nature: Nature, failure: CureFailure): PlanWithoutCure {
  const isMalware = failure === 'still-infected' && nature !== 'mail-store'
  return withoutCure(verb, isMalware ? 'malware' : nature)
}

function withoutCure(verb: RemovingVerb, nature: Nature): PlanWithoutCure {
  if (deleting[nature].has(verb)) return { kind: 'delete' }
  return { kind: 'keep', code: nature === 'mail-store' ? 'mail-store' : 'cannot-disinfect' }
}
