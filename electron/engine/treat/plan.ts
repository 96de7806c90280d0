// Decides how an order is carried out: what its verb allows for what its findings say about the object.
// Owns the meaning of the verbs (shared/domain/treatment.ts); never changes anything.
import type { TreatmentVerb } from '#shared/domain/treatment.ts'
import type { CuredContent } from './cures/cure.ts'
import type { CureFailure } from './cures/cured-file.ts'
import { makeCure } from './cures/cures.ts'
import type { Target } from './target.ts'
import { isWholeMalware } from './whole.ts'

export type Plan =
  | { readonly kind: 'cure'; readonly cure: CuredContent }
  | { readonly kind: 'delete' }
  /** What may be done would take good content along. */
  | { readonly kind: 'keep' }

/** Verbs of treatments that nobody looks at: nothing good may go with the bad. */
type Automatic = 'cure-only' | 'disinfect' | 'delete-malware'
export type RemovingVerb = Exclude<TreatmentVerb, 'copy-to-quarantine'>

/** Throws ProductError `too-large` or errno errors. */
export async function planFor(target: Target, verb: RemovingVerb): Promise<Plan> {
  if (verb === 'delete') return { kind: 'delete' }
  if (isWholeMalware(target.order.object)) return { kind: verb === 'cure-only' ? 'keep' : 'delete' }
  const cure = verb === 'delete-malware' ? undefined : await makeCure(target)
  return cure === undefined ? withoutCure(verb) : { kind: 'cure', cure }
}

/** What the verb says when the cured file is no good. */
export function afterFailedCure(verb: RemovingVerb, failure: CureFailure): Exclude<Plan, { kind: 'cure' }> {
  if (failure === 'still-infected') return { kind: verb === 'cure-only' ? 'keep' : 'delete' }
  return withoutCure(verb)
}

function withoutCure(verb: RemovingVerb): Exclude<Plan, { kind: 'cure' }> {
  return { kind: isAutomatic(verb) ? 'keep' : 'delete' }
}

function isAutomatic(verb: RemovingVerb): verb is Automatic {
  return verb === 'cure-only' || verb === 'disinfect' || verb === 'delete-malware'
}
