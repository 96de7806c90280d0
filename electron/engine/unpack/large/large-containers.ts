// Decides which ways lead into a content that is not in memory: by place into a file, forwards through a stream.
// Never opens what 7-Zip would have to hold as a whole.
import { zipFormats } from '../../identify/archive-formats.ts'
import { type Format, identifiedBytes } from '../../identify/identify.ts'
import { findEndRecord } from '../../identify/zip-end.ts'
import { membersBehind } from '../behind.ts'
import type { Budget } from '../budget.ts'
import { gzipMemberName } from '../gzip.ts'
import type { Pieces } from '../inflate-steps.ts'
import { InflatedPieces } from '../inflate-stream.ts'
import { lentMember, type TarHeader, tarMembers } from '../tar.ts'
import type { LargeMember } from '../unpacker.ts'
import { type ForwardReader, readerOf } from './forward-reader.ts'
import { type LargeInput, largeZipMembers } from './large-zip.ts'

/** One way into a content that is not in memory. */
export interface LargeOpening {
  readonly format: Format
  readonly members: AsyncGenerator<LargeMember>
  /** True: it only looks like a container there; that nothing comes out is no damage. */
  readonly guessed: boolean
}

/** A content that is read on, and what is known of it by now. */
export interface StreamInput {
  readonly reader: ForwardReader
  readonly format: Format
  /** Enough of its start to hold the header of a compressed stream. */
  readonly start: Buffer
  readonly name: Buffer
  readonly budget: Budget
  readonly isPaid: boolean
}

/** So much of the start tells what a content is and what its member is called. */
export const startBytes = identifiedBytes

/** All ways into a file; none for what is no container or only opens as a whole. */
export function fileOpenings(input: LargeInput, format: Format): LargeOpening[] {
  const { source, end, name, budget } = input
  if (zipFormats.has(format)) return [{ format, guessed: false, members: largeZipMembers(input) }]
  const reader = readerOf(source, { from: 0, to: end, reason: end < source.size ? 'too-big' : 'truncated' })
  const start = source.read(0, startBytes)
  const found = streamOpening({ reader, format, start, name, budget, isPaid: false })
  const openings = found === null ? [] : [found]
  if (findEndRecord(source) !== null) openings.push({ format: 'zip', guessed: true, members: largeZipMembers(input) })
  return openings
}

/** The way into a content that is read on; null when there is none. */
export function streamOpening(input: StreamInput): LargeOpening | null {
  const { reader, format, budget, isPaid } = input
  if (format === 'tar')
    return { format, guessed: false, members: tarMembers(reader, budget, tarContent(budget, isPaid)) }
  return format === 'gz' ? { format, guessed: false, members: gzipMember(input) } : null
}

/** A member of a tar: lent as a whole, or in pieces when it is too large for that. */
function tarContent({ limits }: Budget, isPaid: boolean) {
  const paid = isPaid ? ({ isPaid: true } as const) : {}
  return async function* (header: TarHeader, reader: ForwardReader): AsyncGenerator<LargeMember> {
    const { name, size } = header
    if (size <= limits.memberBytes) {
      for await (const member of lentMember(header, reader)) yield { ...member, ...paid }
      return
    }
    const from = reader.at
    const problem = () => (reader.at - from < size ? reader.endReason() : undefined)
    yield { kind: 'pieces', name, size, pieces: reader.pieces(size), problem, ...paid }
  }
}

async function* gzipMember({ reader, start, name, budget }: StreamInput): AsyncGenerator<LargeMember> {
  const packed: Pieces = reader.pieces(Number.POSITIVE_INFINITY)
  const inflated = new InflatedPieces(packed, 'gzip', budget)
  const problem = () => (inflated.problem === 'truncated' ? reader.endReason() : inflated.problem)
  yield { kind: 'pieces', name: gzipMemberName(start, name), size: null, pieces: inflated, problem }
  yield* membersBehind(inflated.behind)
}
