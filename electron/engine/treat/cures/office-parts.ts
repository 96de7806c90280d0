// What else changes in an Office document (OOXML) when its macro project or an embedded object is taken out: the parts that
// belong to it go too, and the lists that name them lose those lines. Without it Office calls the file damaged.
// Keeps the type of the document (a .docm without macros is valid). Never touches any other part.
import { nameOf, type PackageRules } from './document-package.ts'
import { withoutElements, type XmlElement } from './xml-elements.ts'
import type { ZipMember } from './zip-directory.ts'
import { type RewrittenMember, repacked, textOf } from './zip-rewrite.ts'

const contentTypes = '[Content_Types].xml'
const relationships = /(^|\/)_rels\/[^/]*\.rels$/i
const project = /(^|\/)vbaProject\.bin$/i
/** Data and signatures of a macro project. */
const projectCompanion = /(^|\/)(vbaData\.xml|vbaProjectSignature[^/]*\.bin)$/i
/** Objects of other programs and their controls: a document is readable without them. */
const embedded = /(^|\/)(embeddings|activeX)\/[^/]+$/i

export const officeRules: PackageRules = {
  applies: (members) => members.some((member) => nameOf(member) === contentTypes),
  active: (members) => members.filter((member) => project.test(nameOf(member)) || embedded.test(nameOf(member))),
  change: (zip, members, bad) => {
    const removed = withCompanions(members, bad)
    const lists = readLists(zip, members, removed)
    if (lists === undefined) return 'list-unreadable'
    const gone = new Set([...removed].map(partName))
    const change = withoutReferences(zip, lists, gone)
    if (change === undefined) return 'list-unreadable'
    const others = [...bad].filter((member) => !isSpare(nameOf(member)))
    if (others.some((member) => isList(member) || change.named.has(partName(member)))) return 'part-needed'
    return { removed, rewritten: change.rewritten, isOneThing: others.length === 0 }
  },
}

/** Other parts are taken out only when nothing names them: then they are stowaways. */
function isSpare(name: string): boolean {
  return project.test(name) || projectCompanion.test(name) || embedded.test(name)
}

function isList(member: ZipMember): boolean {
  const name = nameOf(member)
  return name === contentTypes || relationships.test(name)
}

function withCompanions(members: readonly ZipMember[], bad: ReadonlySet<ZipMember>): Set<ZipMember> {
  const removed = new Set(bad)
  if ([...bad].some((member) => project.test(nameOf(member)) || projectCompanion.test(nameOf(member)))) {
    for (const member of members) {
      if (project.test(nameOf(member)) || projectCompanion.test(nameOf(member))) removed.add(member)
    }
  }
  const ownLists = new Set([...removed].map((member) => ownList(nameOf(member)).toLowerCase()))
  for (const member of members) if (ownLists.has(nameOf(member).toLowerCase())) removed.add(member)
  return removed
}

/** Where the relationships of a part itself are listed. */
function ownList(name: string): string {
  const slash = name.lastIndexOf('/') + 1
  return `${name.slice(0, slash)}_rels/${name.slice(slash)}.rels`
}

function partName(member: ZipMember): string {
  return `/${nameOf(member)}`.toLowerCase()
}

interface PartList {
  readonly member: ZipMember
  readonly text: string
}

/** All lists of a document together; they are small, but for those that were made to take long. */
const maxListsBytes = 32 * 1024 * 1024

/** The lists that stay; undefined when one of them cannot be read. */
function readLists(
  zip: Buffer,
  members: readonly ZipMember[],
  removed: ReadonlySet<ZipMember>,
): PartList[] | undefined {
  const lists: PartList[] = []
  let room = maxListsBytes
  for (const member of members) {
    if (removed.has(member) || !isList(member)) continue
    const text = textOf(zip, member, room)
    if (text === undefined) return undefined
    room -= text.length
    lists.push({ member, text })
  }
  return lists
}

interface Detached {
  readonly rewritten: Map<ZipMember, RewrittenMember>
  /** Removed parts that a relationship names. */
  readonly named: ReadonlySet<string>
}

function withoutReferences(zip: Buffer, lists: readonly PartList[], gone: ReadonlySet<string>): Detached | undefined {
  const rewritten = new Map<ZipMember, RewrittenMember>()
  const named = new Set<string>()
  for (const { member, text } of lists) {
    const name = nameOf(member)
    const changed = withoutElements(text, (element) => {
      const part = name === contentTypes ? overridden(element) : related(element, baseOf(name))
      if (part === undefined || !gone.has(part)) return false
      if (name !== contentTypes) named.add(part)
      return true
    })
    if (changed === undefined) return undefined
    if (changed !== text) rewritten.set(member, repacked(zip, member, changed))
  }
  return { rewritten, named }
}

function overridden({ name, attributes }: XmlElement): string | undefined {
  const part = name === 'Override' ? attributes.get('PartName') : undefined
  return part === undefined ? undefined : unescaped(part).toLowerCase()
}

function related({ name, attributes }: XmlElement, base: string): string | undefined {
  const target = name === 'Relationship' ? attributes.get('Target') : undefined
  if (target === undefined || attributes.get('TargetMode') === 'External') return undefined
  return resolved(base, unescaped(target)).toLowerCase()
}

/** `word/_rels/document.xml.rels` lists the targets relative to `/word/`. */
function baseOf(listName: string): string {
  return `/${listName.replace(/(^|\/)_rels\/[^/]*$/i, '$1')}`
}

function resolved(base: string, target: string): string {
  const parts: string[] = []
  for (const part of (target.startsWith('/') ? target : base + target).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
