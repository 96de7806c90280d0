// The one interface of everything that opens a container.
// An unpacker makes members in memory; it never writes a file, never opens one, never decides what a member is.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Format } from '../identify/identify.ts'
import type { Budget } from './budget.ts'
import type { Pieces } from './inflate-steps.ts'

/** A container and what may be spent on it. `name` is the container's own, for formats that keep none for their member. */
export interface UnpackInput {
  readonly bytes: Buffer
  readonly name: Buffer
  readonly format: Format
  readonly budget: Budget
  /** What lies behind its end is looked at by somebody else: not a member. */
  readonly isBehindSeen?: boolean | undefined
}

/**
 * `content`: a member; `problem` says why it is not all of it. `skipped`: a member that could not be made.
 * `problem`: the container itself could not be opened wholly; may come at any place.
 */
export type Member =
  | {
      readonly kind: 'content'
      readonly name: Buffer
      /** There until the next member is asked for. */
      readonly bytes: Buffer
      readonly problem?: NotScannedReason
      /** The budget was charged when the stream that holds it was unpacked. */
      readonly isPaid?: true
    }
  | { readonly kind: 'skipped'; readonly name: Buffer; readonly reason: NotScannedReason }
  | {
      readonly kind: 'problem'
      readonly reason: NotScannedReason
      /** Nothing of it can be seen, not even what it holds. */
      readonly isAll?: true
    }

/** A member that need not fit into memory. Its pieces can be had once. */
export interface PiecesMember {
  readonly kind: 'pieces'
  readonly name: Buffer
  readonly pieces: Pieces
  /** Null: known at its end. */
  readonly size: number | null
  /** After the last piece: why it is not all of it. */
  problem(): NotScannedReason | undefined
  readonly isPaid?: true
}

/** What comes out of a container that is not in memory itself. */
export type LargeMember = Member | PiecesMember

export interface Unpacker {
  readonly formats: ReadonlySet<Format>
  /** Members in their order. Never throws for bad content: it yields a problem. */
  unpack(input: UnpackInput): AsyncGenerator<Member>
}
