// What a large set of rules is split into: data only, in shared memory, for any thread.
// Made by databases/rule-split.ts, used by split-engine.ts. All of it is for contents that do not begin with `MZ`.
import type { Gate } from './rule-gate.ts'
import type { TriggerTable } from './trigger-table.ts'

export interface SplitForms {
  /** Compiled: all rules that can match such a content; those of them without triggers. */
  readonly complete: Uint8Array<SharedArrayBuffer>
  readonly untriggered: Uint8Array<SharedArrayBuffer>
  readonly table: TriggerTable
  /** Rules that can be asked alone, in the order of the numbers that the table gives: a `LoneText` in JSON on each line. */
  readonly lone: Uint8Array<SharedArrayBuffer>
}

export interface LoneText {
  readonly namespace: string
  readonly source: string
  readonly gate: Gate
}
