// Tells whether a PDF is locked by a password. Knows where it says so; never tries to open it.
import { type Content, sourceOf } from '../files/byte-source.ts'

const mark = '/Encrypt'
/** Where a trailer may stand: at the end, and at the beginning of one that is made for slow networks. */
const endBytes = 64 * 1024
/** The dictionary of a table of objects that is a stream; it may be far from the end. */
const dictionaryBytes = 4096

/** Of a PDF in memory all is searched; of a larger one only the places where it says so. */
export function isEncryptedPdf(content: Content): boolean {
  if (Buffer.isBuffer(content)) return content.includes(mark)
  const source = sourceOf(content)
  const tail = source.read(Math.max(0, source.size - endBytes), endBytes)
  if (tail.includes(mark) || source.read(0, endBytes).includes(mark)) return true
  const [, table] = /startxref\s+(\d{1,15})\s+%%EOF/.exec(tail.toString('latin1', tail.lastIndexOf('startxref'))) ?? []
  return table !== undefined && source.read(Number(table), dictionaryBytes).includes(mark)
}
