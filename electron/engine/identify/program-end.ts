// Tells which parts of a program may carry other files: what lies behind its own structure, and its resources.
// Where the structure cannot be read it may be anywhere.
import { type ByteSource, type Content, sourceOf } from '../files/byte-source.ts'
import { endOfElf } from './elf.ts'
import type { Format } from './identify.ts'
import { readPe } from './pe.ts'

/** A part of the content, from `start` to before `end`. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/** In the order of the content; never empty stretches. Reads the headers only. */
export function carryingParts(content: Content, format: Format): Stretch[] {
  const source = sourceOf(content)
  const parts = format === 'pe' ? partsOfPe(source) : [{ start: endOfElf(source), end: source.size }]
  return parts.filter(({ start, end }) => start < end)
}

function partsOfPe(source: ByteSource): Stretch[] {
  const pe = readPe(source)
  if (pe === null || pe.sections.length === 0) return [{ start: 0, end: source.size }]
  const resources = pe.sections
    .filter(({ name }) => name === '.rsrc')
    .map(({ rawOffset, rawSize }) => ({ start: rawOffset, end: Math.min(rawOffset + rawSize, pe.endOfSections) }))
  return [...resources, { start: pe.endOfSections, end: source.size }]
}
