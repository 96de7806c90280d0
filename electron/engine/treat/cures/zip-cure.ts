// Takes members out of a ZIP so that every other member stays byte for byte what it was.
// Pure: bytes in, bytes out. Never unpacks a kept member and never repairs a damaged archive: that one is refused.
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { memberName } from '../../files/path-text.ts'
import type { Cure } from './cure.ts'
import { detachMacros, macroParts } from './office-parts.ts'
import {
  cp437,
  readZipDirectory,
  type ZipDirectory,
  type ZipMember,
  type ZipRefusal,
  ZipRefused,
} from './zip-directory.ts'

export type ZipCure =
  /** `companions`: members that went too because they are nothing without the named ones. */
  | { readonly kind: 'cured'; readonly bytes: Buffer; readonly companions: number }
  /** Nothing worth keeping would be left. */
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'refused'; readonly reason: ZipRefusal | 'member-not-found' | 'ambiguous-name' }

/** Members that were found bad are removed, in archives and in documents that are archives. */
export const zipCure: Cure = {
  formats: new Set(['zip', 'ooxml', 'jar']),
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
 * one, so that none is forgotten and no namesake goes along. Local records of the kept
 * ones are copied, the central directory is rebuilt. Office documents also lose the references to removed macro parts.
 */
export function removeMembers(zip: Buffer, names: ReadonlySet<string>): ZipCure {
  try {
    const directory = readZipDirectory(zip)
    const bad = new Set<ZipMember>()
    for (const name of names) {
      const [member, namesake] = directory.members.filter((one) => hasName(one, name))
      if (member === undefined) return { kind: 'refused', reason: 'member-not-found' }
      if (namesake !== undefined) return { kind: 'refused', reason: 'ambiguous-name' }
      bad.add(member)
    }
    const companions = macroParts(directory.members, bad)
    for (const member of companions) bad.add(member)
    const kept = directory.members.filter((member) => !bad.has(member))
    if (kept.every((member) => member.isFolder)) return { kind: 'nothing-left' }
    return { kind: 'cured', bytes: rebuild(zip, directory, { kept, removed: [...bad] }), companions: companions.length }
  } catch (error) {
    if (error instanceof ZipRefused) return { kind: 'refused', reason: error.reason }
    throw error
  }
}

function hasName(member: ZipMember, shown: string): boolean {
  return readings(member).some((name) => name === shown || name.replaceAll('\\', '/') === shown)
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

interface Parts {
  readonly kept: readonly ZipMember[]
  readonly removed: readonly ZipMember[]
}

/** Records keep their order in the file, entries their order in the directory. */
function rebuild(zip: Buffer, directory: ZipDirectory, parts: Parts): Buffer {
  const rewritten = detachMacros(zip, parts.kept, parts.removed)
  const records: Buffer[] = []
  const starts = new Map<ZipMember, number>()
  let at = 0
  for (const member of [...parts.kept].sort((a, b) => a.start - b.start)) {
    const record = rewritten.get(member)?.record ?? zip.subarray(member.start, member.end)
    starts.set(member, at)
    records.push(record)
    at += record.length
  }
  const entries = parts.kept.map((member) => {
    const entry = Buffer.from(rewritten.get(member)?.entry ?? member.entry)
    entry.writeUInt32LE(starts.get(member) ?? 0, 42)
    return entry
  })
  const end = Buffer.from(directory.endRecord)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(
    entries.reduce((sum, entry) => sum + entry.length, 0),
    12,
  )
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...records, ...entries, end])
}
