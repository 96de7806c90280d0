// Inflates deflate, gzip and zlib data up to a bound, keeping what came out before an error or the bound.
// Never makes more than it was allowed to: small results at once, large ones in pieces that are counted.
import { createGunzip, createInflate, createInflateRaw, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Budget } from './budget.ts'

export type DeflateWrapping = 'gzip' | 'raw' | 'zlib'

export interface Inflated {
  readonly bytes: Buffer
  /** Why the bytes are not all of it. */
  readonly problem?: NotScannedReason
}

const smallBytes = 1024 * 1024
const pieceBytes = 64 * 1024
const atOnce = { gzip: gunzipSync, raw: inflateRawSync, zlib: inflateSync } as const
const inPieces = { gzip: createGunzip, raw: createInflateRaw, zlib: createInflate } as const

/** `expected`: the size that the container states, 0 if none. It is a hint only; the budget is what binds. */
export async function inflate(
  packed: Buffer,
  wrapping: DeflateWrapping,
  budget: Budget,
  expected = 0,
): Promise<Inflated> {
  const room = budget.room()
  const small = Math.min(smallBytes, room)
  if (small > 0 && expected <= small) {
    try {
      return { bytes: atOnce[wrapping](packed, { maxOutputLength: small, chunkSize: chunkFor(expected) }) }
    } catch {
      // Larger than stated, or damaged: in pieces, to keep what there is.
    }
  }
  return inflateInPieces(packed, wrapping, budget)
}

function chunkFor(expected: number): number {
  return Math.max(1024, Math.min(smallBytes, expected + 64))
}

async function inflateInPieces(packed: Buffer, wrapping: DeflateWrapping, budget: Budget): Promise<Inflated> {
  const stream = inPieces[wrapping]({ chunkSize: 512 * 1024 })
  const room = budget.room()
  const pieces: Buffer[] = []
  let size = 0
  let fed = 0
  let problem: NotScannedReason | undefined
  const feed = (): void => {
    for (let wantsMore = true; wantsMore && fed < packed.length; fed += pieceBytes) {
      wantsMore = stream.write(packed.subarray(fed, fed + pieceBytes))
    }
    if (fed >= packed.length) stream.end()
    else stream.once('drain', feed)
  }
  try {
    feed()
    for await (const piece of stream as AsyncIterable<Buffer>) {
      size += piece.length
      problem = problemOf(budget, Math.max(1, Number(stream.bytesWritten)), size, room)
      if (problem === 'too-big') pieces.push(piece.subarray(0, Math.max(0, room - (size - piece.length))))
      else pieces.push(piece)
      if (problem !== undefined) break
    }
  } catch (error) {
    problem = isCut(error) ? 'truncated' : 'corrupt'
  } finally {
    stream.destroy()
  }
  const bytes = Buffer.concat(pieces)
  return problem === undefined ? { bytes } : { bytes, problem }
}

/** The data ends before its own end mark. */
function isCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR'
}

function problemOf(budget: Budget, fed: number, size: number, room: number): NotScannedReason | undefined {
  if (budget.isBomb(fed, size)) return 'bomb'
  if (size > room) return 'too-big'
  return budget.isOverTime() ? 'time-limit' : undefined
}
