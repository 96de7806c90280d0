// Tells for each kind of content whether one really begins at a place: sums over headers where the format has them, else the
// numbers of which honest ones have only few. Reads a few bytes each time; throws nothing for bytes that end early.
import { crc32, inflateRawSync } from 'node:zlib'
import { sourceOfBuffer } from '../files/byte-source.ts'
import { endOfElf } from './elf.ts'
import { hasTarChecksum } from './identify.ts'
import { startsLz4 } from './lz4-start.ts'
import { readPe } from './pe.ts'

type Check = (bytes: Buffer, at: number, size: number) => boolean

const has = (bytes: Buffer, at: number, length: number): boolean => at >= 0 && at + length <= bytes.length

/** The sum of its first header fits, and it says where its list of members is. */
export const sevenZip: Check = (bytes, at) =>
  has(bytes, at, 32) &&
  bytes.readBigUInt64LE(at + 20) > 0n &&
  crc32(bytes.subarray(at + 12, at + 32)) === bytes.readUInt32LE(at + 8)

export function endOfSevenZip(bytes: Buffer, at: number): number {
  return Number(BigInt(at + 32) + bytes.readBigUInt64LE(at + 12) + bytes.readBigUInt64LE(at + 20))
}

/** RAR 2 to 4: the main header follows, type 0x73, with its sum. */
export const rar4: Check = (bytes, at) => {
  if (!has(bytes, at, 20) || bytes[at + 9] !== 0x73) return false
  const length = bytes.readUInt16LE(at + 12)
  if (length < 13 || !has(bytes, at + 7, length)) return false
  return (crc32(bytes.subarray(at + 9, at + 20)) & 0xffff) === bytes.readUInt16LE(at + 7)
}

/** RAR 5: sum, size, then a main (1) or encryption (4) header. */
export const rar5: Check = (bytes, at) => {
  const length = bytes[at + 12] ?? 255
  if (length > 127 || !has(bytes, at + 13, length) || ![1, 4].includes(bytes[at + 13] ?? 0)) return false
  return crc32(bytes.subarray(at + 12, at + 13 + length)) === bytes.readUInt32LE(at + 8)
}

export const cab: Check = (bytes, at, size) => {
  if (!has(bytes, at, 36)) return false
  const own = bytes.readUInt32LE(at + 8)
  return own > 36 && at + own <= size && bytes[at + 25] === 1
}

export const endOfCab = (bytes: Buffer, at: number): number => at + bytes.readUInt32LE(at + 8)

/** Its flags have a sum. */
export const xz: Check = (bytes, at) =>
  has(bytes, at, 32) && crc32(bytes.subarray(at + 6, at + 8)) === bytes.readUInt32LE(at + 8)

/** A frame by the sum of its header, or a block of the older form that keeps the rules. */
export const lz4: Check = startsLz4

const gzipSystems = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 255])
const tryBytes = 32 * 1024
const headerFlags = { sum: 2, extra: 4, name: 8, comment: 16 } as const

/** It can be unpacked, as far as it is looked at. */
export const gz: Check = (bytes, at) => {
  const flags = bytes[at + 3] ?? 255
  if (!has(bytes, at, 18) || flags > 31 || !gzipSystems.has(bytes[at + 9] ?? 100)) return false
  let from = at + 10 + ((flags & headerFlags.extra) === 0 ? 0 : 2 + bytes.readUInt16LE(at + 10))
  for (const text of [headerFlags.name, headerFlags.comment])
    if ((flags & text) !== 0) from = bytes.subarray(from, from + 4096).indexOf(0) + from + 1
  if ((flags & headerFlags.sum) !== 0) from += 2
  try {
    const made = inflateRawSync(bytes.subarray(from, from + tryBytes), {
      ...asFarAsItGoes,
      maxOutputLength: 2 * tryBytes,
    })
    return made.length > 0
  } catch (error) {
    return error instanceof RangeError
  }
}

/** Z_SYNC_FLUSH: data that ends early is no error. */
const asFarAsItGoes = { finishFlush: 2 }

export const bz2: Check = (bytes, at) => /^BZh[1-9]$/.test(bytes.toString('latin1', Math.max(0, at), at + 4))

/** No reserved bits, and a first block that no frame is too small for. */
export const zstd: Check = (bytes, at) => {
  if (!has(bytes, at, 12)) return false
  const flags = bytes[at + 4] ?? 0
  if ((flags & 8) !== 0) return false
  const isOne = (flags & 32) !== 0
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0
  const stated = [isOne ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
  const blockAt = at + 5 + (isOne ? 0 : 1) + dictionary + stated
  if (!has(bytes, blockAt, 3)) return false
  const block = bytes.readUIntLE(blockAt, 3)
  return ((block >> 1) & 3) !== 3 && block >> 3 > 0 && block >> 3 <= 128 * 1024
}

const codesLookedAt = 48

/** Codes of nine bits, none of which may stand for what does not exist yet: chance would need 48 good ones. */
export const compress: Check = (bytes, at) => {
  const flags = bytes[at + 2] ?? 0
  if ((flags & 0x60) !== 0 || (flags & 31) < 9 || (flags & 31) > 16) return false
  let next = (flags & 0x80) === 0 ? 256 : 257
  for (let code = 0; code < codesLookedAt; code += 1) {
    const bit = code * 9
    const place = at + 3 + (bit >> 3)
    if (!has(bytes, place, 2)) return code > 6
    const value = (bytes.readUInt16LE(place) >> (bit & 7)) & 511
    if (value > (code === 0 ? 255 : next)) return false
    if (code > 0) next += 1
  }
  return true
}

/** A usual size of the dictionary, an end that is marked or a size that is no wonder, and data that begins with more than zeros. */
export const lzma: Check = (bytes, at) => {
  if (!has(bytes, at, 18) || bytes[at + 13] !== 0 || bytes.readUInt32BE(at + 14) < 65_536) return false
  const dictionary = bytes.readUInt32LE(at + 1)
  const top = dictionary === 0 ? 0 : 2 ** (31 - Math.clz32(dictionary))
  if (dictionary < 65_536 || (dictionary !== top && dictionary !== top * 1.5)) return false
  const [low, high] = [bytes.readUInt32LE(at + 5), bytes.readUInt32LE(at + 9)]
  return (low === 0xffffffff && high === 0xffffffff) || (high === 0 && low >= 64 && low < 0x40000000)
}

/** Its header has a sum. */
export const arj: Check = (bytes, at) => {
  if (!has(bytes, at, 8)) return false
  const length = bytes.readUInt16LE(at + 2)
  if (length < 30 || length > 2600 || !has(bytes, at + 4, length + 4)) return false
  return crc32(bytes.subarray(at + 4, at + 4 + length)) === bytes.readUInt32LE(at + 4 + length)
}

/** Levels 0 and 1: the sum of the header. Levels 2 and 3: a length that a header may have. */
export const lzh: Check = (bytes, at) => {
  if (!has(bytes, at, 24) || !/^-l[hz][\dsd]-$/.test(bytes.toString('latin1', at + 2, at + 7))) return false
  const level = bytes[at + 20] ?? 9
  if (level > 1) return level < 4 && bytes.readUInt16LE(at) >= (level === 2 ? 24 : 4)
  const length = bytes[at] ?? 0
  if (length < 20 || !has(bytes, at + 2, length)) return false
  return (bytes.subarray(at + 2, at + 2 + length).reduce((sum, byte) => sum + byte, 0) & 255) === bytes[at + 1]
}

export const newCpio: Check = (bytes, at) => /^[\da-f]{104}$/i.test(bytes.toString('latin1', at + 6, at + 110))
export const oldCpio: Check = (bytes, at) => /^[0-7]{70}$/.test(bytes.toString('latin1', at + 6, at + 76))
export const lowCpio: Check = (bytes, at) => isBinaryCpio(bytes, at, (place) => bytes.readUInt16LE(place))
export const highCpio: Check = (bytes, at) => isBinaryCpio(bytes, at, (place) => bytes.readUInt16BE(place))

/** A name that can be shown, with its zero where it says; a mode of something that exists. */
function isBinaryCpio(bytes: Buffer, at: number, half: (place: number) => number): boolean {
  if (!has(bytes, at, 27)) return false
  const length = half(at + 20)
  if (length < 2 || length > 1024 || !has(bytes, at + 26, length)) return false
  const kinds = [0o01, 0o02, 0o04, 0o06, 0o10, 0o12, 0o14]
  return kinds.includes(half(at + 6) >> 12) && isName(bytes.subarray(at + 26, at + 26 + length))
}

/** Characters that can be shown, then a zero. */
function isName(bytes: Buffer): boolean {
  return bytes.findIndex((byte) => byte < 0x20) === bytes.length - 1 && bytes.at(-1) === 0
}

export const tar: Check = (bytes, at) => has(bytes, at, 512) && hasTarChecksum(bytes.subarray(at, at + 512))

export const iso: Check = (bytes, at) => has(bytes, at, 34 * 1024)

/** Version 4, a block size that is the power of two which is stated too; as in an AppImage. */
export const squashfs: Check = (bytes, at) =>
  has(bytes, at, 96) &&
  bytes.readUInt16LE(at + 28) === 4 &&
  bytes.readUInt32LE(at + 12) === 2 ** bytes.readUInt16LE(at + 22)

export const ar: Check = (bytes, at) => has(bytes, at, 68) && bytes.readUInt16LE(at + 66) === 0x0a60

export const rpm: Check = (bytes, at) =>
  has(bytes, at, 112) &&
  [3, 4].includes(bytes[at + 4] ?? 0) &&
  bytes.readUInt16BE(at + 6) < 2 &&
  bytes[at + 96] === 0x8e

export const wim: Check = (bytes, at) => has(bytes, at, 208) && bytes.readUInt32LE(at + 8) === 208

/** Nine bytes at most come out of one. */
export const szdd: Check = (bytes, at, size) =>
  has(bytes, at, 15) && bytes.readUInt32LE(at + 10) > 0 && bytes.readUInt32LE(at + 10) <= 9 * (size - at)

export const xar: Check = (bytes, at) =>
  has(bytes, at, 28) && bytes.readUInt16BE(at + 4) < 256 && bytes.readUInt16BE(at + 6) < 2

export const chm: Check = (bytes, at) => has(bytes, at, 96) && bytes.readUInt32LE(at + 8) === 96

export const nsis: Check = (bytes, at) =>
  has(bytes, at, 28) &&
  bytes.readUInt32LE(at) < 16 &&
  bytes.readUInt32LE(at + 20) > 0 &&
  bytes.readUInt32LE(at + 24) > 28

export const endOfNsis = (bytes: Buffer, at: number): number => at + bytes.readUInt32LE(at + 24)

const machines = new Set([0x14c, 0x8664, 0x1c0, 0x1c2, 0x1c4, 0xaa64, 0x200, 0xebc])

/** A whole table of sections behind a known machine. */
export const pe: Check = (bytes, at) => {
  if (!has(bytes, at, 64) || bytes.readUInt32LE(at + 60) > 4096) return false
  const program = readPe(bytes.subarray(at))
  return program !== null && machines.has(program.machine) && program.sections.length > 0
}

const directoryOfSignatures = 4

/** Behind its last section, or behind the signature of its maker. */
export function endOfPe(bytes: Buffer, at: number): number {
  const program = readPe(bytes.subarray(at))
  if (program === null) return bytes.length
  const optionalAt = at + bytes.readUInt32LE(at + 60) + 24
  const row = optionalAt + (program.is64 ? 112 : 96) + directoryOfSignatures * 8
  const end = at + program.endOfSections
  if (!has(bytes, row, 8)) return end
  const [from, length] = [bytes.readUInt32LE(row), bytes.readUInt32LE(row + 4)]
  return from < program.endOfSections ? end : Math.max(end, at + from + length)
}

/** What a system asks of a program before it runs it, and of an object file that its table has rows of the right length. */
export const elf: Check = (bytes, at) => {
  const [width, order] = [bytes[at + 4] ?? 0, bytes[at + 5] ?? 0]
  if (!has(bytes, at, 64) || width < 1 || width > 2 || order < 1 || order > 2) return false
  const half = (place: number) => (order === 1 ? bytes.readUInt16LE(at + place) : bytes.readUInt16BE(at + place))
  const kind = half(16)
  if (kind === 1) return half(width === 1 ? 46 : 58) === (width === 1 ? 40 : 64)
  return (kind === 2 || kind === 3) && half(width === 1 ? 42 : 54) === (width === 1 ? 32 : 56)
}

export const endOfElfAt = (bytes: Buffer, at: number): number => at + endOfElf(sourceOfBuffer(bytes.subarray(at)))

/** Version 3 or 4, the order of bytes and the sizes of sectors that go with it. */
export const ole: Check = (bytes, at) =>
  has(bytes, at, 640) && ['0300feff09000600', '0400feff0c000600'].includes(bytes.toString('hex', at + 26, at + 34))

/** A version, and an object not far behind it. */
export const pdf: Check = (bytes, at) =>
  /^\d/.test(bytes.toString('latin1', at + 5, at + 6)) && bytes.subarray(at, at + pdfBytes).includes(' obj')

const pdfBytes = 16 * 1024
const methods = new Set([0, 8, 9, 12, 14, 93, 95, 98])

/** The name of a member that can be shown, and a method that is in use. */
export const zip: Check = (bytes, at) => {
  if (!has(bytes, at, 31) || (bytes[at + 4] ?? 255) > 63 || !methods.has(bytes.readUInt16LE(at + 8))) return false
  const length = bytes.readUInt16LE(at + 26)
  return (
    length > 0 &&
    length < 1024 &&
    has(bytes, at + 30, length) &&
    !bytes.subarray(at + 30, at + 30 + length).some((byte) => byte < 0x20)
  )
}
