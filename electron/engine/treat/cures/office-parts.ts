// What else has to change in an Office document (OOXML) when its macro project is taken out: the parts that belong to the
// project go too, and the two kinds of XML that name them lose those lines. Without it Office calls the file damaged.
// Never touches any other part.
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { ZipMember } from './zip-directory.ts'

/** A member with new content: its whole local record and its directory entry (offset still to be set). */
export interface RewrittenMember {
  readonly record: Buffer
  readonly entry: Buffer
}

const contentTypes = '[Content_Types].xml'
const project = /(^|\/)vbaProject\.bin$/i
/** Data and signatures of a macro project, and their own relationship lists. */
const projectCompanion = /(^|\/)(vbaData\.xml|vbaProjectSignature[^/]*\.bin|_rels\/vbaProject\.bin\.rels)$/i
const maxXmlBytes = 16 * 1024 * 1024

/** Members that go with a removed macro project. Empty for anything that is no Office document. */
export function macroParts(members: readonly ZipMember[], removed: ReadonlySet<ZipMember>): ZipMember[] {
  const isOffice = members.some((member) => nameOf(member) === contentTypes)
  if (!isOffice || ![...removed].some((member) => project.test(nameOf(member)))) return []
  return members.filter((member) => !removed.has(member) && projectCompanion.test(nameOf(member)))
}

/** New content of the members that name a removed part. Empty for anything that is no Office document. */
export function detachMacros(
  zip: Buffer,
  kept: readonly ZipMember[],
  removed: readonly ZipMember[],
): Map<ZipMember, RewrittenMember> {
  const rewritten = new Map<ZipMember, RewrittenMember>()
  if (!kept.some((member) => nameOf(member) === contentTypes)) return rewritten
  const gone = new Set(removed.map((member) => `/${nameOf(member)}`.toLowerCase()))
  for (const member of kept) {
    const name = nameOf(member)
    if (name !== contentTypes && !/(^|\/)_rels\/[^/]*\.rels$/.test(name)) continue
    const xml = contentOf(zip, member)
    if (xml === undefined) continue
    const changed = name === contentTypes ? withoutOverrides(xml, gone) : withoutRelationships(xml, baseOf(name), gone)
    if (changed !== xml) rewritten.set(member, pack(zip, member, changed))
  }
  return rewritten
}

function nameOf(member: ZipMember): string {
  return member.rawName.toString('utf8')
}

function withoutOverrides(xml: string, gone: ReadonlySet<string>): string {
  return xml.replace(/<Override\b[^>]*?(\/>|>\s*<\/Override\s*>)/g, (element) => {
    const part = attribute(element, 'PartName')
    return part !== undefined && gone.has(decoded(part).toLowerCase()) ? '' : element
  })
}

function withoutRelationships(xml: string, base: string, gone: ReadonlySet<string>): string {
  return xml.replace(/<Relationship\b[^>]*?(\/>|>\s*<\/Relationship\s*>)/g, (element) => {
    const target = attribute(element, 'Target')
    if (target === undefined || attribute(element, 'TargetMode') === 'External') return element
    return gone.has(resolved(base, decoded(target)).toLowerCase()) ? '' : element
  })
}

/** `word/_rels/document.xml.rels` lists the targets relative to `/word/`. */
function baseOf(relsName: string): string {
  return `/${relsName.replace(/(^|\/)_rels\/[^/]*$/, '$1')}`
}

function resolved(base: string, target: string): string {
  const parts: string[] = []
  for (const part of (target.startsWith('/') ? target : base + target).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

function attribute(element: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}\\s*=\\s*("([^"]*)"|'([^']*)')`).exec(element)
  return found?.[2] ?? found?.[3]
}

function decoded(text: string): string {
  const plain = text
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}

/** Undefined when the member is packed in a way that we do not write, or is no UTF-8 text: then it stays as it is. */
function contentOf(zip: Buffer, member: ZipMember): string | undefined {
  if ((member.entry.readUInt16LE(8) & 1) !== 0 || member.unpackedLength > maxXmlBytes) return undefined
  const packed = zip.subarray(member.dataStart, member.dataStart + member.dataLength)
  let bytes: Buffer
  try {
    if (member.method === 0) bytes = packed
    else if (member.method === 8) bytes = inflateRawSync(packed, { maxOutputLength: maxXmlBytes })
    else return undefined
  } catch {
    return undefined
  }
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined
}

/** A deflated member with the old one's name, times and attributes; sizes stand in the record, so no descriptor follows. */
function pack(zip: Buffer, member: ZipMember, content: string): RewrittenMember {
  const bytes = Buffer.from(content, 'utf8')
  const data = deflateRawSync(bytes)
  const head = Buffer.from(zip.subarray(member.start, member.dataStart))
  const entry = Buffer.from(member.entry)
  const sums = Buffer.alloc(12)
  sums.writeUInt32LE(crc32(bytes) >>> 0, 0)
  sums.writeUInt32LE(data.length, 4)
  sums.writeUInt32LE(bytes.length, 8)
  head.writeUInt16LE(head.readUInt16LE(6) & ~8, 6)
  head.writeUInt16LE(8, 8)
  sums.copy(head, 14)
  entry.writeUInt16LE(entry.readUInt16LE(8) & ~8, 8)
  entry.writeUInt16LE(8, 10)
  sums.copy(entry, 16)
  return { record: Buffer.concat([head, data]), entry }
}
