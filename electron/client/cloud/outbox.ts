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
import { bytesOf, fitted } from './fact-size.ts'

export interface Outbox {
  load(): Promise<void>
  epoch(): string
  waiting(): number
  /**
   * Adds facts; what was already put in with this or a newer revision is dropped. After a failure they are kept in memory,
   * and the next call, also one without facts, writes them.
   */
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

export function createOutbox(deps: { storage: Storage; clock: Clock }): Outbox {
  return new OutboxObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class OutboxObject implements Outbox {
  private readonly storage: Storage
  private readonly clock: Clock
  private readonly listeners = new Set<() => void>()
  private journal: Journal<OutboxLine> | null = null
  private epochId: string = randomUUID()
  /** Highest number that is not here any more: the portal has it. */
  private dropped = 0
  private items: OutboxItem[] = []
  /** What is safely on disk up to here. Nothing else may be told: its number would be used again after a crash. */
  private written = 0
  private told = new Map<string, number>()
  /** A line could not be written: the whole file is written at the next chance. */
  private incomplete = false

  constructor({ storage, clock }: { storage: Storage; clock: Clock }) {
    this.storage = storage
    this.clock = clock
  }

  private readonly lastSeq = () => this.items.at(-1)?.seq ?? this.dropped

  private readonly tell = () => {
    for (const listener of this.listeners) listener()
  }

  private readonly opened = (): Journal<OutboxLine> => {
    if (!this.journal) throw new ProductError('internal', 'outbox not loaded')
    return this.journal
  }

  private readonly take = (line: OutboxLine): void => {
    switch (line.kind) {
      case 'epoch':
        this.epochId = line.epoch
        this.dropped = line.after
        this.items = []
        this.told = new Map()
        return
      case 'item':
        if (line.item.seq !== this.lastSeq() + 1) return
        this.items.push({ ...line.item, body: fitted(line.item.body) })
        this.remember(line.item.body)
        return
      case 'stored':
        this.drop(line.seq)
        return
      case 'told':
        for (const [key, rev] of line.keys) this.told.set(key, Math.max(rev, this.told.get(key) ?? 0))
    }
  }

  private readonly remember = (body: OutboxBody): void => {
    const mark = markOf(body)
    if (mark) this.told.set(mark.key, mark.rev)
  }

  private readonly drop = (seq: number): void => {
    this.items = this.items.filter((item) => item.seq > seq)
    this.dropped = Math.max(this.dropped, seq)
  }

  private readonly lines = (): OutboxLine[] => {
    const keys = [...this.told].filter(([, rev]) => rev !== forgotten)
    const pieces = Array.from({ length: Math.ceil(keys.length / 1000) }, (_, at) =>
      keys.slice(at * 1000, at * 1000 + 1000),
    )
    return [
      { version: 1, kind: 'epoch', epoch: this.epochId, after: this.dropped },
      ...pieces.map((piece): OutboxLine => ({ version: 1, kind: 'told', keys: piece })),
      ...this.items.map((item): OutboxLine => ({ version: 1, kind: 'item', item })),
    ]
  }

  private readonly write = async (added: readonly OutboxLine[]): Promise<void> => {
    const file = this.opened()
    const whole = this.incomplete || (file.grown > compactAfter && file.grown > this.items.length * 4)
    const upTo = this.lastSeq()
    const inEpoch = this.epochId
    try {
      await (whole ? file.rewrite(this.lines) : file.append(...added))
    } catch (error) {
      this.incomplete = true
      throw error
    }
    if (whole) this.incomplete = false
    if (this.epochId === inEpoch && !this.incomplete) this.written = Math.max(this.written, upTo)
    this.tell()
  }

  private readonly add = (bodies: readonly OutboxBody[]): OutboxItem[] => {
    const added: OutboxItem[] = []
    for (const body of bodies) {
      const mark = markOf(body)
      if (mark && (this.told.get(mark.key) ?? 0) >= mark.rev) continue
      const item = { seq: this.lastSeq() + 1, at: isoNow(this.clock), body: fitted(body) }
      this.items.push(item)
      this.remember(body)
      added.push(item)
    }
    return added
  }

  readonly load: Outbox['load'] = async () => {
    const loaded = await this.storage.openJournal('outbox.jsonl', OutboxLine)
    this.journal = loaded.journal
    for (const line of loaded.lines) this.take(line)
    this.written = this.lastSeq()
    if (loaded.lines.length === 0) await this.journal.append(...this.lines())
  }

  readonly epoch: Outbox['epoch'] = () => this.epochId

  readonly waiting: Outbox['waiting'] = () => this.items.length

  readonly put: Outbox['put'] = async (...bodies) => {
    const added = this.add(bodies)
    // What an earlier try could not write is written with the next one.
    if (added.length === 0 && !this.incomplete) return
    await this.write(added.map((item): OutboxLine => ({ version: 1, kind: 'item', item })))
  }

  readonly next: Outbox['next'] = () => {
    const batch: OutboxItem[] = []
    let bytes = 0
    for (const item of this.items.slice(0, batchItems)) {
      if (item.seq > this.written) break
      bytes += bytesOf(item)
      if (batch.length > 0 && bytes > batchBytes) break
      batch.push(item)
    }
    return batch
  }

  readonly stored: Outbox['stored'] = async (theirs, seq) => {
    // A portal that knows nothing of this epoch fits as long as nothing of it was dropped here.
    if (theirs !== this.epochId) return this.dropped === 0
    if (seq < this.dropped || seq > this.lastSeq()) return false
    if (seq === this.dropped) return true
    this.drop(seq)
    await this.write([{ version: 1, kind: 'stored', seq }])
    return true
  }

  readonly restart: Outbox['restart'] = async (bodies) => {
    this.epochId = randomUUID()
    this.dropped = 0
    this.items = []
    this.told = new Map()
    this.written = 0
    this.add(bodies)
    this.incomplete = true
    await this.write([])
  }

  readonly onChange: Outbox['onChange'] = (listener) => {
    this.listeners.add(listener)
  }
}

const forgotten = Number.MAX_SAFE_INTEGER
const commandRanks = { delivered: 1, running: 2 } as const

/** What a fact is about and how new it is. */
function markOf(body: OutboxBody): { readonly key: string; readonly rev: number } | null {
  switch (body.kind) {
    case 'detection':
      return { key: `d:${body.detection.id}`, rev: body.detection.rev }
    case 'detection-removed':
      return { key: `d:${body.detectionId}`, rev: forgotten }
    case 'command':
      return {
        key: `c:${body.commandId}`,
        rev: isFinal(body.status) ? 3 : commandRanks[body.status as keyof typeof commandRanks],
      }
    case 'epoch-complete':
      return { key: 'epoch-complete', rev: 1 }
  }
}
