// The remote commands this computer has seen, and how far each came. Written down before anything is answered or done;
// kept until a day after their expiry, so that a command offered again is known. Owns the journal, never carries one out.
import type { CommandEnvelope, CommandResult } from '#shared/domain/command.ts'
import { ProductError } from '#shared/errors.ts'
import { CommandLine } from '#shared/files/command-lines.ts'
import type { Clock } from '../ports.ts'
import { isoNow } from '../state/clock.ts'
import type { Journal } from '../storage/journal.ts'
import type { Storage } from '../storage/storage.ts'

export type FinalStatus = 'done' | 'failed' | 'cancelled' | 'expired'

export interface CommandEntry {
  readonly envelope: CommandEnvelope
  readonly acceptedAt: string
  /** How often it was begun. */
  readonly attempts: number
  readonly stopBy: 'device' | 'portal' | null
  readonly ended: { readonly status: FinalStatus; readonly result: CommandResult } | null
}

export interface CommandBook {
  load(latestNow: number): Promise<void>
  get(id: string): CommandEntry | undefined
  /** Newest last. */
  entries(): readonly CommandEntry[]
  /** False: seen before. */
  accept(envelope: CommandEnvelope): Promise<boolean>
  attempt(id: string): Promise<CommandEntry>
  /** It must not be started (again). */
  stop(id: string, by: 'device' | 'portal'): Promise<void>
  /** The first end counts; true when this was it. */
  end(id: string, status: FinalStatus, result: CommandResult): Promise<boolean>
  onChange(listener: () => void): void
}

const keptAfterExpiryMs = 24 * 3_600_000

export function createCommandBook({ storage, clock }: { storage: Storage; clock: Clock }): CommandBook {
  const entries = new Map<string, CommandEntry>()
  const listeners = new Set<() => void>()
  let journal: Journal<CommandLine> | null = null

  async function write(line: CommandLine): Promise<void> {
    if (!journal) throw new ProductError('internal', 'commands not loaded')
    const before = entries.get(idOf(line))
    apply(entries, line)
    try {
      await journal.append(line)
    } catch (error) {
      if (before) entries.set(idOf(line), before)
      else entries.delete(idOf(line))
      throw error
    }
    for (const listener of listeners) listener()
  }

  const common = () => ({ version: 1, at: isoNow(clock) }) as const

  function entryOf(id: string): CommandEntry {
    const entry = entries.get(id)
    if (!entry) throw new ProductError('not-found')
    return entry
  }

  return {
    async load(latestNow) {
      const opened = await storage.openJournal('commands.jsonl', CommandLine)
      journal = opened.journal
      for (const line of opened.lines) apply(entries, line)
      const old = [...entries.values()].filter(
        ({ envelope, ended }) => ended && Date.parse(envelope.expiresAt) + keptAfterExpiryMs < latestNow,
      )
      for (const { envelope } of old) entries.delete(envelope.id)
      if (old.length > 0) await journal.rewrite(() => opened.lines.filter((line) => entries.has(idOf(line))))
    },
    get: (id) => entries.get(id),
    entries: () => [...entries.values()],
    async accept(envelope) {
      // Memory first: the same offer may come twice at the same time.
      if (entries.has(envelope.id)) return false
      await write({ ...common(), kind: 'accepted', envelope })
      return true
    },
    async attempt(id) {
      const { envelope } = entryOf(id)
      await write({ ...common(), kind: 'attempt', id: envelope.id })
      return entryOf(id)
    },
    async stop(id, by) {
      const { envelope, stopBy, ended } = entryOf(id)
      if (!stopBy && !ended) await write({ ...common(), kind: 'stop', id: envelope.id, by })
    },
    async end(id, status, result) {
      const { envelope, ended } = entryOf(id)
      if (ended) return false
      await write({ ...common(), kind: 'ended', id: envelope.id, status, result })
      return true
    },
    onChange: (listener) => {
      listeners.add(listener)
    },
  }
}

function idOf(line: CommandLine): string {
  return line.kind === 'accepted' ? line.envelope.id : line.id
}

function apply(entries: Map<string, CommandEntry>, line: CommandLine): void {
  const id = idOf(line)
  if (line.kind === 'accepted') {
    if (!entries.has(id))
      entries.set(id, { envelope: line.envelope, acceptedAt: line.at, attempts: 0, stopBy: null, ended: null })
    return
  }
  const entry = entries.get(id)
  if (!entry || entry.ended) return
  if (line.kind === 'attempt') entries.set(id, { ...entry, attempts: entry.attempts + 1 })
  else if (line.kind === 'stop') entries.set(id, { ...entry, stopBy: entry.stopBy ?? line.by })
  else entries.set(id, { ...entry, ended: { status: line.status, result: line.result } })
}
