// Takes members out of a ZIP so that every other member stays byte for byte what it was.
// Pure: bytes in, bytes out. Never unpacks a kept member and never repairs a damaged archive: that one is refused.
import { memberName } from '../../files/path-text.ts'
import { ownFindings } from '../whole.ts'
import type { Cure } from './cure.ts'
import type { PackageRefusal, PackageRules } from './document-package.ts'
import { officeRules } from './office-parts.ts'
import { openDocumentRules } from './open-document-parts.ts'
import {
  cp437,
  readZipDirectory,
  type ZipDirectory,
  type ZipMember,
  type ZipRefusal,
  ZipRefused,
} from './zip-directory.ts'
import { rewritten } from './zip-rewrite.ts'

const packages = [officeRules, openDocumentRules]

export type ZipCure =
  | { readonly kind: 'cured'; readonly bytes: Buffer; readonly companions: number }
  /** Nothing worth keeping would be left. */
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'refused'; readonly reason: ZipRefusal | PackageRefusal | NameRefusal }

type NameRefusal = 'member-not-found' | 'ambiguous-name' | 'nothing-to-remove'

/** Members that were found bad are removed, in archives and in documents that are archives. */
export const zipCure: Cure = {
  applies: ({ container }) => /^(?:zip|ooxml|jar)$/.test(container?.format ?? ''),
  cure: ({ bytes, object }) => {
    const own = ownFindings(object)
    // A pattern in a document as a whole: everything that can act goes, and the second look says whether that was it.
    const isPattern = own.length > 0 && own.every(({ detector }) => detector !== 'hash' && detector !== 'eicar')
    if (own.length > 0 && !isPattern) return { kind: 'no-cure', reason: 'bad-itself' }
    const names = new Set(object.findings.flatMap(({ member }) => member.slice(0, 1)))
    const cure = isPattern ? removeActive(bytes) : removeMembers(bytes, names)
    return cure.kind === 'cured' ? cure : { kind: 'no-cure', reason: cure.kind === 'refused' ? cure.reason : cure.kind }
  },
}

/**
 * Removes the named members (names as a scanner shows them: UTF-8, code page 437 or Latin-1); each name must be that of exactly
 * one, so that none is forgotten and no namesake goes along. What is kept stays byte for byte, the directory says the new places.
 * Of documents only macros, embedded objects and stowaways are taken, with everything that belongs to them.
 */
export function removeMembers(zip: Buffer, names: ReadonlySet<string>): ZipCure {
  return withDirectory(zip, (directory) => {
    const bad = new Set<ZipMember>()
    for (const [member, namesake] of membersOf(directory.members, names).values()) {
      if (member === undefined) return { kind: 'refused', reason: 'member-not-found' }
      if (namesake !== undefined) return { kind: 'refused', reason: 'ambiguous-name' }
      bad.add(member)
    }
    return without(zip, directory, bad)
  })
}

/** Removes everything of a document that can act. */
export function removeActive(zip: Buffer): ZipCure {
  return withDirectory(zip, (directory) => {
    const active = rulesFor(directory)?.active(directory.members) ?? []
    if (active.length === 0) return { kind: 'refused', reason: 'nothing-to-remove' }
    return without(zip, directory, new Set(active))
  })
}

function withDirectory(zip: Buffer, act: (directory: ZipDirectory) => ZipCure): ZipCure {
  try {
    return act(readZipDirectory(zip))
  } catch (error) {
    if (error instanceof ZipRefused) return { kind: 'refused', reason: error.reason }
    throw error
  }
}

function rulesFor({ members }: ZipDirectory): PackageRules | undefined {
  return packages.find((each) => each.applies(members))
}

function without(zip: Buffer, directory: ZipDirectory, bad: ReadonlySet<ZipMember>): ZipCure {
  const { members } = directory
  const alone = { removed: bad, rewritten: new Map(), isOneThing: false }
  const change = rulesFor(directory)?.change(zip, members, bad) ?? alone
  if (typeof change === 'string') return { kind: 'refused', reason: change }
  if (members.every((member) => change.removed.has(member) || member.isFolder)) return { kind: 'nothing-left' }
  const companions = change.isOneThing ? Number.POSITIVE_INFINITY : change.removed.size - bad.size
  return { kind: 'cured', bytes: rewritten(zip, directory, change), companions }
}

/** For each of the names the members that a scanner may have shown by it. One pass: both may be many. */
function membersOf(members: readonly ZipMember[], names: ReadonlySet<string>): Map<string, ZipMember[]> {
  const found = new Map<string, ZipMember[]>([...names].map((name) => [name, []]))
  for (const member of members) {
    const shown = readings(member).flatMap((name) => [name, name.replaceAll('\\', '/')])
    for (const name of new Set(shown)) found.get(name)?.push(member)
  }
  return found
}

/** Every way a scanner may have read this name. */
function readings(member: ZipMember): string[] {
  const raw = member.rawName
  return [memberName(raw), raw.toString('utf8'), cp437(raw), raw.toString('latin1'), ...unicodeName(member)]
}

/** The UTF-8 name in the extra field 0x7075, which some packers add. */
function unicodeName(member: ZipMember): string[] {
  const from = 46 + member.rawName.length
  const extra = member.entry.subarray(from, from + member.entry.readUInt16LE(30))
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 0x7075) return [extra.toString('utf8', at + 9, at + 4 + extra.readUInt16LE(at + 2))]
  }
  return []
}
