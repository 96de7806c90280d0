// The history of what happened, newest last on disk, newest first on screens. Kept for 90 days and at most 5,000 lines.
// Owns the lines; what is selected of them is select-reports.ts's.
import { randomUUID } from 'node:crypto'
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import type { EndedScan, ReportSelection } from '#shared/domain/reports.ts'
import { HistoryLine } from '#shared/files/history-lines.ts'
import type { appContract } from '#shared/ipc/app-contract.ts'
import type { CallOutput, CallRequest } from '#shared/rpc/contract.ts'
import type { Clock, LogPort } from '../ports.ts'
import { isoNow } from '../state/clock.ts'
import type { Topics } from '../state/topics.ts'
import type { Journal } from '../storage/journal.ts'
import type { Storage } from '../storage/storage.ts'
import { ofEarlierVersion } from './earlier-lines.ts'
import { selectReports } from './select-reports.ts'

export type HistorySentence = Pick<HistoryEvent, 'grade' | 'title' | 'detail' | 'component'>

export interface History {
  load(): Promise<void>
  /** Never fails: what cannot be written is logged. `ended`: the scan whose end it is. */
  add(sentence: HistorySentence, ended?: EndedScan): void
  /** One page of what is kept, newest first. */
  list(query: HistoryQuery): HistoryPage
  /** All that is selected, newest first. */
  select(selection: ReportSelection): { readonly kept: number; readonly events: readonly HistoryEvent[] }
  /** The event of this id, and what is kept of the scan that ended with it. */
  find(id: string): KeptEvent | undefined
}

export interface KeptEvent {
  readonly event: HistoryEvent
  readonly ended?: EndedScan
}

type HistoryQuery = CallRequest<typeof appContract, 'history.list'>
type HistoryPage = CallOutput<typeof appContract, 'history.list'>

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
  let kept: KeptEvent[] = []

  const recent = () => kept.slice(-recentCount).reverse()
  const show = () => topics.update('history', () => ({ recent: recent().map(({ event }) => event) }))
  const lines = () => kept.map((one): HistoryLine => ({ version: 1, ...one }))
  const select = (selection: ReportSelection) =>
    selectReports(
      kept.map(({ event }) => event),
      selection,
    )

  return {
    async load() {
      const opened = await storage.openJournal('history.jsonl', HistoryLine)
      journal = opened.journal
      const since = clock.now() - keptMs
      const all = [...new Map(opened.lines.map((line) => [line.event.id, keptEvent(line)])).values()]
      kept = all.filter(({ event }) => Date.parse(event.at) >= since).slice(-keptLines)
      if (opened.lines.length > kept.length + 200) await journal.rewrite(lines)
      show()
    },
    list({ offset, limit, ...selection }) {
      const { shown, ...numbers } = select(selection)
      const end = Math.max(0, shown.length - offset)
      return {
        ...numbers,
        total: shown.length,
        kept: kept.length,
        events: shown.slice(Math.max(0, end - limit), end).reverse(),
      }
    },
    select: (selection) => ({ kept: kept.length, events: select(selection).shown.reverse() }),
    find: (id) => kept.find(({ event }) => event.id === id),
    add({ grade, title, detail, component }, ended) {
      const event: HistoryEvent = {
        id: randomUUID(),
        at: isoNow(clock),
        grade,
        title: title.slice(0, 256),
        detail: detail.slice(0, 4096),
        component,
        ...(ended === undefined ? {} : { endOfScan: true }),
      }
      const one = { event, ...(ended === undefined ? {} : { ended }) }
      kept.push(one)
      if (kept.length > keptLines + 500) kept = kept.slice(-keptLines)
      show()
      journal
        ?.append({ version: 1, ...one })
        .catch((error: unknown) => log.warn('history line lost', { error: String(error) }))
    },
  }
}

/** What a line of an earlier version does not say is told by its sentence. */
function keptEvent({ event, ended }: HistoryLine): KeptEvent {
  const { component } = event
  const whole = component === undefined ? { ...event, ...ofEarlierVersion(event) } : { ...event, component }
  return { event: whole, ...(ended === undefined ? {} : { ended }) }
}
