// What the cures of documents that are ZIP packages have in common: which parts go with a bad one, and which lists then change.
// Types only.
import type { ZipMember } from './zip-directory.ts'
import type { ZipChange } from './zip-rewrite.ts'

/** `part-needed`: nothing of the document is left without it. `list-unreadable`: nobody can say who names it. */
export type PackageRefusal = 'part-needed' | 'list-unreadable'

export interface PackageChange extends ZipChange {
  /** Everything that goes is one thing with the bad part, whatever is inside of it. */
  readonly isOneThing: boolean
}

export interface PackageRules {
  /** True for packages that these rules are about. */
  applies(members: readonly ZipMember[]): boolean
  /** Macros and embedded objects: all that can act. */
  active(members: readonly ZipMember[]): ZipMember[]
  /** Everything that has to change so that the document stands without `bad`. */
  change(zip: Buffer, members: readonly ZipMember[], bad: ReadonlySet<ZipMember>): PackageChange | PackageRefusal
}

export function nameOf(member: ZipMember): string {
  return member.rawName.toString('utf8')
}
