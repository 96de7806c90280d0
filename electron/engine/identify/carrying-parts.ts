// Tells which parts of a content may carry other files: what lies behind a program's own structure, and its resources; what
// follows the first zero in a text; all of pictures, documents, and of what nobody knows. Archives have an end that only
// whoever opens them finds (unpack/behind.ts). Where a structure cannot be read it may be anywhere.
import { type ByteSource, type Content, findMark, sourceOf } from '../files/byte-source.ts'
import { endOfElf } from './elf.ts'
import type { Format } from './identify.ts'
import { readPe } from './pe.ts'

/** A part of the content, from `start` to before `end`. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/** Formats without zeros: an archive begins where they end. */
const texts: ReadonlySet<Format> = new Set<Format>(['text', 'html', 'mail', 'uuencode', 'binhex'])
/** Formats that anything may lie in. */
const anywhere: ReadonlySet<Format> = new Set<Format>([
  'script',
  'image',
  'pdf',
  'rtf',
  'macho',
  'onenote',
  'sis',
  'asar',
  'data',
])

/** In the order of the content; never empty stretches. Reads headers, and texts up to their first zero. */
export function carryingParts(content: Content, format: Format): Stretch[] {
  const source = sourceOf(content)
  return partsOf(source, format).filter(({ start, end }) => start < end)
}

function partsOf(source: ByteSource, format: Format): Stretch[] {
  const { size } = source
  if (format === 'pe') return partsOfPe(source)
  if (format === 'elf') return [{ start: Math.max(1, endOfElf(source)), end: size }]
  if (texts.has(format)) return [{ start: endOfText(source), end: size }]
  return anywhere.has(format) ? [{ start: 1, end: size }] : []
}

function partsOfPe(source: ByteSource): Stretch[] {
  const pe = readPe(source)
  if (pe === null || pe.sections.length === 0) return [{ start: 1, end: source.size }]
  const resources = pe.sections
    .filter(({ name }) => name === '.rsrc')
    .map(({ rawOffset, rawSize }) => ({ start: rawOffset, end: Math.min(rawOffset + rawSize, pe.endOfSections) }))
  return [...resources, { start: pe.endOfSections, end: source.size }]
}

/** One of these stands in everything that may be behind a text: bytes of no text, or the words of what has none. */
const textEnds = ['00', '1f', '255044462d', '213c617263683e0a', '314159265359'].map((hex) => Buffer.from(hex, 'hex'))
/** What a mark has before them, a header of tar included. */
const beforeEnd = 512

function endOfText(source: ByteSource): number {
  const places = textEnds.map((mark) => findMark(source, mark, 1)).filter((place) => place !== -1)
  return places.length === 0 ? source.size : Math.max(1, Math.min(...places) - beforeEnd)
}
