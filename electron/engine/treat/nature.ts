// What kind of thing an object is for its owner: nothing but malware, a document, an archive, a mail, a whole mailbox. It decides
// what may go with the bad when there is no cure. Told from content, never from a name; never changes anything.
import { fstatSync } from 'node:fs'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { ByteSource } from '../files/byte-source.ts'
import { fillBuffer } from '../files/content.ts'
import { identifiedBytes, identify } from '../identify/identify.ts'
import { readOle } from '../identify/ole.ts'
import { findEndRecord } from '../identify/zip-end.ts'
import { isWholeMalware, ownFindings } from './whole.ts'

/** `mail-store`: many mails in one file. `mail`: one. `archive`: also everything else with good and bad in it. */
export type Nature = 'malware' | 'document' | 'archive' | 'mail' | 'mail-store'

/** Formats in which what is bad is a part of one document. */
const documents: ReadonlySet<string> = new Set(['ooxml', 'pdf', 'rtf', 'onenote'])
/** Streams that only documents of the old Office formats have; installers and messages are compound files too. */
const documentStreams: ReadonlySet<string> = new Set([
  'WORDDOCUMENT',
  'WORKBOOK',
  'BOOK',
  'POWERPOINT DOCUMENT',
  'VISIODOCUMENT',
])

/** Of an open file that was detected. Throws errno errors. */
export function natureOf(fd: number, object: DetectedObject): Nature {
  const source = sourceOf(fd)
  const head = source.read(0, identifiedBytes)
  const isMail = identify(head) === 'mail'
  // SECURITY: what is also a ZIP (a Java program, a document) only wears the beginning of a mailbox.
  if (isStore(head, isMail) && findEndRecord(source) === null) return 'mail-store'
  if (isMail && object.container?.format === 'mail') return ownFindings(object).length > 0 ? 'malware' : 'mail'
  if (isWholeMalware(object)) return 'malware'
  const format = object.container?.format ?? ''
  if (format === 'ole') return natureOfCompound(source)
  return documents.has(format) || isOpenDocument(head) ? 'document' : 'archive'
}

/** Larger ones are not looked into. */
const maxCompoundBytes = 256 * 1024 * 1024

const storeMarks: readonly (readonly [at: number, mark: Buffer])[] = [
  // Outlook (PST, OST), Outlook Express (DBX), Exchange (EDB), UW-IMAP (MBX), MMDF, Lotus Notes (NSF).
  [0, Buffer.from('!BDN')],
  [0, Buffer.from('cfad12fe', 'hex')],
  [4, Buffer.from('efcdab89', 'hex')],
  [0, Buffer.from('*mbx*\r\n')],
  [0, Buffer.from('010101010a', 'hex')],
  [0, Buffer.from('1a000004', 'hex')],
  // Emacs.
  [0, Buffer.from('BABYL OPTIONS:')],
]

/** A mailbox of the old kind (mbox) begins with the line that stands before each of its mails. */
function isStore(head: Buffer, isMail: boolean): boolean {
  if (isMail && head.toString('latin1', 0, 5) === 'From ') return true
  return storeMarks.some(([at, mark]) => head.subarray(at, at + mark.length).equals(mark))
}

/** A message of Outlook (MSG) is one too. */
function natureOfCompound(source: ByteSource): Nature {
  if (source.size > maxCompoundBytes) return 'archive'
  const names = readOle(source.read(0, source.size))?.streams.map(({ name }) => name) ?? []
  if (names.some((name) => documentStreams.has(name))) return 'document'
  return names.includes('__PROPERTIES_VERSION1.0') ? 'mail' : 'archive'
}

/** Its first member says so, unpacked. */
function isOpenDocument(head: Buffer): boolean {
  return head.toString('latin1', 30, 73) === 'mimetypeapplication/vnd.oasis.opendocument.'
}

function sourceOf(fd: number): ByteSource {
  const { size } = fstatSync(fd)
  const read = (at: number, length: number): Buffer => {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at)))
    return bytes.subarray(0, fillBuffer(fd, bytes, at))
  }
  return { size, read, lend: (at, length) => ({ bytes: read(at, length), giveBack: () => {} }) }
}
