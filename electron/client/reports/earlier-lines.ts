// What a line of the history belongs to that an earlier version wrote, from the words it wrote. Owns those words; they never change.
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import type { ReportComponent } from '#shared/domain/reports.ts'

const titles: readonly (readonly [RegExp, ReportComponent])[] = [
  [/^(Quick|Full|Custom) Scan (started$|finished|stopped |failed$|was interrupted$)/, 'scan'],
  [/^(Connected to|Disconnected from) My Kaspersky$/, 'account'],
  [/^Restart (of this computer asked for|postponed for .+|declined|is not asked for any more)$/, 'restart'],
  [/^The computer was (not )?restarted$/, 'restart'],
  [/^The scanner engine does not run$/, 'application'],
  [/^Quarantine checked with new databases/, 'quarantine'],
  [
    /( restored from Quarantine( and excluded)?| in Quarantine deleted for good| is excluded from now on)$/,
    'quarantine',
  ],
  [/ not restored$/, 'quarantine'],
]

const endOfScan = /^(Quick|Full|Custom) Scan (finished|stopped |failed$|was interrupted$)/

/** What is not told by its title was done with an object, in a scan or by file protection. */
export function ofEarlierVersion({
  title,
  detail,
}: Pick<HistoryEvent, 'title' | 'detail'>): Pick<HistoryEvent, 'component' | 'endOfScan'> {
  const byTitle = titles.find(([words]) => words.test(title))?.[1]
  const other = / Done automatically by File protection\.$/.test(detail) ? 'file-protection' : 'objects'
  return { component: byTitle ?? other, ...(endOfScan.test(title) ? { endOfScan: true } : {}) }
}
