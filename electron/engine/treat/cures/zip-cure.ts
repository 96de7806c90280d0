// Takes members out of a ZIP so that every other member stays byte for byte what it was.
// Pure: bytes in, bytes out. Never unpacks a kept member and never repairs a damaged archive: that one is refused.
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { memberName } from '../../files/path-text.ts'
import type { Cure } from './cure.ts'
import type { PackageRefusal } from './document-package.ts'
import { officeRules } from './office-parts.ts'
import { openDocumentRules } from './open-document-parts.ts'
import { cp437, readZipDirectory, type ZipMember, type ZipRefusal, ZipRefused } from './zip-directory.ts'
import { rewritten } from './zip-rewrite.ts'

const packages = [officeRules, openDocumentRules]

export type ZipCure =
  | { readonly kind: 'cured'; readonly bytes: Buffer; readonly companions: number }
  /** Nothing worth keeping would be left. */
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'refused'; readonly reason: ZipRefusal | PackageRefusal | 'member-not-found' | 'ambiguous-name' }

/** Members that were found bad are removed, in archives and in documents that are archives. */
export const zipCure: Cure = {
  applies: ({ container }) => /^(?:zip|ooxml|jar)$/.test(container?.format ?? ''),
  cure: ({ bytes, object }) => {
    const names = badMembers(object)
    if (names === undefined) return { kind: 'no-cure', reason: 'bad-itself' }
    const cure = removeMembers(bytes, names)
    return cure.kind === 'cured' ? cure : { kind: 'no-cure', reason: cure.kind === 'refused' ? cure.reason : cure.kind }
  },
}

/** First parts of the member paths; undefined when the file itself is bad. */
function badMembers(object: DetectedObject): Set<string> | undefined {
  const names = new Set<string>()
  for (const { member } of object.findings) {
    const first = member[0]
    if (first === undefined) return undefined
    names.add(first)
  }
  return names
}

/**
 * Removes the named members (names as a scanner shows them: UTF-8, code page 437 or Latin-1); each name must be that of exactly
 * one, so that none is forgotten and no namesake goes along. What is kept stays byte for byte, the directory says the new places.
 * Of documents only macros, embedded objects and stowaways are taken, with everything that belongs to them.
 */
export function removeMembers(zip: Buffer, names: ReadonlySet<string>): ZipCure {
  try {
    const directory = readZipDirectory(zip)
    const bad = new Set<ZipMember>()
    for (const [member, namesake] of membersOf(directory.members, names).values()) {
      if (member === undefined) return { kind: 'refused', reason: 'member-not-found' }
      if (namesake !== undefined) return { kind: 'refused', reason: 'ambiguous-name' }
      bad.add(member)
    }
    const rules = packages.find((each) => each.applies(directory.members))
    const change = rules?.change(zip, directory.members, bad) ?? {
      removed: bad,
      rewritten: new Map(),
      isOneThing: false,
    }
    if (typeof change === 'string') return { kind: 'refused', reason: change }
    const kept = directory.members.filter((member) => !change.removed.has(member))
    if (kept.every((member) => member.isFolder)) return { kind: 'nothing-left' }
    const companions = change.isOneThing ? Number.POSITIVE_INFINITY : change.removed.size - bad.size
    return { kind: 'cured', bytes: rewritten(zip, directory, change), companions }
  } catch (error) {
    if (error instanceof ZipRefused) return { kind: 'refused', reason: error.reason }
    throw error
  }
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
