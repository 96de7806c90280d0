// Reads the headers of a Windows program (PE/COFF): sections, entry point, and whether all of it is there.
// Only reads numbers out of bytes; what they mean is for the detectors. Source: Microsoft PE/COFF specification.

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
const [headerBytes, sectionBytes] = [24, 40]

/** The program's headers; null when the content is no PE file. */
export function readPe(bytes: Buffer): PeFile | null {
  if (bytes.length < 64 || bytes.readUInt16LE(0) !== 0x5a4d) return null
  const at = bytes.readUInt32LE(0x3c)
  if (at + headerBytes > bytes.length || bytes.readUInt32LE(at) !== 0x4550) return null
  const stated = bytes.readUInt16LE(at + 6)
  const optional = at + headerBytes
  const table = optional + bytes.readUInt16LE(at + 20)
  const sections: PeSection[] = []
  for (let index = 0; index < Math.min(stated, mostSections); index += 1) {
    const start = table + index * sectionBytes
    if (start + sectionBytes > bytes.length) break
    sections.push(sectionAt(bytes, start))
  }
  const endOfSections = Math.max(
    Math.min(table + sections.length * sectionBytes, bytes.length),
    ...sections.map(({ rawOffset, rawSize }) => (rawSize === 0 ? 0 : rawOffset + rawSize)),
  )
  const hasOptional = optional + 24 <= bytes.length
  return {
    machine: bytes.readUInt16LE(at + 4),
    is64: hasOptional && bytes.readUInt16LE(optional) === 0x20b,
    isDll: (bytes.readUInt16LE(at + 22) & 0x2000) !== 0,
    entryPoint: hasOptional ? bytes.readUInt32LE(optional + 16) : 0,
    sections,
    endOfSections: Math.min(endOfSections, bytes.length),
    truncated: sections.length < Math.min(stated, mostSections) || endOfSections > bytes.length,
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
