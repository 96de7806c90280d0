// Reads the tables of an ELF program: where its own structure ends, and whether all of it is there.
// Only reads numbers out of bytes; what they mean is for the detectors. Source: the ELF-64 and System V specifications.
import { type ByteSource, type Content, sourceOf } from '../files/byte-source.ts'

/** Rows of one kind: where they begin, bytes of each, how many. */
interface Table {
  readonly at: number
  readonly size: number
  readonly count: number
}

interface Elf {
  /** Of the whole content. */
  readonly size: number
  readonly segments: Table
  readonly sections: Table
  /** Null when the table cannot be read. */
  segmentRows(): Row[] | null
  sectionRows(): Row[] | null
}

/** What lies in the file for a segment or section. */
interface Row {
  readonly type: number
  readonly offset: number
  readonly size: number
}

/** Where a row has its numbers. */
interface Shape {
  readonly bytes: number
  readonly type: number
  readonly offset: number
  readonly size: number
}

const headerBytes = 64
const [mostEntries, mostEntryBytes] = [4096, 256]
const shapes = {
  32: { segment: { bytes: 32, type: 0, offset: 4, size: 16 }, section: { bytes: 40, type: 4, offset: 16, size: 20 } },
  64: { segment: { bytes: 56, type: 0, offset: 8, size: 32 }, section: { bytes: 64, type: 4, offset: 24, size: 32 } },
} as const
/** A segment that is loaded, a section that takes no room in the file. */
const [loaded, noRoom] = [1, 8]

/** Behind the last segment, section and table; 0 for what cannot be read. */
export function endOfElf(content: Content): number {
  const elf = readElf(content)
  if (elf === null) return 0
  const { segments, sections } = elf
  const [ofSegments, ofSections] = [elf.segmentRows(), elf.sectionRows()]
  if (ofSegments === null || ofSections === null) return 0
  const rows = [...ofSegments, ...ofSections.filter(({ type }) => type !== noRoom)]
  const end = Math.max(headerBytes, endOf(segments), endOf(sections), ...rows.map(({ offset, size }) => offset + size))
  return Math.min(end, elf.size)
}

/**
 * True for a program that ends before it says. Its sections are listed at its end: where that list is there, segments may
 * reach further, as in what was split off for debuggers.
 */
export function isCutElf(content: Content): boolean {
  const elf = readElf(content)
  if (elf === null) return false
  const { sections, segments, size } = elf
  if (sections.at > 0) return sections.at + sections.size * Math.max(1, sections.count) > size
  if (endOf(segments) > size) return true
  return (elf.segmentRows() ?? []).some((segment) => segment.type === loaded && segment.offset + segment.size > size)
}

function endOf({ at, size, count }: Table): number {
  return at + size * count
}

function readElf(content: Content): Elf | null {
  const source = sourceOf(content)
  const header = source.read(0, headerBytes)
  const [kind, order] = [header[4], header[5]]
  if (header.length < headerBytes || header.readUInt32BE(0) !== 0x7f454c46) return null
  if ((kind !== 1 && kind !== 2) || (order !== 1 && order !== 2)) return null
  const is64 = kind === 2
  const readers = readersOf(is64, order === 1)
  const table = (at: number, sizeAt: number): Table => {
    const [size, count] = [readers.half(header, sizeAt), readers.half(header, sizeAt + 2)]
    return { at: readers.word(header, at), size, count }
  }
  const segments = is64 ? table(32, 54) : table(28, 42)
  const sections = is64 ? table(40, 58) : table(32, 46)
  const shape = shapes[is64 ? 64 : 32]
  return {
    size: source.size,
    segments,
    sections,
    segmentRows: () => rowsOf(source, segments, shape.segment, readers),
    sectionRows: () => rowsOf(source, sections, shape.section, readers),
  }
}

function rowsOf(source: ByteSource, { at, size, count }: Table, shape: Shape, { int, word }: Readers): Row[] | null {
  if (count === 0) return []
  if (count > mostEntries || size < shape.bytes || size > mostEntryBytes) return null
  const bytes = source.read(at, size * count)
  if (bytes.length < size * count) return null
  return Array.from({ length: count }, (_, index) => ({
    type: int(bytes, index * size + shape.type),
    offset: word(bytes, index * size + shape.offset),
    size: word(bytes, index * size + shape.size),
  }))
}

interface Readers {
  half(bytes: Buffer, at: number): number
  int(bytes: Buffer, at: number): number
  /** An address or offset. */
  word(bytes: Buffer, at: number): number
}

function readersOf(is64: boolean, isLowFirst: boolean): Readers {
  const int = isLowFirst
    ? (bytes: Buffer, at: number) => bytes.readUInt32LE(at)
    : (bytes: Buffer, at: number) => bytes.readUInt32BE(at)
  const long = isLowFirst
    ? (bytes: Buffer, at: number) => Number(bytes.readBigUInt64LE(at))
    : (bytes: Buffer, at: number) => Number(bytes.readBigUInt64BE(at))
  const half = isLowFirst
    ? (bytes: Buffer, at: number) => bytes.readUInt16LE(at)
    : (bytes: Buffer, at: number) => bytes.readUInt16BE(at)
  return { half, int, word: is64 ? long : int }
}
