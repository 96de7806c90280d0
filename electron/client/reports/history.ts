// The history of what happened, newest last on disk, newest first on screens. Kept for 90 days and at most 5,000 lines.
import { randomUUID } from 'node:crypto'
import type { HistoryEvent, HistoryFilter } from '#shared/domain/app-state.ts'
import { HistoryLine } from '#shared/files/history-lines.ts'
import type { appContract } from '#shared/ipc/app-contract.ts'
import type { CallOutput, CallRequest } from '#shared/rpc/contract.ts'
import type { Clock, LogPort } from '../ports.ts'
import { isoNow } from '../state/clock.ts'
import type { Topics } from '../state/topics.ts'
import type { Journal } from '../storage/journal.ts'
import type { Storage } from '../storage/storage.ts'

export interface HistorySentence {
  readonly grade: HistoryEvent['grade']
  readonly title: string
  readonly detail: string
}

export interface History {
  load(): Promise<void>
  /** Never fails: what cannot be written is logged. */
  add(sentence: HistorySentence): void
  /** One page of what is kept, newest first. */
  list(query: HistoryQuery): HistoryPage
}

type HistoryQuery = CallRequest<typeof appContract, 'history.list'>
type HistoryPage = CallOutput<typeof appContract, 'history.list'>

const filterOf: Record<HistoryEvent['grade'], Exclude<HistoryFilter, 'all'>> = {
  critical: 'critical',
  important: 'important',
  information: 'information',
  good: 'information',
}

const recentCount = 20
const keptLines = 5_000
const keptMs = 90 * 24 * 3_600_000

export interface HistoryDeps {
  readonly storage: Storage
  readonly topics: Topics
  readonly clock: Clock
  readonly log: LogPort
}

export function createHistory({ storage, topics, clock, log }: HistoryDeps): History {
  let journal: Journal<HistoryLine> | null = null
  let events: HistoryEvent[] = []

  const show = () => topics.update('history', () => ({ recent: events.slice(-recentCount).reverse() }))
  const lines = () => events.map((event): HistoryLine => ({ version: 1, event }))

  return {
    async load() {
      const opened = await storage.openJournal('history.jsonl', HistoryLine)
      journal = opened.journal
      const since = clock.now() - keptMs
      const all = [...new Map(opened.lines.map(({ event }) => [event.id, event])).values()]
      events = all.filter((event) => Date.parse(event.at) >= since).slice(-keptLines)
      if (opened.lines.length > events.length + 200) await journal.rewrite(lines)
      show()
    },
    list({ filter, search, offset, limit }) {
      const wanted = search.trim().toLowerCase()
      const found = events.filter(({ title, detail }) => `${title}\n${detail}`.toLowerCase().includes(wanted))
      const counts = { all: found.length, critical: 0, important: 0, information: 0 }
      for (const { grade } of found) counts[filterOf[grade]] += 1
      const shown = filter === 'all' ? found : found.filter(({ grade }) => filterOf[grade] === filter)
      const end = Math.max(0, shown.length - offset)
      return { total: shown.length, counts, events: shown.slice(Math.max(0, end - limit), end).reverse() }
    },
    add({ grade, title, detail }) {
      const event: HistoryEvent = {
        id: randomUUID(),
        at: isoNow(clock),
        grade,
        title: title.slice(0, 256),
        detail: detail.slice(0, 4096),
      }
      events.push(event)
      if (events.length > keptLines + 500) events = events.slice(-keptLines)
      show()
      journal
        ?.append({ version: 1, event })
        .catch((error: unknown) => log.warn('history line lost', { error: String(error) }))
    },
  }
}
