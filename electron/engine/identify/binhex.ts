// Where a file in BinHex 4.0 begins in a text, and its letters as bytes. Words about such files, and lists of its letters, are
// none: behind the mark comes a line whose letters begin with a name. Source: RFC 1741. Never opens a file.

export const binhexMark = 'must be converted with BinHex'
const digits = '!"#$%&\'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr'
const values = new Int8Array(256).fill(-1)
for (let value = 0; value < 64; value += 1) values[digits.charCodeAt(value)] = value

const firstLine = /[\r\n][ \t]*:(?=[!-\-0-689@A-NP-VX-Z[`a-fh-mp-r]{20})/g
/** A name of 63 bytes, and the zero behind it. */
const headLetters = 90
const longestName = 63

/** Where the letters begin, behind the colon; -1 when none do. */
export function binhexStart(bytes: Buffer): number {
  const text = bytes.toString('latin1')
  const mark = text.indexOf(binhexMark)
  firstLine.lastIndex = mark
  const match = mark === -1 ? null : firstLine.exec(text)
  if (match === null) return -1
  const start = match.index + match[0].length
  const head = binhexBytes(bytes.subarray(0, start + headLetters), start)
  const nameLength = head[0] ?? 0
  return nameLength > 0 && nameLength <= longestName && (head[1 + nameLength] ?? 0) === 0 ? start : -1
}

/** Six bits a letter, up to the closing colon. */
export function binhexBytes(text: Buffer, from: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.ceil(((text.length - from) * 3) / 4) + 3)
  let [to, bits, count] = [0, 0, 0]
  for (let at = from; at < text.length; at += 1) {
    const byte = text[at] ?? 0
    if (byte === 0x3a) break
    const value = values[byte] ?? -1
    if (value < 0) continue
    bits = ((bits << 6) | value) & 0xffff
    count += 6
    if (count >= 8) {
      count -= 8
      bytes[to++] = (bits >> count) & 0xff
    }
  }
  return bytes.subarray(0, to)
}
