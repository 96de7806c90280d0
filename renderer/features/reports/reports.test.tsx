// What stands in Reports when there is something to read, nothing, nothing that fits, or no answer; rendered without a browser.
import { MantineProvider } from '@mantine/core'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import type { ScanId } from '#shared/domain/ids.ts'
import type { HiddenReports, ReportSelection, ScanDetails } from '#shared/domain/reports.ts'
import { type FinishedScan, noCounters, noTotals } from '#shared/domain/scan.ts'
import { ProductError } from '#shared/errors.ts'
import type { Pages } from '../../components/use-pages.ts'
import { ReportList } from './ReportList.tsx'
import { ScanReportDetails } from './ScanReportDetails.tsx'
import { saveFailureText } from './save-text.ts'

const nothing = () => undefined

interface Shown {
  readonly selection?: Partial<ReportSelection>
  readonly kept?: number
  readonly hidden?: Partial<HiddenReports>
}

function markup(pages: Partial<Pages<HistoryEvent>>, { selection, kept = 0, hidden }: Shown = {}): string {
  const all: Pages<HistoryEvent> = {
    total: null,
    page: nothing,
    need: nothing,
    failure: null,
    retry: nothing,
    ...pages,
  }
  const numbers = { kept, hidden: { filter: 0, search: 0, component: 0, period: 0, ...hidden } } as never
  return renderToStaticMarkup(
    <MantineProvider>
      <ReportList
        pages={all}
        selection={{ filter: 'all', search: '', ...selection }}
        numbers={numbers}
        onClear={nothing}
      />
    </MantineProvider>,
  )
}

it('keeps the place while it loads, and offers another try where that failed', () => {
  expect(markup({})).toContain('Loading reports')
  const failed = markup({ failure: new ProductError('peer-gone') })
  expect(failed).toContain('The reports could not be read')
  expect(failed).toContain('Try again')
})

describe('an empty list', () => {
  it('says what is listed here, whatever is chosen, as long as nothing is kept', () => {
    expect(markup({ total: 0 })).toContain('No events yet')
    expect(markup({ total: 0 }, { selection: { filter: 'critical' } })).toContain('No events yet')
  })

  it('says which filter hides what, and offers to take that one away', () => {
    const searched = markup({ total: 0 }, { selection: { search: 'xyz' }, kept: 1, hidden: { search: 1 } })
    expect(searched).toContain('Nothing matches “xyz”')
    expect(searched).toContain('1 event does not match the search.')
    expect(searched).toContain('Clear search')
    expect(searched).not.toContain('Clear all filters')
    const several = markup(
      { total: 0 },
      { selection: { filter: 'critical', component: 'quarantine' }, kept: 9, hidden: { filter: 3, component: 1 } },
    )
    expect(several).toContain('3 events are of other grades. 1 event belongs to other components.')
    for (const act of ['Show all grades', 'Show all components', 'Clear all filters']) expect(several).toContain(act)
    expect(several).not.toContain('Show all days')
  })

  it('says so when only several filters together hide everything', () => {
    const html = markup({ total: 0 }, { selection: { search: 'a', from: '2026-03-01T00:00:00.000Z' }, kept: 4 })
    expect(html).toContain('4 events are hidden by these filters together.')
    expect(html).toContain('Clear all filters')
    expect(html).not.toContain('Clear search')
  })
})

it('is one list that the keyboard can scroll', () => {
  expect(markup({ total: 120 })).toMatch(/role="list" aria-label="Reports" tabindex="0"/i)
})

const scan: FinishedScan = {
  scanId: '00000000-0000-4000-8000-000000000001' as ScanId,
  type: 'custom',
  origin: { kind: 'remote', commandId: '00000000-0000-4000-8000-000000000002', account: 'anna@example.org' },
  outcome: 'completed',
  startedAt: '2026-03-01T10:00:00.000Z',
  finishedAt: '2026-03-01T10:03:12.000Z',
  counters: { ...noCounters, files: 1200, objects: 1300, bytes: 4096, found: 3, notScanned: 4 },
  totals: { ...noTotals, found: 3, deleted: 3 },
  gapReasons: [
    { reason: 'encrypted', count: 3, partial: 0 },
    { reason: 'too-big', count: 1, partial: 1 },
  ],
  paths: [],
}

const opened = (change: Partial<ScanDetails>, ended: Partial<FinishedScan> = {}): string =>
  renderToStaticMarkup(
    <ScanReportDetails
      details={{
        ended: { scan: { ...scan, ...ended }, area: ['/home/anna'] },
        objects: [],
        forgotten: 0,
        unlisted: 0,
        notScanned: null,
        ...change,
      }}
    />,
  ).replaceAll(/<[^>]+>/g, ' ')

describe('a scan that is opened', () => {
  it('says what it was, who asked, how long it took, and what it left out by reason', () => {
    const text = opened({ forgotten: 1, unlisted: 2 })
    for (const words of ['Custom Scan', '/home/anna', 'remotely by anna@example.org', '3 min 12 s', '1,200 files'])
      expect(text).toContain(words)
    expect(text).toMatch(/Password-protected\s+3 not scanned/)
    expect(text).toMatch(/Too big\s+1 scanned in part/)
    expect(text).toContain('1 object is not kept any more. 2 more are not listed here.')
    expect(text).toContain('Which files these were is kept of the last scan only.')
  })

  it('invents nothing of one that was cut off, or that an earlier version told of', () => {
    const text = opened({ ended: { scan: { ...scan, outcome: 'interrupted', counters: noCounters }, area: null } })
    expect(text).toContain('Not known: the app ended while it ran')
    expect(text).not.toMatch(/0 files|Nothing was left out/)
    expect(opened({ ended: null })).toContain('Only the sentence above is kept of this scan')
  })
})

it('a report that was not saved has a reason and a way on', () => {
  expect(saveFailureText(new ProductError('disk-full'))).toMatch(/The disk is full\..*Nothing was changed there\./)
  expect(saveFailureText(new ProductError('is-link'))).toContain('links are not followed')
  expect(saveFailureText(new ProductError('peer-gone'))).toContain('The connection was lost')
})
