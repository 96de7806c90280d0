// What every cure is: a content goes in, the same content without its bad parts comes out. One small module for each class of
// object stands behind this. Types only: a cure never touches a file and never decides what happens when there is none.
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { CureRecipe } from '#shared/files/cure-recipe.ts'

export interface CureInput {
  /** The whole content, exactly what was scanned. */
  readonly bytes: Buffer
  /** Its findings are those that are to go, each where it really is. */
  readonly object: DetectedObject
  readonly now: Date
  /** Of the databases in use. */
  readonly recipes: readonly CureRecipe[]
}

/** A content without its bad parts, in memory. */
export interface CuredContent {
  readonly kind: 'cured'
  readonly bytes: Buffer
  /** Leaves that may be gone besides the bad ones; infinite where what goes is one thing, whatever is inside of it. */
  readonly companions: number
}

/** `reason`: for tests and logs, never shown. */
export type CureResult = CuredContent | { readonly kind: 'no-cure'; readonly reason: string }

export interface Cure {
  /** True for objects of its class, told from what was found. */
  applies(object: DetectedObject): boolean
  /** Never throws for bad content: that one has no cure. */
  cure(input: CureInput): CureResult
}
