// Tells whether a content is a whole program by its own headers: everything they name is there, and the program starts inside of it.
// What a cure made of an infected program has to pass this. Sources: the System V and ELF-64 specifications, Microsoft PE/COFF.
import { readPe } from '../../identify/pe.ts'

export function isWholeProgram(bytes: Buffer, format: 'elf' | 'pe'): boolean {
  return format === 'elf' ? isWholeElf(bytes) : isWholePe(bytes)
}

function isWholePe(bytes: Buffer): boolean {
  const pe = readPe(bytes)
  if (pe === null || pe.truncated || pe.sections.length === 0) return false
  if (pe.entryPoint === 0) return pe.isDll
  return pe.sections.some(({ virtualAddress, virtualSize, rawSize }) => {
    return pe.entryPoint >= virtualAddress && pe.entryPoint < virtualAddress + Math.max(virtualSize, rawSize)
  })
}

const [object, executable, shared] = [1, 2, 3]
const loaded = 1

interface Elf {
  readonly is64: boolean
  /** Numbers of two, four or (as wide as an address) eight bytes at a place. */
  half(at: number): number
  word(at: number): number
  address(at: number): number
}

function isWholeElf(bytes: Buffer): boolean {
  const elf = readerOf(bytes)
  if (elf === undefined) return false
  const { is64, half, address } = elf
  const type = half(16)
  const segments = { at: address(is64 ? 32 : 28), size: half(is64 ? 54 : 42), count: half(is64 ? 56 : 44) }
  const sections = { at: address(is64 ? 40 : 32), size: half(is64 ? 58 : 46), count: half(is64 ? 60 : 48) }
  for (const { at, size, count } of [segments, sections])
    if (count > 0 && at + size * count > bytes.length) return false
  if (type === object) return sections.count > 0
  if ((type !== executable && type !== shared) || segments.size < (is64 ? 56 : 32)) return false
  const entry = address(24)
  return loadsEntry(bytes, elf, segments) || (type === shared && entry === 0 && loadsEntry(bytes, elf, segments, false))
}

/** True when all loaded segments are in the file, and one of them holds the entry point. */
function loadsEntry(
  bytes: Buffer,
  { is64, word, address }: Elf,
  table: { readonly at: number; readonly size: number; readonly count: number },
  needsEntry = true,
): boolean {
  const entry = address(24)
  let hasEntry = false
  for (let index = 0; index < table.count; index += 1) {
    const at = table.at + index * table.size
    if (word(at) !== loaded) continue
    const [offset, start, length, room] = (is64 ? [8, 16, 32, 40] : [4, 8, 16, 20]).map((field) => address(at + field))
    if (offset === undefined || start === undefined || length === undefined || room === undefined) return false
    if (offset + length > bytes.length) return false
    if (!needsEntry || (entry >= start && entry < start + room)) hasEntry = true
  }
  return hasEntry
}

function readerOf(bytes: Buffer): Elf | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined
  const [width, order] = [bytes[4], bytes[5]]
  if ((width !== 1 && width !== 2) || (order !== 1 && order !== 2)) return undefined
  const [is64, isLittle] = [width === 2, order === 1]
  const half = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const word = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const long = (at: number): number => Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))
  return { is64, half, word, address: is64 ? long : word }
}
