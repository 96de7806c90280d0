// Inflates deflate, gzip and zlib data up to a bound, keeping what came out before an error or the bound.
// Never makes more than it was allowed to: small results at once, large ones in pieces that are counted.
import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Budget } from './budget.ts'
import { type DeflateWrapping, InflatedPieces } from './inflate-stream.ts'

export interface Inflated {
  readonly bytes: Buffer
  /** Why the bytes are not all of it. */
  readonly problem?: NotScannedReason
  /** Bytes of the packed data up to its own end; only without a problem. */
  readonly used?: number
}

export const smallBytes = 1024 * 1024
const atOnce = { gzip: gunzipSync, raw: inflateRawSync, zlib: inflateSync } as const

/** `expected`: the size that the container states, 0 if none. It is a hint only; the budget is what binds. */
export async function inflate(
  packed: Buffer,
  wrapping: DeflateWrapping,
  budget: Budget,
  expected = 0,
): Promise<Inflated> {
  const small = inflateSmall(packed, wrapping, { room: budget.room(), expected })
  return small ?? inflateInPieces(packed, wrapping, budget)
}

interface SmallSize {
  readonly room: number
  readonly expected: number
}

/** Null for what is larger than small or than stated, or damaged. */
export function inflateSmall(
  packed: Buffer,
  wrapping: DeflateWrapping,
  { room, expected }: SmallSize,
): Inflated | null {
  const most = Math.min(smallBytes, room)
  if (most <= 0 || expected > most) return null
  try {
    // With `info` it is not only the bytes that are returned, which the types do not know.
    const result: unknown = atOnce[wrapping](packed, {
      maxOutputLength: most,
      chunkSize: chunkFor(expected),
      info: true,
    })
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } }
    return wrapping === 'gzip' && goesOn(packed, engine.bytesWritten)
      ? null
      : { bytes: buffer, used: engine.bytesWritten }
  } catch {
    return null
  }
}

/** Behind zeros, with which tapes and blocks are filled up, another member of the same content follows. */
function goesOn(packed: Buffer, used: number): boolean {
  let at = used
  while (packed[at] === 0) at += 1
  return at > used && packed[at] === 0x1f && packed[at + 1] === 0x8b
}

function chunkFor(expected: number): number {
  return Math.max(1024, Math.min(smallBytes, expected + 64))
}

/** To keep what there is. */
async function inflateInPieces(packed: Buffer, wrapping: DeflateWrapping, budget: Budget): Promise<Inflated> {
  const room = budget.room()
  const inflated = new InflatedPieces([packed], wrapping, budget)
  const pieces: Buffer[] = []
  let size = 0
  let bound: NotScannedReason | undefined
  for await (const piece of inflated) {
    size += piece.length
    const isTooMuch = size > room
    pieces.push(isTooMuch ? piece.subarray(0, Math.max(0, room - (size - piece.length))) : piece)
    if (isTooMuch) bound = 'too-big'
    else if (budget.isOverTime()) bound = 'time-limit'
    if (bound !== undefined) break
  }
  const bytes = Buffer.concat(pieces)
  const problem = inflated.problem ?? bound
  return problem === undefined ? { bytes, used: inflated.usedBytes } : { bytes, problem }
}
