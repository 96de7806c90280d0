// Tells whether LZ4 data begins at a place: a frame by the sum over its header, the older form of Linux kernels by a first block
// that keeps the rules of the format. Makes nothing. Sources: LZ4 frame and block format descriptions.

export const lz4Marks = { frame: 0x184d2204, old: 0x184c2102, skipped: 0x184d2a50 } as const
/** What a block of the older form becomes at most, and what it is packed at most. */
export const oldBlock = { made: 8 * 1024 * 1024, packed: 8_421_520 } as const
const mostSequences = 64
const [two, three, four, five, one] = [0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1, 0x9e3779b1]

export interface Lz4Frame {
  /** Of its header. */
  readonly length: number
  readonly hasBlockSums: boolean
  readonly hasSum: boolean
  readonly hasDictionary: boolean
}

export function startsLz4(bytes: Buffer, at: number): boolean {
  return lz4Frame(bytes, at) !== null || startsOldLz4(bytes, at)
}

/** A frame of a known kind whose header is as it was made, or null. */
export function lz4Frame(bytes: Buffer, at: number): Lz4Frame | null {
  if (at + 7 > bytes.length || bytes.readUInt32LE(at) !== lz4Marks.frame) return null
  const [flags, size] = [bytes[at + 4] ?? 0, bytes[at + 5] ?? 0]
  if ((flags & 0xc2) !== 0x40 || (size & 0x8f) !== 0 || size < 0x40) return null
  const length = 7 + ((flags & 8) === 0 ? 0 : 8) + ((flags & 1) === 0 ? 0 : 4)
  if (at + length > bytes.length) return null
  const sum = (smallSum(bytes.subarray(at + 4, at + length - 1)) >>> 8) & 0xff
  if (bytes[at + length - 1] !== sum) return null
  return { length, hasBlockSums: (flags & 16) !== 0, hasSum: (flags & 4) !== 0, hasDictionary: (flags & 1) !== 0 }
}

/** A block of the older form behind its mark. */
function startsOldLz4(bytes: Buffer, at: number): boolean {
  if (at + 12 > bytes.length || bytes.readUInt32LE(at) !== lz4Marks.old) return false
  const size = bytes.readUInt32LE(at + 4)
  return size > 0 && size <= oldBlock.packed && keepsRules(bytes.subarray(at + 8, at + 8 + size))
}

/** True when no sequence of its beginning reaches back before the block. */
function keepsRules(block: Buffer): boolean {
  const length = (from: number, nibble: number): { readonly value: number; readonly at: number } => {
    let [value, at] = [nibble, from]
    if (nibble === 15)
      for (let byte = 255; byte === 255; at += 1) {
        byte = block[at] ?? 0
        value += byte
      }
    return { value, at }
  }
  let [made, at] = [0, 0]
  for (let sequences = 0; sequences < mostSequences && at < block.length; sequences += 1) {
    const token = block[at] ?? 0
    const literals = length(at + 1, token >> 4)
    made += literals.value
    at = literals.at + literals.value
    if (at + 2 > block.length) break
    const back = block.readUInt16LE(at)
    if (back === 0 || back > made) return false
    const match = length(at + 2, token & 15)
    made += match.value + 4
    at = match.at
  }
  return made > 0 && made <= oldBlock.made * mostSequences
}

/** xxHash32 of fewer than 16 bytes. */
function smallSum(bytes: Buffer): number {
  const turned = (value: number, by: number): number => (value << by) | (value >>> (32 - by))
  let sum = (five + bytes.length) | 0
  let at = 0
  for (; at + 4 <= bytes.length; at += 4)
    sum = Math.imul(turned((sum + Math.imul(bytes.readUInt32LE(at), three)) | 0, 17), four)
  for (; at < bytes.length; at += 1) sum = Math.imul(turned((sum + Math.imul(bytes[at] ?? 0, five)) | 0, 11), one)
  sum = Math.imul(sum ^ (sum >>> 15), two)
  sum = Math.imul(sum ^ (sum >>> 13), three)
  return (sum ^ (sum >>> 16)) >>> 0
}
