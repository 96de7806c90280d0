// The reports as a file: a table that spreadsheets read (CSV), or text to read and to send. Pure. What a name of a file or an account
// holds stays text: it neither becomes a formula, nor ends a line.
import { brand } from '#shared/brand.ts'
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import { componentName, gradeName } from '#shared/domain/report-text.ts'
import type { ReportFormat, ReportSelection } from '#shared/domain/reports.ts'

export interface ReportFile {
  /** Without a folder. */
  readonly name: string
  readonly text: string
  readonly events: number
}

export interface ReportContent {
  readonly format: ReportFormat
  readonly selection: ReportSelection
  /** Newest first. */
  readonly events: readonly HistoryEvent[]
  /** Of all, selected or not. */
  readonly kept: number
  /** In ms. */
  readonly now: number
}

const endings: Record<ReportFormat, string> = { csv: 'csv', text: 'txt' }

/** Everything that is selected. */
export function reportFile(content: ReportContent): ReportFile {
  const saved = isoWithZone(content.now)
  const time = saved.slice(0, 16).replace('T', ' ').replace(':', '.')
  return {
    name: `${brand.app} report ${time}.${endings[content.format]}`,
    text: content.format === 'csv' ? table(content) : reading(content, saved),
    events: content.events.length,
  }
}

/** "2026-03-01T10:00:00+01:00": the time of this computer. */
export function isoWithZone(ms: number): string {
  const ahead = -new Date(ms).getTimezoneOffset()
  const local = new Date(ms + ahead * 60_000).toISOString().slice(0, 19)
  const two = (value: number) => String(value).padStart(2, '0')
  const size = Math.abs(ahead)
  return `${local}${ahead < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

const head = ['Time', 'Grade', 'Component', 'Event', 'Details']

/** RFC 4180, and a mark by which every spreadsheet knows UTF-8. */
function table({ events }: ReportContent): string {
  const rows = events.map(({ at, grade, component, title, detail }) => [
    isoWithZone(Date.parse(at)),
    gradeName(grade),
    componentName(component),
    title,
    detail,
  ])
  return `\uFEFF${[head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`
}

/** SECURITY: a spreadsheet takes what begins so for a formula; after an apostrophe it does not. The wide forms count in some languages. */
const formula = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/

function cell(text: string): string {
  const line = oneLine(text)
  return `"${(formula.test(line) ? `'${line}` : line).replaceAll('"', '""')}"`
}

/** Control characters, and those that end a line or change its direction, are written as their numbers. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]|\p{Cs}/gu, (character) => {
    const number = (character.codePointAt(0) ?? 0).toString(16)
    return `\\u${number.padStart(4, '0')}`
  })
}

function reading({ events, kept, selection }: ReportContent, saved: string): string {
  const about = [`${brand.app} report`, `Saved: ${saved}`, `Shown: ${selectedText(selection, events.length, kept)}`]
  const blocks = events.map(({ at, grade, component, title, detail }) =>
    [
      `${isoWithZone(Date.parse(at))}  ${gradeName(grade)}  ${componentName(component)}`,
      `    ${oneLine(title)}`,
      ...(detail === '' ? [] : [`    ${oneLine(detail)}`]),
    ].join('\n'),
  )
  return `${[about.join('\n'), ...blocks].join('\n\n')}\n`
}

/** "12 of 340 events. Grade: Critical. From 2026-03-01T00:00:00+01:00. Search: “invoice”." */
function selectedText(
  { filter, component, from, until, search }: ReportSelection,
  shown: number,
  kept: number,
): string {
  const number = (value: number) => value.toLocaleString('en')
  const wanted = search.trim()
  const parts = [
    `${number(shown)} of ${number(kept)} ${kept === 1 ? 'event' : 'events'}`,
    ...(filter === 'all' ? [] : [`Grade: ${gradeName(filter)}`]),
    ...(component === undefined ? [] : [`Component: ${componentName(component)}`]),
    ...(from === undefined ? [] : [`From ${isoWithZone(Date.parse(from))}`]),
    ...(until === undefined ? [] : [`Before ${isoWithZone(Date.parse(until))}`]),
    ...(wanted === '' ? [] : [`Search: “${oneLine(wanted)}”`]),
  ]
  return `${parts.join('. ')}.`
}
