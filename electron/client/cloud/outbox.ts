// Facts for the portal that must arrive, in order, whatever breaks in between. Owns their numbers and their journal, and
// knows what was already put in, so that nothing is told twice. Never talks to the portal itself.
import { randomUUID } from 'node:crypto'
import type { OutboxBody, OutboxItem } from '#shared/cloud-protocol/device-contract.ts'
import { isFinal } from '#shared/domain/command.ts'
import { ProductError } from '#shared/errors.ts'
import { OutboxLine } from '#shared/files/outbox-lines.ts'
import type { Clock } from '../ports.ts'
import { isoNow } from '../state/clock.ts'
import type { Journal } from '../storage/journal.ts'
import type { Storage } from '../storage/storage.ts'

export interface Outbox {
  load(): Promise<void>
  epoch(): string
  waiting(): number
  /** Adds facts; what was already put in with this or a newer revision is dropped. */
  put(...bodies: readonly OutboxBody[]): Promise<void>
  /** The oldest items that were not stored yet, within limits. */
  next(): readonly OutboxItem[]
  /**
   * The portal has everything up to `seq` of `epoch`. False: that does not fit what is here (one of the two lost something);
   * begin again with `restart`.
   */
  stored(epoch: string | null, seq: number): Promise<boolean>
  /** A new epoch with these facts alone. */
  restart(bodies: readonly OutboxBody[]): Promise<void>
  onChange(listener: () => void): void
}

const batchItems = 100
const batchBytes = 400_000
const compactAfter = 1_000

export function createOutbox({ storage, clock }: { storage: Storage; clock: Clock }): Outbox {
  const listeners = new Set<() => void>()
  let journal: Journal<OutboxLine> | null = null
  let epoch: string = randomUUID()
  /** Highest number that is not here any more: the portal has it. */
  let dropped = 0
  let items: OutboxItem[] = []
  let told = new Map<string, number>()
  /** A line could not be written: the whole file is written at the next chance. */
  let incomplete = false

  const lastSeq = () => items.at(-1)?.seq ?? dropped
  const tell = () => {
    for (const listener of listeners) listener()
  }

  function opened(): Journal<OutboxLine> {
    if (!journal) throw new ProductError('internal', 'outbox not loaded')
    return journal
  }

  function take(line: OutboxLine): void {
    switch (line.kind) {
      case 'epoch':
        epoch = line.epoch
        dropped = line.after
        items = []
        told = new Map()
        return
      case 'item':
        if (line.item.seq !== lastSeq() + 1) return
        items.push(line.item)
        remember(line.item.body)
        return
      case 'stored':
        drop(line.seq)
        return
      case 'told':
        for (const [key, rev] of line.keys) told.set(key, Math.max(rev, told.get(key) ?? 0))
    }
  }

  function remember(body: OutboxBody): void {
    const mark = markOf(body)
    if (mark) told.set(mark.key, mark.rev)
  }

  function drop(seq: number): void {
    items = items.filter((item) => item.seq > seq)
    dropped = Math.max(dropped, seq)
  }

  function lines(): OutboxLine[] {
    const keys = [...told].filter(([, rev]) => rev !== forgotten)
    const pieces = Array.from({ length: Math.ceil(keys.length / 1000) }, (_, at) => keys.slice(at * 1000, at * 1000 + 1000))
    return [
      { version: 1, kind: 'epoch', epoch, after: dropped },
      ...pieces.map((piece): OutboxLine => ({ version: 1, kind: 'told', keys: piece })),
      ...items.map((item): OutboxLine => ({ version: 1, kind: 'item', item })),
    ]
  }

  async function write(added: readonly OutboxLine[]): Promise<void> {
    const file = opened()
    const whole = incomplete || (file.grown > compactAfter && file.grown > items.length * 4)
    incomplete = true
    await (whole ? file.rewrite(lines) : file.append(...added))
    incomplete = false
  }

  function add(bodies: readonly OutboxBody[]): OutboxItem[] {
    const added: OutboxItem[] = []
    for (const body of bodies) {
      const mark = markOf(body)
      if (mark && (told.get(mark.key) ?? 0) >= mark.rev) continue
      const item = { seq: lastSeq() + 1, at: isoNow(clock), body }
      items.push(item)
      remember(body)
      added.push(item)
    }
    return added
  }

  return {
    async load() {
      const loaded = await storage.openJournal('outbox.jsonl', OutboxLine)
      journal = loaded.journal
      for (const line of loaded.lines) take(line)
      if (loaded.lines.length === 0) await journal.append(...lines())
    },
    epoch: () => epoch,
    waiting: () => items.length,
    async put(...bodies) {
      const added = add(bodies)
      if (added.length === 0) return
      tell()
      await write(added.map((item): OutboxLine => ({ version: 1, kind: 'item', item })))
    },
    next() {
      const batch: OutboxItem[] = []
      let bytes = 0
      for (const item of items.slice(0, batchItems)) {
        bytes += JSON.stringify(item).length
        if (batch.length > 0 && bytes > batchBytes) break
        batch.push(item)
      }
      return batch
    },
    async stored(theirs, seq) {
      // A portal that knows nothing of this epoch fits as long as nothing of it was dropped here.
      if (theirs !== epoch) return dropped === 0
      if (seq < dropped || seq > lastSeq()) return false
      if (seq === dropped) return true
      drop(seq)
      tell()
      await write([{ version: 1, kind: 'stored', seq }])
      return true
    },
    async restart(bodies) {
      epoch = randomUUID()
      dropped = 0
      items = []
      told = new Map()
      add(bodies)
      await opened().rewrite(lines)
      tell()
    },
    onChange: (listener) => {
      listeners.add(listener)
    },
  }
}

const forgotten = Number.MAX_SAFE_INTEGER
const commandRanks = { delivered: 1, running: 2 } as const

/** What a fact is about and how new it is; null for facts that stand alone. */
function markOf(body: OutboxBody): { readonly key: string; readonly rev: number } | null {
  switch (body.kind) {
    case 'detection':
      return { key: `d:${body.detection.id}`, rev: body.detection.rev }
    case 'detection-removed':
      return { key: `d:${body.detectionId}`, rev: forgotten }
    case 'command':
      return { key: `c:${body.commandId}`, rev: isFinal(body.status) ? 3 : commandRanks[body.status as keyof typeof commandRanks] }
    case 'activity':
      return null
  }
}
