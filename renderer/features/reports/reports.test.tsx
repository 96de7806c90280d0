// What stands in Reports when there is something to read, nothing, nothing that fits, or no answer; rendered without a browser.
import { MantineProvider } from '@mantine/core'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import { ProductError } from '#shared/errors.ts'
import type { Pages } from '../../components/use-pages.ts'
import { ReportList, type ReportListProps } from './ReportList.tsx'

const nothing = () => undefined

function markup(pages: Partial<Pages<HistoryEvent>>, props: Partial<ReportListProps> = {}): string {
  const all: Pages<HistoryEvent> = {
    total: null,
    page: nothing,
    need: nothing,
    failure: null,
    retry: nothing,
    ...pages,
  }
  return renderToStaticMarkup(
    <MantineProvider>
      <ReportList pages={all} filter="all" search="" all={0} onClearSearch={nothing} {...props} />
    </MantineProvider>,
  )
}

it('keeps the place while it loads, and offers another try where that failed', () => {
  expect(markup({})).toContain('Loading reports')
  const failed = markup({ failure: new ProductError('peer-gone') })
  expect(failed).toContain('The reports could not be read')
  expect(failed).toContain('Try again')
})

it('says what is listed here, what the search hides, and where other events are', () => {
  expect(markup({ total: 0 })).toContain('No events yet')
  expect(markup({ total: 0 }, { search: 'xyz' })).toContain('Clear search')
  expect(markup({ total: 0 }, { filter: 'critical', all: 3 })).toContain('3 events are in the other views.')
  // The search finds some, of another grade.
  expect(markup({ total: 0 }, { filter: 'critical', search: 'a', all: 1 })).toContain('1 event is in the other views.')
})

it('is one list that the keyboard can scroll', () => {
  expect(markup({ total: 120 })).toMatch(/role="list" aria-label="Reports" tabindex="0"/i)
})
