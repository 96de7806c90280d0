// Windows programs whose headers make no sense for a compiler, or whose code is packed by something without a known mark:
// several signs are added up, one alone says nothing.
// Programs with the mark of a known packer are ordinary; what is cut off is a matter of coverage, not of suspicion.
import { isPackedProgram } from '../../identify/packer.ts'
import { type PeFile, type PeSection, readPe } from '../../identify/pe.ts'
import { type Heuristic, suspicion } from './suspicion.ts'

const [runs, writes] = [0x20000000, 0x80000000]
const sampleBytes = 65_536
const packedEntropy = 7.2
const [riskyScore, probableScore] = [4, 6]
const [i386, amd64] = [0x14c, 0x8664]
/** Drivers and programs for the firmware have layouts of their own: only programs with windows or a console are judged. */
const userSubsystems: ReadonlySet<number> = new Set([2, 3])

export const peAnomalies: Heuristic = ({ subject: { bytes, format } }) => {
  if (format !== 'pe') return null
  const pe = readPe(bytes)
  if (pe === null || pe.truncated || pe.sections.length === 0 || (pe.machine !== i386 && pe.machine !== amd64))
    return null
  if (!userSubsystems.has(subsystemOf(bytes)) || isPackedProgram(bytes, format)) return null
  const score = scoreOf(bytes, pe)
  if (score < riskyScore) return null
  return suspicion({
    threat: 'Pe.Anomalies',
    verdict: score < probableScore ? 'risky' : 'probably-infected',
    because: 'A program whose structure no compiler makes: it starts in changed or packed code.',
  })
}

function scoreOf(bytes: Buffer, pe: PeFile): number {
  const { sections, entryPoint } = pe
  const index = sections.findIndex((section) => holds(section, entryPoint))
  const start = sections[index]
  let score = 0
  if (entryPoint !== 0 && start === undefined) score += 3
  if (start !== undefined && isRwx(start) && index === sections.length - 1 && index > 0) score += 2
  if (start !== undefined && (start.characteristics & runs) === 0) score += 1
  // It begins in code that cannot be read: the one that unpacks it has to lie there too, and to write over itself.
  if (start !== undefined && start.rawSize >= 1024 && isPacked(bytes, start)) score += isRwx(start) ? 2 : 1
  // Room that is in no file, to be written and run: where it is unpacked to.
  if (sections.some((section) => isRwx(section) && section.rawSize === 0 && section.virtualSize >= 4096)) score += 1
  if (sections.some((section) => overlaps(section, sections))) score += 2
  const rwx = sections.find((section) => isRwx(section) && section.rawSize >= 1024)
  // Only now is anything of the content read: most programs have no such section.
  if (rwx !== undefined && isPacked(bytes, rwx)) score += 2
  if (rwx !== undefined && !hasImports(bytes, pe)) score += 1
  return score
}

function holds({ virtualAddress, virtualSize, rawSize }: PeSection, address: number): boolean {
  return address >= virtualAddress && address < virtualAddress + Math.max(virtualSize, rawSize)
}

function isRwx({ characteristics }: PeSection): boolean {
  return (characteristics & runs) !== 0 && (characteristics & writes) !== 0
}

function isPacked(bytes: Buffer, { rawOffset, rawSize }: PeSection): boolean {
  return entropy(bytes.subarray(rawOffset, rawOffset + rawSize)) >= packedEntropy
}

function overlaps(section: PeSection, sections: readonly PeSection[]): boolean {
  return sections.some(
    (other) =>
      other !== section &&
      section.rawSize > 0 &&
      other.rawSize > 0 &&
      section.rawOffset < other.rawOffset + other.rawSize &&
      other.rawOffset < section.rawOffset + section.rawSize,
  )
}

/** Bits for each byte (0 to 8) of the first 64 KB. */
function entropy(content: Buffer): number {
  const sample = content.subarray(0, sampleBytes)
  const counts = new Uint32Array(256)
  for (const byte of sample) counts[byte] = (counts[byte] ?? 0) + 1
  let bits = 0
  for (const count of counts) if (count > 0) bits -= (count / sample.length) * Math.log2(count / sample.length)
  return bits
}

/** Whether the second data directory (imports) has a place and a size. */
function hasImports(bytes: Buffer, { is64 }: PeFile): boolean {
  const at = bytes.readUInt32LE(0x3c) + 24 + (is64 ? 112 : 96) + 8
  return at + 8 <= bytes.length && bytes.readUInt32LE(at) !== 0 && bytes.readUInt32LE(at + 4) >= 40
}

function subsystemOf(bytes: Buffer): number {
  const at = bytes.readUInt32LE(0x3c) + 24 + 68
  return at + 2 <= bytes.length ? bytes.readUInt16LE(at) : 0
}
