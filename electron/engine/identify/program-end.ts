// Tells which parts of a program may carry other files: what lies behind its own structure, and its resources.
// Where the structure cannot be read it may be anywhere.
import type { Format } from './identify.ts'
import { readPe } from './pe.ts'

/** A part of the content, from `start` to before `end`. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/** In the order of the content; never empty stretches. */
export function carryingParts(bytes: Buffer, format: Format): Stretch[] {
  const parts = format === 'pe' ? partsOfPe(bytes) : [{ start: endOfElf(bytes), end: bytes.length }]
  return parts.filter(({ start, end }) => start < end)
}

function partsOfPe(bytes: Buffer): Stretch[] {
  const pe = readPe(bytes)
  if (pe === null || pe.sections.length === 0) return [{ start: 0, end: bytes.length }]
  const resources = pe.sections
    .filter(({ name }) => name === '.rsrc')
    .map(({ rawOffset, rawSize }) => ({ start: rawOffset, end: Math.min(rawOffset + rawSize, pe.endOfSections) }))
  return [...resources, { start: pe.endOfSections, end: bytes.length }]
}

const mostEntries = 4096

/** Behind the last segment, section and table; 0 for what cannot be read. Source: the ELF-64 and System V specifications. */
function endOfElf(bytes: Buffer): number {
  const is64 = bytes[4] === 2
  if (bytes.length < 64 || (!is64 && bytes[4] !== 1) || bytes[5] !== 1) return 0
  const word = (at: number): number => (is64 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at))
  const segments = { at: word(is64 ? 32 : 28), ...sizes(bytes, is64 ? 54 : 42) }
  const sections = { at: word(is64 ? 40 : 32), ...sizes(bytes, is64 ? 58 : 46) }
  let end = 64
  for (const table of [segments, sections]) {
    const tableEnd = table.at + table.size * table.count
    if (table.count > mostEntries || tableEnd > bytes.length) return 0
    end = Math.max(end, tableEnd)
  }
  for (let index = 0; index < segments.count; index += 1) {
    const at = segments.at + index * segments.size
    if (segments.size < (is64 ? 56 : 32)) return 0
    end = Math.max(end, is64 ? word(at + 8) + word(at + 32) : word(at + 4) + word(at + 16))
  }
  for (let index = 0; index < sections.count; index += 1) {
    const at = sections.at + index * sections.size
    if (sections.size < (is64 ? 64 : 40)) return 0
    // Type 8 takes no room in the file.
    if (bytes.readUInt32LE(at + 4) === 8) continue
    end = Math.max(end, is64 ? word(at + 24) + word(at + 32) : word(at + 16) + word(at + 20))
  }
  return Math.min(end, bytes.length)
}

/** Size and number of a table's entries. */
function sizes(bytes: Buffer, at: number): { readonly size: number; readonly count: number } {
  return { size: bytes.readUInt16LE(at), count: bytes.readUInt16LE(at + 2) }
}
