// Reads the central directory of a ZIP strictly: what is unusual is refused, so that a rewrite never guesses.
// Never unpacks anything.

/** One member: where its whole local record lies and what its directory entry says. */
export interface ZipMember {
  readonly rawName: Buffer
  readonly utf8: boolean
  readonly isFolder: boolean
  readonly method: number
  readonly crc32: number
  /** Packed bytes: offset and length in the file. */
  readonly dataStart: number
  readonly dataLength: number
  readonly unpackedLength: number
  /** Local record from its signature to the end of its descriptor. */
  readonly start: number
  readonly end: number
  /** Its entry in the central directory. */
  readonly entry: Buffer
}

export interface ZipDirectory {
  /** In the order of the central directory. */
  readonly members: readonly ZipMember[]
  /** Where the directory itself begins. */
  readonly start: number
  /** End record with its comment. */
  readonly endRecord: Buffer
}

/** Why a ZIP is not rewritten. */
export type ZipRefusal =
  | 'not-a-zip'
  | 'data-around'
  | 'zip64'
  | 'multi-disk'
  | 'encrypted-directory'
  | 'directory-damaged'
  | 'records-disagree'
  | 'overlap'
  | 'signed'

export class ZipRefused extends Error {
  readonly reason: ZipRefusal

  constructor(reason: ZipRefusal) {
    super(reason)
    this.name = 'ZipRefused'
    this.reason = reason
  }
}

const localSignature = 0x04034b50
const entrySignature = 0x02014b50
const endSignature = 0x06054b50
const zip64LocatorSignature = 0x07064b50
const descriptorSignature = 0x08074b50
const endLength = 22
const entryLength = 46
const localLength = 30

/** Reads a whole ZIP. Throws ZipRefused. */
export function readZipDirectory(zip: Buffer): ZipDirectory {
  const end = findEnd(zip)
  const endRecord = zip.subarray(end)
  checkEnd(zip, end)
  const count = endRecord.readUInt16LE(10)
  const directoryStart = endRecord.readUInt32LE(16)
  if (directoryStart + endRecord.readUInt32LE(12) !== end) throw new ZipRefused('data-around')
  const members: ZipMember[] = []
  let at = directoryStart
  for (let index = 0; index < count; index += 1) {
    const member = readMember(zip, at, { directoryStart, end })
    members.push(member)
    at += member.entry.length
  }
  if (at !== end) throw new ZipRefused('directory-damaged')
  checkLayout(zip, members, directoryStart)
  return { members, start: directoryStart, endRecord }
}

/** The last end record whose comment reaches exactly to the end of the file. */
function findEnd(zip: Buffer): number {
  for (let at = zip.length - endLength; at >= Math.max(0, zip.length - endLength - 0xffff); at -= 1) {
    if (zip.readUInt32LE(at) !== endSignature) continue
    if (at + endLength + zip.readUInt16LE(at + 20) === zip.length) return at
    throw new ZipRefused('data-around')
  }
  throw new ZipRefused('not-a-zip')
}

function checkEnd(zip: Buffer, end: number): void {
  if (end >= 20 && zip.readUInt32LE(end - 20) === zip64LocatorSignature) throw new ZipRefused('zip64')
  const counts = [zip.readUInt16LE(end + 8), zip.readUInt16LE(end + 10)]
  const sizes = [zip.readUInt32LE(end + 12), zip.readUInt32LE(end + 16)]
  if (counts.includes(0xffff) || sizes.includes(0xffffffff)) throw new ZipRefused('zip64')
  if (zip.readUInt16LE(end + 4) !== 0 || zip.readUInt16LE(end + 6) !== 0 || counts[0] !== counts[1]) {
    throw new ZipRefused('multi-disk')
  }
}

interface Bounds {
  readonly directoryStart: number
  readonly end: number
}

function readMember(zip: Buffer, at: number, bounds: Bounds): ZipMember {
  if (at + entryLength > bounds.end || zip.readUInt32LE(at) !== entrySignature)
    throw new ZipRefused('directory-damaged')
  const nameLength = zip.readUInt16LE(at + 28)
  const extraLength = zip.readUInt16LE(at + 30)
  const length = entryLength + nameLength + extraLength + zip.readUInt16LE(at + 32)
  if (at + length > bounds.end) throw new ZipRefused('directory-damaged')
  const entry = zip.subarray(at, at + length)
  const flags = entry.readUInt16LE(8)
  // Bit 13: names and sizes in the local records are masked.
  if ((flags & 0x2000) !== 0) throw new ZipRefused('encrypted-directory')
  if (entry.readUInt16LE(34) !== 0) throw new ZipRefused('multi-disk')
  const rawName = entry.subarray(entryLength, entryLength + nameLength)
  checkExtra(entry.subarray(entryLength + nameLength, entryLength + nameLength + extraLength))
  const sizes = { packed: entry.readUInt32LE(20), unpacked: entry.readUInt32LE(24), start: entry.readUInt32LE(42) }
  if (Object.values(sizes).includes(0xffffffff)) throw new ZipRefused('zip64')
  const record = readLocal(zip, {
    entry,
    rawName,
    start: sizes.start,
    packed: sizes.packed,
    flags,
    limit: bounds.directoryStart,
  })
  return {
    ...record,
    entry,
    rawName,
    utf8: (flags & 0x800) !== 0,
    isFolder: rawName.length > 0 && rawName[rawName.length - 1] === 0x2f,
    method: entry.readUInt16LE(10),
    crc32: entry.readUInt32LE(16),
    dataLength: sizes.packed,
    unpackedLength: sizes.unpacked,
    start: sizes.start,
  }
}

function checkExtra(extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    const id = extra.readUInt16LE(at)
    if (id === 0x0001) throw new ZipRefused('zip64')
    if (id === 0x0017) throw new ZipRefused('encrypted-directory')
  }
}

interface LocalQuestion {
  readonly entry: Buffer
  readonly rawName: Buffer
  readonly start: number
  readonly packed: number
  readonly flags: number
  readonly limit: number
}

function readLocal(zip: Buffer, question: LocalQuestion): { readonly dataStart: number; readonly end: number } {
  const { entry, rawName, start, packed, flags, limit } = question
  if (start + localLength > limit) throw new ZipRefused('directory-damaged')
  if (zip.readUInt32LE(start) !== localSignature) throw new ZipRefused('directory-damaged')
  const nameEnd = start + localLength + zip.readUInt16LE(start + 26)
  const dataStart = nameEnd + zip.readUInt16LE(start + 28)
  if (!zip.subarray(start + localLength, nameEnd).equals(rawName)) throw new ZipRefused('records-disagree')
  if (zip.readUInt16LE(start + 8) !== entry.readUInt16LE(10)) throw new ZipRefused('records-disagree')
  const hasDescriptor = (flags & 8) !== 0
  if (((zip.readUInt16LE(start + 6) & 8) !== 0) !== hasDescriptor) throw new ZipRefused('records-disagree')
  if (!hasDescriptor && !zip.subarray(start + 14, start + 26).equals(entry.subarray(16, 28))) {
    throw new ZipRefused('records-disagree')
  }
  const dataEnd = dataStart + packed
  const end = hasDescriptor ? dataEnd + descriptorLength(zip, dataEnd, entry) : dataEnd
  if (end > limit) throw new ZipRefused('overlap')
  return { dataStart, end }
}

/** The descriptor after the data: crc, packed, unpacked; its signature may be missing. */
function descriptorLength(zip: Buffer, at: number, entry: Buffer): number {
  const expected = entry.subarray(16, 28)
  if (
    zip.length >= at + 16 &&
    zip.readUInt32LE(at) === descriptorSignature &&
    zip.subarray(at + 4, at + 16).equals(expected)
  ) {
    return 16
  }
  if (zip.subarray(at, at + 12).equals(expected)) return 12
  throw new ZipRefused('records-disagree')
}

/** Records begin at the start of the file and do not share bytes; a signing block before the directory is a signature. */
function checkLayout(zip: Buffer, members: readonly ZipMember[], directoryStart: number): void {
  let reached = 0
  const byPlace = [...members].sort((a, b) => a.start - b.start)
  for (const [index, member] of byPlace.entries()) {
    if (index === 0 && member.start !== 0) throw new ZipRefused('data-around')
    if (member.start < reached) throw new ZipRefused('overlap')
    reached = member.end
  }
  if (zip.subarray(reached, directoryStart).includes('APK Sig Block 42')) throw new ZipRefused('signed')
  if (members.some((member) => isSignature(member.rawName.toString('latin1')))) throw new ZipRefused('signed')
}

function isSignature(name: string): boolean {
  return (
    /^META-INF\/[^/]+\.(SF|RSA|DSA|EC)$/i.test(name) ||
    /^META-INF\/SIG-[^/]+$/i.test(name) ||
    /^META-INF\/(document|macro)signatures\.xml$/i.test(name) ||
    /^_xmlsignatures\//i.test(name) ||
    /^package\/services\/digital-signature\//i.test(name)
  )
}

/** Text of a name in the code page that ZIP files without the UTF-8 mark use. */
export function cp437(bytes: Buffer): string {
  let text = ''
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : (upper437[byte - 0x80] ?? '?')
  return text
}

const upper437 = [
  ...'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
]
