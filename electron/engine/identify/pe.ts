// Reads the headers of a Windows program (PE/COFF): sections, entry point, and whether all of it is there.
// Only reads numbers out of bytes; what they mean is for the detectors. Source: Microsoft PE/COFF specification.
import { type Content, sourceOf } from '../files/byte-source.ts'

export interface PeSection {
  readonly name: string
  readonly virtualAddress: number
  readonly virtualSize: number
  readonly rawOffset: number
  readonly rawSize: number
  /** `IMAGE_SCN_*` flags. */
  readonly characteristics: number
}

export interface PeFile {
  readonly machine: number
  readonly is64: boolean
  readonly isDll: boolean
  /** Relative virtual address where the program starts; 0 = none. */
  readonly entryPoint: number
  readonly sections: readonly PeSection[]
  /** Where the data after the last section begins (overlay); equals the size when there is none. */
  readonly endOfSections: number
  /** A header or a section's data reaches beyond the end of the content. */
  readonly truncated: boolean
}

const mostSections = 96
/** Of the optional header only its beginning. */
const [headerBytes, optionalBytes, sectionBytes] = [24, 24, 40]

/** The program's headers; null when the content is no PE file. Reads those only. */
export function readPe(content: Content): PeFile | null {
  const source = sourceOf(content)
  const start = source.read(0, 64)
  if (start.length < 64 || start.readUInt16LE(0) !== 0x5a4d) return null
  const at = start.readUInt32LE(0x3c)
  const header = source.read(at, headerBytes + optionalBytes)
  if (header.length < headerBytes || header.readUInt32LE(0) !== 0x4550) return null
  const stated = Math.min(header.readUInt16LE(6), mostSections)
  const table = at + headerBytes + header.readUInt16LE(20)
  const rows = source.read(table, stated * sectionBytes)
  const sections: PeSection[] = []
  for (let row = 0; row + sectionBytes <= rows.length; row += sectionBytes) sections.push(sectionAt(rows, row))
  const endOfSections = Math.max(
    Math.min(table + sections.length * sectionBytes, source.size),
    ...sections.map(({ rawOffset, rawSize }) => (rawSize === 0 ? 0 : rawOffset + rawSize)),
  )
  const hasOptional = header.length === headerBytes + optionalBytes
  return {
    machine: header.readUInt16LE(4),
    is64: hasOptional && header.readUInt16LE(headerBytes) === 0x20b,
    isDll: (header.readUInt16LE(22) & 0x2000) !== 0,
    entryPoint: hasOptional ? header.readUInt32LE(headerBytes + 16) : 0,
    sections,
    endOfSections: Math.min(endOfSections, source.size),
    truncated: sections.length < stated || endOfSections > source.size,
  }
}

function sectionAt(bytes: Buffer, at: number): PeSection {
  return {
    name: bytes.toString('latin1', at, at + 8).replace(/\0+$/, ''),
    virtualSize: bytes.readUInt32LE(at + 8),
    virtualAddress: bytes.readUInt32LE(at + 12),
    rawSize: bytes.readUInt32LE(at + 16),
    rawOffset: bytes.readUInt32LE(at + 20),
    characteristics: bytes.readUInt32LE(at + 36),
  }
}
