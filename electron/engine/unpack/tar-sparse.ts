// Files with holes in a tar: a map says where the pieces that are stored belong. Reads the maps of GNU tar and of pax, and gives
// the file as it was, its holes as zeros, without making more of it at once than was asked for.
// Never believes a map whose pieces overlap or go back.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { LentBytes } from '../files/byte-source.ts'
import type { Budget } from './budget.ts'
import type { ForwardReader } from './large/forward-reader.ts'
import type { PaxHoles } from './tar-pax.ts'

export interface HolesMap {
  /** Of the file with its holes. */
  readonly size: number
  /** Of all pieces together. */
  readonly stored: number
  readonly pieces: readonly Piece[]
}

interface Piece {
  readonly at: number
  readonly length: number
}

const blockBytes = 512
const pairBytes = 24
/** More are in no file. */
const mostPieces = 1_000_000
const zeros = Buffer.alloc(256 * 1024)

/** The map in the header of an entry `S` and in the blocks behind it, which are passed. Null: one that is not understood. */
export async function gnuMap(
  block: Buffer,
  reader: ForwardReader,
  numberIn: (field: Buffer) => number,
): Promise<HolesMap | null> {
  const numbers: number[] = []
  const add = (from: Buffer, at: number, pairs: number): void => {
    for (let pair = at; pair < at + pairs * pairBytes && (from[pair + 12] ?? 0) !== 0; pair += pairBytes)
      numbers.push(numberIn(from.subarray(pair, pair + 12)), numberIn(from.subarray(pair + 12, pair + pairBytes)))
  }
  add(block, 386, 4)
  let goesOn = block[482] === 1
  while (goesOn) {
    const more = await reader.take(blockBytes)
    if (numbers.length <= mostPieces * 2) add(more, 0, 21)
    goesOn = more.length === blockBytes && more[504] === 1
  }
  return mapOf(numberIn(block.subarray(483, 495)), numbers)
}

/** The map that pax records tell, or that they say stands before the pieces, where it is passed. Null as above. */
export async function paxMap({ size, map }: PaxHoles, reader: ForwardReader): Promise<HolesMap | null> {
  if (map !== null) return mapOf(size, map)
  const numbers = await numbersBefore(reader)
  return numbers === null ? null : mapOf(size, numbers)
}

/** Lines of one number each, how many pairs there are first, filled up to a whole block. */
async function numbersBefore(reader: ForwardReader): Promise<number[] | null> {
  const numbers: number[] = []
  let rest = ''
  for (let wanted = 1; numbers.length < wanted; ) {
    const block = await reader.take(blockBytes)
    const lines = (rest + block.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    if (block.length < blockBytes || (lines.length === 0 && rest.length > blockBytes)) return null
    for (const line of lines) {
      if (numbers.length === wanted) break
      if (!/^\d{1,15}$/.test(line)) return null
      numbers.push(Number(line))
      if (numbers.length === 1) wanted += Number(line) * 2
    }
    if (wanted > mostPieces * 2) return null
  }
  return numbers.slice(1)
}

function mapOf(size: number, numbers: readonly number[]): HolesMap | null {
  if (numbers.length % 2 !== 0 || numbers.length > mostPieces * 2) return null
  const pieces: Piece[] = []
  let [end, stored] = [0, 0]
  for (let index = 0; index < numbers.length; index += 2) {
    const [at = Number.NaN, length = Number.NaN] = numbers.slice(index, index + 2)
    if (!(Number.isSafeInteger(at) && Number.isSafeInteger(length) && at >= end && length >= 0 && at + length <= size))
      return null
    end = at + length
    stored += length
    if (length > 0) pieces.push({ at, length })
  }
  return { size, stored, pieces }
}

/** Reads the file with its holes; of `packed` only the pieces, one after the other. */
export class HolesReader implements ForwardReader {
  private readonly packed: ForwardReader
  private readonly map: HolesMap
  private readonly budget: Budget
  private index = 0
  private passed = 0
  private reason: NotScannedReason | undefined

  constructor(packed: ForwardReader, map: HolesMap, budget: Budget) {
    this.packed = packed
    this.map = map
    this.budget = budget
  }

  get at(): number {
    return this.passed
  }

  endReason(): NotScannedReason {
    return this.reason ?? this.packed.endReason()
  }

  async take(length: number): Promise<Buffer> {
    const { bytes, giveBack } = await this.lend(length)
    giveBack()
    return bytes
  }

  /** No more than the budget has room for: holes cost nothing where they are stored. */
  async lend(length: number): Promise<LentBytes> {
    const room = Math.min(length, this.map.size - this.passed, this.budget.room())
    if (room < length) this.reason = 'too-big'
    const bytes = Buffer.alloc(room)
    const giveBack = this.budget.hold(room)
    try {
      let filled = 0
      for await (const part of this.parts(room)) {
        if (typeof part !== 'number') part.copy(bytes, filled)
        filled += typeof part === 'number' ? part : part.length
      }
      return { bytes: bytes.subarray(0, filled), giveBack }
    } catch (error) {
      giveBack()
      throw error
    }
  }

  async skip(length: number): Promise<void> {
    for await (const part of this.parts(length)) void part
  }

  async *pieces(length: number): AsyncGenerator<Buffer> {
    for await (const part of this.parts(length)) {
      if (typeof part !== 'number') yield part
      else
        for (let left = part; left > 0; left -= zeros.length)
          yield left < zeros.length ? zeros.subarray(0, left) : zeros
    }
  }

  /** What comes next: bytes, or how many zeros. */
  private async *parts(length: number): AsyncGenerator<Buffer | number> {
    const end = Math.min(this.map.size, this.passed + length)
    while (this.passed < end) {
      const piece = this.map.pieces[this.index]
      const from = piece === undefined ? end : Math.min(end, piece.at)
      if (from > this.passed) {
        const hole = from - this.passed
        this.passed = from
        yield hole
        continue
      }
      if (piece === undefined) return
      const pieceEnd = piece.at + piece.length
      for await (const bytes of this.packed.pieces(Math.min(end, pieceEnd) - this.passed)) {
        this.passed += bytes.length
        yield bytes
      }
      if (this.passed < Math.min(end, pieceEnd)) return
      if (this.passed === pieceEnd) this.index += 1
    }
  }
}
