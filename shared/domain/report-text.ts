// The names of the grades and components of the reports, once for windows and files. English.
import { brand } from '../brand.ts'
import type { HistoryEvent } from './app-state.ts'
import type { ReportComponent } from './reports.ts'

const components: Record<ReportComponent, string> = {
  scan: 'Scans',
  'file-protection': 'File protection',
  objects: 'Detected objects',
  quarantine: 'Quarantine',
  databases: 'Databases',
  account: brand.portal,
  restart: 'Restart',
  application: 'Application',
}

/** What an event belongs to, as the sections of the app are called. */
export function componentName(component: ReportComponent): string {
  return components[component]
}

const grades: Record<HistoryEvent['grade'], string> = {
  critical: 'Critical',
  important: 'Important',
  information: 'Informational',
  good: 'Informational',
}

/** What went well is informational. */
export function gradeName(grade: HistoryEvent['grade']): string {
  return grades[grade]
}
