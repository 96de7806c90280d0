// Finds the parts of a plain signature line in its bytes, without making a string. Everything out of the ordinary is left
// to the reader of text (signature-text.ts), which also says what is wrong: this one only ever says "not plain".
import type { HashAlgorithm } from '../detect/hash-table.ts'
import type { HashLine } from '../detect/hash-table-builder.ts'

/** Hexadecimal digits of a digest. */
export const digestLengths = { md5: 32, sha1: 40, sha256: 64 } as const satisfies Record<HashAlgorithm, number>

export interface SimpleLine extends HashLine {
  readonly algorithm: HashAlgorithm
}

const [colon, star, zero, blank] = [0x3a, 0x2a, 0x30, 0x20]
const longestSize = 15
const longestName = 256

/** The parts of `DIGEST:SIZE:NAME`, whose digest is not yet known to be hexadecimal; null when it is not just that. */
export function readSimpleLine(bytes: Buffer, start: number, end: number): SimpleLine | null {
  const algorithm = algorithmOf(bytes, start, end)
  if (algorithm === null) return null
  let at = start + digestLengths[algorithm] + 1
  let size = -1
  if (bytes[at] === star) at += 1
  else {
    const first = at
    size = 0
    for (; at < end; at += 1) {
      const digit = (bytes[at] ?? 0) - zero
      if (digit < 0 || digit > 9) break
      size = size * 10 + digit
    }
    if (at === first || at - first > longestSize) return null
  }
  if (at >= end || bytes[at] !== colon) return null
  const nameEnd = nameEndOf(bytes, at + 1, end)
  return nameEnd === -1 ? null : { algorithm, digestAt: start, size, nameAt: at + 1, nameEnd }
}

function algorithmOf(bytes: Buffer, start: number, end: number): HashAlgorithm | null {
  if (start + digestLengths.sha256 < end && bytes[start + digestLengths.sha256] === colon) return 'sha256'
  if (start + digestLengths.md5 < end && bytes[start + digestLengths.md5] === colon) return 'md5'
  return start + digestLengths.sha1 < end && bytes[start + digestLengths.sha1] === colon ? 'sha1' : null
}

/** Where a name of plain characters ends that fills the rest of the line, but for a carriage return; else -1. */
function nameEndOf(bytes: Buffer, start: number, end: number): number {
  const last = bytes[end - 1] === 0x0d ? end - 1 : end
  if (last <= start || last - start > longestName) return -1
  for (let at = start; at < last; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte === colon || byte <= blank || byte > 0x7e) return -1
  }
  return last
}
