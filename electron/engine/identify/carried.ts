// Finds archives that a program carries behind its own code (self-extractors).
// A mark alone is not believed: programs that read archives hold the same marks as constants.
import type { Format } from './identify.ts'
import { carryingParts } from './program-end.ts'

export interface Carried {
  readonly format: Format
  readonly at: number
}

interface Kind {
  readonly format: Format
  readonly mark: Buffer
  isPlausible(bytes: Buffer, at: number): boolean
}

const mostPlaces = 64

const kinds: readonly Kind[] = [
  {
    format: '7z',
    mark: Buffer.from('377abcaf271c', 'hex'),
    isPlausible: (bytes, at) => {
      if (at + 32 > bytes.length || bytes[at + 6] !== 0) return false
      const headerAt = bytes.readBigUInt64LE(at + 12)
      const headerSize = bytes.readBigUInt64LE(at + 20)
      return headerSize > 0n && BigInt(at + 32) + headerAt + headerSize <= BigInt(bytes.length)
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
]

/** The first plausible archive of each kind in the parts of a program that may carry one. */
export function findCarried(bytes: Buffer, program: Format): Carried[] {
  const parts = carryingParts(bytes, program)
  return kinds.flatMap(({ format, mark, isPlausible }) => {
    for (const { start, end } of parts) {
      const part = bytes.subarray(0, end)
      let at = part.indexOf(mark, start)
      for (let places = 0; at !== -1 && places < mostPlaces; places += 1) {
        if (isPlausible(bytes, at)) return [{ format, at }]
        at = part.indexOf(mark, at + 1)
      }
    }
    return []
  })
}
