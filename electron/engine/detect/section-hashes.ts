// Looks the sections of a Windows program up in the signatures that are about sections. Reads the program by places, so that it
// need not fit into memory. Never asks about a section that no signature can be about.
import { createHash } from 'node:crypto'
import { type Content, piecesOf, sourceOf } from '../files/byte-source.ts'
import { type PeSection, readPe } from '../identify/pe.ts'
import type { OpenTable, Signature } from './hash-table.ts'

export interface SectionMatches {
  readonly signatures: readonly Signature[]
  /** False: sections that overlap would have made more to hash than is worth it, so not each was asked about. */
  readonly isComplete: boolean
}

/** Of a program's own size; sections may overlap, and a file that abuses this must not take hours. */
const mostPasses = 4

/** What is known of the sections of a program; none when it is no program. */
export function matchSections(tables: readonly OpenTable[], content: Content): SectionMatches {
  const source = sourceOf(content)
  const signatures: Signature[] = []
  let left = source.size * mostPasses
  for (const { rawOffset, rawSize } of wantedSections(tables, content)) {
    for (const table of tables.filter((each) => each.mayHold(rawSize))) {
      if (left < rawSize) return { signatures, isComplete: false }
      left -= rawSize
      const hash = createHash(table.algorithm)
      for (const piece of piecesOf(source, rawOffset, rawOffset + rawSize)) hash.update(piece)
      signatures.push(...table.find(hash.digest(), rawSize))
    }
  }
  return { signatures, isComplete: true }
}

/** Sections that some signature may be about, each place once. */
export function wantedSections(tables: readonly OpenTable[], content: Content): PeSection[] {
  const { size } = sourceOf(content)
  const places = new Map<string, PeSection>()
  for (const section of (tables.length > 0 && readPe(content)?.sections) || []) {
    const { rawOffset, rawSize } = section
    if (rawSize === 0 || rawOffset + rawSize > size || !tables.some((table) => table.mayHold(rawSize))) continue
    places.set(`${rawOffset} ${rawSize}`, section)
  }
  return [...places.values()]
}
