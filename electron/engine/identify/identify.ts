// What a content is, told from its bytes alone. Owns magic numbers and the closed set of formats.
// Never looks at a name: an extension is the attacker's to choose.
import { sourceOfBuffer } from '../files/byte-source.ts'
import { type DiskImage, diskImage } from './disk-image.ts'
import { startsLz4 } from './lz4-start.ts'
import { startsLzma } from './lzma-start.ts'
import { isAsar, isIntelHex, isPackedFlash, isRawDisc } from './more-heads.ts'
import { pkcs7Kind } from './pkcs7-head.ts'
import { textKind } from './text-kind.ts'
import { findEndRecord } from './zip-end.ts'

export type Format =
  | 'zip'
  | 'ooxml'
  | 'jar'
  | 'tar'
  | 'gz'
  | '7z'
  | 'rar'
  | 'cab'
  | 'iso'
  | 'xz'
  | 'bz2'
  | 'zst'
  | 'lz4'
  | 'swf'
  | 'ihex'
  | 'rawdisc'
  | 'asar'
  | 'arj'
  | 'lzh'
  | 'cpio'
  | 'chm'
  | 'ole'
  | 'compress'
  | 'ar'
  | 'rpm'
  | 'wim'
  | 'squashfs'
  | 'szdd'
  | 'xar'
  | 'lzma'
  | 'nsis'
  | DiskImage
  | 'pdf'
  | 'elf'
  | 'pe'
  | 'macho'
  | 'script'
  | 'mail'
  | 'uuencode'
  | 'binhex'
  | 'html'
  | 'tnef'
  | 'pkcs7'
  | 'activemime'
  | 'rtf'
  | 'onenote'
  | 'sis'
  | 'text'
  | 'image'
  | 'empty'
  | 'data'

interface Magic {
  readonly format: Format
  readonly at: number
  readonly bytes: Buffer
}

const magics: readonly Magic[] = [
  magic('zip', '504b0304'),
  magic('zip', '504b0506'),
  magic('zip', '504b0708504b0304'),
  magic('zip', '504b3030504b0304'),
  magic('gz', '1f8b08'),
  magic('7z', '377abcaf271c'),
  magic('rar', '526172211a0700'),
  magic('rar', '526172211a070100'),
  magic('rar', '52457e5e'),
  magic('cab', '4d534346'),
  magic('xz', 'fd377a585a00'),
  magic('bz2', '425a68'),
  magic('zst', '28b52ffd'),
  magic('lz4', '04224d18'),
  magic('lz4', '02214c18'),
  magic('arj', '60ea'),
  magic('compress', '1f9d'),
  magic('cpio', '303730373031'),
  magic('cpio', '303730373032'),
  magic('cpio', '303730373037'),
  magic('cpio', 'c771'),
  magic('cpio', '71c7'),
  magic('chm', '4954534603000000'),
  magic('ole', 'd0cf11e0a1b11ae1'),
  magic('ar', '213c617263683e0a'),
  magic('rpm', 'edabeedb'),
  magic('wim', '4d5357494d000000'),
  magic('squashfs', '68737173'),
  magic('squashfs', '73717368'),
  magic('szdd', '535a444488f02733'),
  magic('xar', '78617221'),
  // Behind its flags; in an installer all of it lies behind the program (identify/carried.ts).
  magic('nsis', 'efbeadde4e756c6c736f6674496e7374', 4),
  magic('swf', '435753'),
  magic('swf', '5a5753'),
  magic('asar', '04000000'),
  magic('rawdisc', '00ffffffffffffffffffff00'),
  magic('tnef', '789f3e22'),
  magic('activemime', '4163746976654d696d650000'),
  magic('rtf', '7b5c7274'),
  magic('onenote', 'e4525c7b8cd8a74daeb15378d02996d3'),
  magic('sis', '19040010', 8),
  magic('sis', '7a1a2010'),
  magic('elf', '7f454c46'),
  magic('pe', '4d5a'),
  magic('macho', 'cffaedfe'),
  magic('macho', 'cefaedfe'),
  magic('image', '89504e470d0a1a0a'),
  magic('image', 'ffd8ff'),
  magic('image', '474946383761'),
  magic('image', '474946383961'),
  magic('tar', '7573746172', 257),
  magic('iso', '4344303031', 32_769),
  magic('iso', '4245413031', 32_769),
]

/** Nothing behind these tells what a content is. */
export const identifiedBytes = 256 * 1024

/** The format of a content; `data` when nothing is recognised. Looks at `identifiedBytes` at most. */
export function identify(bytes: Buffer): Format {
  if (bytes.length === 0) return 'empty'
  const found = magics.find((entry) => startsWith(bytes, entry.bytes, entry.at))
  if (found !== undefined && isPlausible(found.format, bytes))
    return found.format === 'zip' ? zipKind(bytes) : found.format
  if (isLzh(bytes)) return 'lzh'
  if (hasTarChecksum(bytes)) return 'tar'
  const image = diskImage(bytes)
  if (image !== null) return image
  if (startsWith(bytes, pdfMark, 0) || otherPdfMark.test(bytes.toString('latin1', 0, 40))) return 'pdf'
  if (startsWith(bytes, Buffer.from('#!'), 0)) return 'script'
  if (isIntelHex(bytes)) return 'ihex'
  if (isLzma(bytes) || startsLzma(bytes)) return 'lzma'
  if (pkcs7Kind(bytes) !== null) return 'pkcs7'
  const kind = textKind(bytes)
  // Readers look for it in the first kilobyte. A mail or page that speaks of one is a mail or page all the same.
  const mayBegin = kind === 'text' || kind === 'data'
  return mayBegin && bytes.subarray(0, 1024).includes(pdfMark) ? 'pdf' : kind
}

const pdfMark = Buffer.from('%PDF-')
/** Readers take it too. */
const otherPdfMark = /^%!PS-Adobe-[^\s]{1,8} PDF-/

/** True when a ZIP directory lies at the end of a content that begins as something else (self-extractor, polyglot). */
export function hasAppendedZip(bytes: Buffer): boolean {
  return findEndRecord(sourceOfBuffer(bytes)) !== null
}

/** A tar or an ISO image that begins as something else: both leave their first bytes to whoever makes them. */
export function hiddenImage(bytes: Buffer, format: Format): 'tar' | 'iso' | null {
  if (format !== 'tar' && startsWith(bytes, Buffer.from('ustar'), 257) && hasTarChecksum(bytes)) return 'tar'
  if (format !== 'iso' && startsWith(bytes, Buffer.from('CD001'), 32_769)) return 'iso'
  return null
}

/** True when the block has the header checksum of a tar entry; old archives have no other mark. */
export function hasTarChecksum(bytes: Buffer): boolean {
  if (bytes.length < 512 || bytes[0] === 0) return false
  const stored = Number.parseInt(bytes.toString('latin1', 148, 156).trim(), 8)
  if (!Number.isFinite(stored) || stored === 0) return false
  let [sum, high] = [8 * 0x20, 0]
  for (let at = 0; at < 512; at += 1) {
    const byte = at < 148 || at >= 156 ? (bytes[at] ?? 0) : 0
    sum += byte
    if (byte > 127) high += 1
  }
  // Old ones took characters for signed numbers.
  return sum === stored || sum - 256 * high === stored
}

function magic(format: Format, hex: string, at = 0): Magic {
  return { format, at, bytes: Buffer.from(hex, 'hex') }
}

function startsWith(bytes: Buffer, prefix: Buffer, at: number): boolean {
  if (bytes[at] !== prefix[0] || bytes.length < at + prefix.length) return false
  return bytes.compare(prefix, 0, prefix.length, at, at + prefix.length) === 0
}

/** Short magics need a second look, else ordinary data would be called an archive. */
function isPlausible(format: Format, bytes: Buffer): boolean {
  if (format === 'bz2') return /^[1-9]$/.test(String.fromCharCode(bytes[3] ?? 0)) && isBzip2Block(bytes)
  if (format === 'arj') return bytes.length > 40 && bytes.readUInt16LE(2) <= 2600 && (bytes[4] ?? 255) < 60
  if (format === 'cpio' && bytes[0] !== 0x30) return bytes.length > 26 && isBinaryCpio(bytes)
  if (format === 'pe') return bytes.length >= 64
  if (format === 'swf') return isPackedFlash(bytes)
  if (format === 'rawdisc') return isRawDisc(bytes)
  if (format === 'asar') return isAsar(bytes)
  if (format === 'lz4') return startsLz4(bytes, 0)
  // Four bytes are reserved; who opens one need not ask what they are.
  if (format === 'cab') return bytes.length > 36 && bytes[25] === 1
  return true
}

function isBzip2Block(bytes: Buffer): boolean {
  const block = bytes.toString('hex', 4, 10)
  return block === '314159265359' || block === '177245385090'
}

function isBinaryCpio(bytes: Buffer): boolean {
  const nameLength = bytes[0] === 0xc7 ? bytes.readUInt16LE(20) : bytes.readUInt16BE(20)
  const nameLengthBig = bytes[0] === 0xc7 ? nameLength : bytes.readUInt16LE(20)
  return Math.min(nameLength, nameLengthBig) > 0 && Math.min(nameLength, nameLengthBig) < 4096
}

function zipKind(bytes: Buffer): Format {
  const start = bytes.subarray(0, 4096)
  if (start.includes('[Content_Types].xml')) return 'ooxml'
  return start.includes('META-INF/') ? 'jar' : 'zip'
}

function isLzh(bytes: Buffer): boolean {
  return bytes.length > 21 && /^-l[hz][\dsd]-$/.test(bytes.toString('latin1', 2, 7))
}

/** The headerless LZMA format: properties byte 0x5d, a usual dictionary size, a size below 1 TB or unknown. */
function isLzma(bytes: Buffer): boolean {
  if (bytes.length < 14 || bytes[0] !== 0x5d || bytes[1] !== 0 || bytes[2] !== 0) return false
  const high = bytes.readUInt32LE(9)
  return bytes[13] === 0 && (high === 0xffffffff || high < 256)
}
