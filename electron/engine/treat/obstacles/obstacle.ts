// What every obstacle of a treatment is: how it is recognised, what is done about it, and how that is taken back.
// Types only.
import type { RestartReason } from '#shared/domain/treatment.ts'
import type { ProductError } from '#shared/errors.ts'
import type { ObstacleAct } from '#shared/files/treatment-lines.ts'
import type { Target } from '../target.ts'
import type { Machine } from './machine.ts'

/** An act on the object failed with this errno; the object is as it was before. */
export interface Blocked {
  readonly errno: string
  readonly target: Target
  readonly machine: Machine
}

/** What stands in the way can be cleared: `act` is journaled, then `clear` is called, then the treatment is tried again. */
export interface Clearing {
  readonly kind: 'clear'
  readonly act: ObstacleAct
  /** Throws errno errors. */
  readonly clear: () => void
  /** What is said when it cannot be cleared after all. */
  readonly otherwise: Stop
  /** The object has to be opened and checked anew. */
  readonly reopen: boolean
}

/** It cannot be cleared. */
export type Stop =
  | { readonly kind: 'failed'; readonly error: ProductError }
  | { readonly kind: 'restart'; readonly reason: RestartReason }

export type Answer = Clearing | Stop

/** Undefined: this is not what stands in the way. */
export type Obstacle = (blocked: Blocked) => Answer | undefined
