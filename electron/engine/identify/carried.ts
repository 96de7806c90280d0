// Finds archives that a program or a script carries behind its own code (self-extractors).
// A mark alone is not believed: programs that read archives hold the same marks as constants.
import type { ByteSource } from '../files/byte-source.ts'
import type { Format } from './identify.ts'
import { carryingParts, type Stretch } from './program-end.ts'

export interface Carried {
  readonly format: Format
  readonly at: number
  /** Where it ends by its own words; else where the content does. */
  readonly end: number
  /** False: it may be something else after all, and that nothing comes out is no damage. */
  readonly isCertain: boolean
}

interface Kind {
  readonly format: Format
  readonly mark: Buffer
  /** Bytes of the archive before its mark. */
  readonly lead?: number
  /** Nothing else looks like this. */
  readonly isCertain?: boolean
  /** `size`: of what `bytes` are the beginning of. */
  isPlausible(bytes: Buffer, at: number, size: number): boolean
  /** Its own words on its size, with its lead. */
  sizeOf?(bytes: Buffer, at: number): number
}

/** Marks of one kind that are looked at, and archives of one kind that are opened. */
const mostPlaces = 64
const mostArchives = 4
/** Of a part of a program: licences and the like may come before the archive. */
const beginBytes = 256 * 1024

const kinds: readonly Kind[] = [
  {
    format: '7z',
    mark: Buffer.from('377abcaf271c', 'hex'),
    isPlausible: (bytes, at, size) => {
      if (at + 32 > bytes.length || bytes[at + 6] !== 0) return false
      const headerAt = bytes.readBigUInt64LE(at + 12)
      const headerSize = bytes.readBigUInt64LE(at + 20)
      return headerSize > 0n && BigInt(at + 32) + headerAt + headerSize <= BigInt(size)
    },
  },
  // RAR 2 to 4: the main header follows, type 0x73, at least 13 bytes.
  {
    format: 'rar',
    mark: Buffer.from('526172211a0700', 'hex'),
    isPlausible: (bytes, at) => at + 20 <= bytes.length && bytes[at + 9] === 0x73 && bytes.readUInt16LE(at + 12) === 13,
  },
  // RAR 5: checksum, size, then a main (1) or encryption (4) header.
  {
    format: 'rar',
    mark: Buffer.from('526172211a070100', 'hex'),
    isPlausible: (bytes, at) =>
      at + 20 <= bytes.length && (bytes[at + 12] ?? 255) < 64 && [1, 4].includes(bytes[at + 13] ?? 0),
  },
  {
    format: 'cab',
    mark: Buffer.from('4d53434600000000', 'hex'),
    isPlausible: (bytes, at, size) => {
      if (at + 36 > bytes.length) return false
      const own = bytes.readUInt32LE(at + 8)
      return own > 36 && at + own <= size && bytes[at + 25] === 1
    },
  },
  // As in an AppImage: version 4, a block size that is the power of two which is stated too.
  {
    format: 'squashfs',
    mark: Buffer.from('68737173', 'hex'),
    isPlausible: (bytes, at) =>
      at + 96 <= bytes.length &&
      bytes.readUInt16LE(at + 28) === 4 &&
      bytes.readUInt32LE(at + 12) === 2 ** bytes.readUInt16LE(at + 22),
  },
  // What NSIS puts behind its program: flags, the mark, size of the unpacked header, size of all of it. The program itself
  // looks for exactly this.
  {
    format: 'nsis',
    mark: Buffer.from('efbeadde4e756c6c736f6674496e7374', 'hex'),
    lead: 4,
    isCertain: true,
    isPlausible: (bytes, at) =>
      at >= 4 &&
      at + 24 <= bytes.length &&
      bytes.readUInt32LE(at - 4) < 16 &&
      bytes.readUInt32LE(at + 16) > 0 &&
      bytes.readUInt32LE(at + 20) > 28,
    // Behind it may lie a signature, or, for an uninstaller that is not compressed, the rest of the installer.
    sizeOf: (bytes, at) => bytes.readUInt32LE(at + 20),
  },
]

/** What shell scripts have behind their last line. */
const streams: readonly Kind[] = [
  {
    format: 'gz',
    mark: Buffer.from('1f8b08', 'hex'),
    isPlausible: (bytes, at) => at + 18 <= bytes.length && (bytes[at + 3] ?? 255) < 32,
  },
  { format: 'xz', mark: Buffer.from('fd377a585a00', 'hex'), isPlausible: (bytes, at) => at + 32 <= bytes.length },
  {
    format: 'bz2',
    mark: Buffer.from('314159265359', 'hex'),
    lead: 4,
    isPlausible: (bytes, at) => /^BZh[1-9]$/.test(bytes.toString('latin1', at - 4, at)),
  },
]

/** What may have an archive behind its own code. */
export const carriers: ReadonlySet<Format> = new Set<Format>(['pe', 'elf', 'script'])

/** The first plausible archives of each kind in the parts of a program or script that may carry one. */
export function findCarried(bytes: Buffer, carrier: Format): Carried[] {
  const parts = carrier === 'script' ? [{ start: 4, end: bytes.length }] : carryingParts(bytes, carrier)
  return kindsIn(carrier).flatMap((kind) => placesOf(kind, bytes, parts))
}

/**
 * True when an archive begins where that of an installer does, also when nobody can see whether one does. For contents that
 * are not in memory.
 */
export function carriesArchive(source: ByteSource, carrier: Format): boolean {
  if (!carriers.has(carrier)) return false
  const parts = carrier === 'script' ? [{ start: 4, end: source.size }] : carryingParts(source, carrier)
  return parts.some(({ start, end }) => {
    const bytes = source.read(start, Math.min(end - start, beginBytes))
    const size = source.size - start
    if (bytes.length === 0) return true
    return kindsIn(carrier).some((kind) => placesOf(kind, bytes, [{ start: 0, end: bytes.length }], size).length > 0)
  })
}

function kindsIn(carrier: Format): readonly Kind[] {
  return carrier === 'script' ? [...kinds, ...streams] : kinds
}

function placesOf(kind: Kind, bytes: Buffer, parts: readonly Stretch[], size = bytes.length): Carried[] {
  const { format, mark, lead = 0, isCertain = false } = kind
  const found: Carried[] = []
  for (const { start, end } of parts) {
    const part = bytes.subarray(0, end)
    let at = part.indexOf(mark, start)
    for (let places = 0; at !== -1 && places < mostPlaces && found.length < mostArchives; places += 1) {
      if (kind.isPlausible(bytes, at, size)) {
        const own = kind.sizeOf?.(bytes, at) ?? size
        found.push({ format, at: at - lead, end: Math.min(size, at - lead + own), isCertain })
      }
      at = part.indexOf(mark, at + 1)
    }
  }
  return found
}
