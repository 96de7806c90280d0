// A saved report is read by a spreadsheet as it was shown, and nothing that a file or an account is called becomes a formula or
// another line.
import { expect, it } from 'vitest'
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import { testsIn } from '#shared/testing/time-zone.ts'
import { isoWithZone, type ReportContent, reportFile } from './report-file.ts'

testsIn('Europe/Berlin')

const event = (title: string, detail = ''): HistoryEvent => ({
  id: crypto.randomUUID(),
  at: '2026-07-01T10:00:00.000Z',
  grade: 'good',
  title,
  detail,
  component: 'objects',
})

function saved(events: readonly HistoryEvent[], change: Partial<ReportContent> = {}) {
  const selection = { filter: 'all', search: '' } as const
  const now = Date.parse('2026-12-01T23:30:00Z')
  return reportFile({ format: 'csv', selection, events, kept: 340, now, ...change })
}

/** As RFC 4180 says, and as spreadsheets do. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted = '', end = ''] of text.matchAll(/"((?:[^"]|"")*)"(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}

it('as a table has its time with the zone, is UTF-8 for every spreadsheet, and keeps quotes, commas and other scripts', () => {
  const { name, text, events } = saved([event('a "b", c.exe deleted, copy kept', 'Ünïcode ファイル')])
  expect(name).toBe('Kaspersky report 2026-12-02 00.30.csv')
  expect(events).toBe(1)
  expect(text.charCodeAt(0)).toBe(0xfeff)
  expect(rowsOf(text.slice(1))).toEqual([
    ['Time', 'Grade', 'Component', 'Event', 'Details'],
    [
      '2026-07-01T12:00:00+02:00',
      'Informational',
      'Detected objects',
      'a "b", c.exe deleted, copy kept',
      'Ünïcode ファイル',
    ],
  ])
})

it.each(['=cmd|calc!A1.exe', '+1.exe', '-2+3.exe', '@SUM(A1).exe', ' =1.exe', '\t=1.exe', '＝1.exe'])(
  'makes no formula of an object that is called %s',
  (name) => {
    const [, row] = rowsOf(saved([event(`${name} skipped`, `${name} in /a`)]).text.slice(1))
    for (const cell of row?.slice(3) ?? []) expect(cell).not.toMatch(/^\s*[=+\-@＝]/)
    expect(row?.[3]).toContain('.exe skipped')
  },
)

it('keeps one event in one line, whatever the name of a file holds', () => {
  const hostile = event('a\r\n"x",=1\n2026\u2028\u202Egpj.exe skipped')
  expect(saved([hostile]).text.trimEnd().split('\r\n')).toHaveLength(2)
  const text = saved([hostile], { format: 'text' }).text
  expect(text.split('\n').filter((line) => line.includes('skipped'))).toEqual([
    '    a\\u000d\\u000a"x",=1\\u000a2026\\u2028\\u202egpj.exe skipped',
  ])
})

it('as text says what was selected, and how much of all that is', () => {
  const selection = {
    filter: 'critical',
    search: ' invoice ',
    component: 'scan',
    from: '2026-02-28T23:00:00.000Z',
  } as const
  const { name, text } = saved([event('a skipped', 'Asked for by you.')], { format: 'text', selection })
  expect(name).toMatch(/\.txt$/)
  expect(text.split('\n')).toEqual([
    'Kaspersky report',
    'Saved: 2026-12-02T00:30:00+01:00',
    'Shown: 1 of 340 events. Grade: Critical. Component: Scans. From 2026-03-01T00:00:00+01:00. Search: “invoice”.',
    '',
    '2026-07-01T12:00:00+02:00  Informational  Detected objects',
    '    a skipped',
    '    Asked for by you.',
    '',
  ])
})

it('writes zones west of Greenwich and of half hours', () => {
  process.env.TZ = 'America/St_Johns'
  expect(isoWithZone(Date.parse('2026-01-01T00:00:00Z'))).toBe('2025-12-31T20:30:00-03:30')
})
