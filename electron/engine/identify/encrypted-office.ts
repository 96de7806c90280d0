// Tells whether an Office document is locked by a password, so that nobody without it can see what is inside.
// Knows where each kind of document says so; never tries to open one.
import type { Content } from '../files/byte-source.ts'
import { type OleFile, type OleStream, readOle } from './ole.ts'

/** What stands at the beginning of a stream of this name when the document is encrypted. */
const marks: ReadonlyMap<string, (head: Buffer) => boolean> = new Map([
  // Documents of 2007 and later, encrypted as a whole.
  ['ENCRYPTEDPACKAGE', () => true],
  // Older ones whose rights are managed.
  ['\tDRMCONTENT', () => true],
  ['WORDDOCUMENT', isWordEncrypted],
  ['WORKBOOK', isWorkbookEncrypted],
  ['BOOK', isWorkbookEncrypted],
  ['CURRENT USER', isPresentationEncrypted],
])
const headBytes = 1024
const mostStreams = 64

/** True for an OLE document that is encrypted: new ones in their cover, old ones by their own mark. */
export function isEncryptedOle(content: Content): boolean {
  const file = readOle(content)
  if (file === null) return false
  const known = file.streams.filter(({ name }) => marks.has(name)).slice(0, mostStreams)
  return known.some((stream) => isMarked(file, stream))
}

/** True for the list of parts of an OpenDocument file that has encrypted parts. */
export function isEncryptedOpenDocument(bytes: Buffer): boolean {
  const isList = bytes.subarray(0, 1024).includes('urn:oasis:names:tc:opendocument:xmlns:manifest')
  return isList && /<(\w+:)?encryption-data[\s>]/.test(bytes.toString('latin1'))
}

function isMarked(file: OleFile, stream: OleStream): boolean {
  return marks.get(stream.name)?.(file.head(stream, headBytes)) ?? false
}

/** fEncrypted of the file information block. */
function isWordEncrypted(head: Buffer): boolean {
  return head.length >= 12 && head.readUInt16LE(0) === 0xa5ec && (head.readUInt16LE(10) & 0x0100) !== 0
}

/** A FILEPASS record near the beginning. */
function isWorkbookEncrypted(head: Buffer): boolean {
  const [filePass, begin, end] = [0x2f, 0x09, 0x0a]
  if (head[0] !== begin) return false
  for (let at = 0; at + 4 <= head.length; at += 4 + head.readUInt16LE(at + 2)) {
    const record = head.readUInt16LE(at)
    if (record === filePass) return true
    if (record === end) return false
  }
  return false
}

/** The token of an encrypted presentation in the record of the current user. */
function isPresentationEncrypted(head: Buffer): boolean {
  return head.length >= 16 && head.readUInt32LE(12) === 0xf3d1c4df
}
