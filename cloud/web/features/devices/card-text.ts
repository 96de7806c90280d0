// The two lines a card says about its device, and the facts in its foot. Pure; owns sentences only.
import type { DeviceCard } from '#shared/domain/device.ts'
import type { Problem } from '#shared/domain/problem.ts'
import { problemText } from '#shared/domain/problem-text.ts'
import { formatPercent } from '#shared/ui/format/count.ts'
import { formatAge, formatLeft, formatSpan } from '#shared/ui/format/duration.ts'
import { formatMoment, formatMomentWithTime, lowerFirst } from '#shared/ui/format/time.ts'
import type { StatusKind } from '#shared/ui/StatusIcon.tsx'
import { protectionText } from '#shared/ui/text/protection-text.ts'
import { restartStageText } from '#shared/ui/text/restart-text.ts'
import { scanName, scanOutcomeText } from '#shared/ui/text/scan-text.ts'

const gradeRank = { critical: 0, important: 1, information: 2 } as const
const day = 86_400_000
const firstReport = 'Waiting for its first report'

/** Worst first, the newest of a grade first. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(
    (a, b) => gradeRank[a.grade] - gradeRank[b.grade] || Date.parse(b.since) - Date.parse(a.since),
  )
}

/** The status words of a card: protection, then what runs. */
export function statusTags(
  card: DeviceCard,
  now: Date,
): readonly { readonly status: StatusKind; readonly text: string }[] {
  if (!card.online) return [{ status: 'offline', text: offlineText(card, now) }]
  const { status, text } = protectionText(card.status)
  const scan = card.state?.runningScan
  if (scan == null) return [{ status, text }]
  const percent = scan.progress.percent
  const busy = { status: 'busy', text: percent === null ? 'Busy' : `Busy, ${formatPercent(percent)}` } as const
  return card.status === 'protected' ? [busy] : [{ status, text }, busy]
}

/** Title and detail: the worst problem, else the running scan, else the last one. */
export function cardReason(card: DeviceCard, now: Date): { readonly title: string; readonly detail: string } {
  if (card.state === null)
    return { title: firstReport, detail: card.online ? 'The device has just been connected.' : lastSeenText(card, now) }
  const restart = card.state.restart
  if (!card.online && restart?.stage === 'restarting')
    return {
      title: restartStageText({ ...restart, awaySince: card.lastContactAt }, now).text,
      detail: lastSeenText(card, now),
    }
  if (!card.online) return { title: `Was ${protectionText(card.status).text}`, detail: lastSeenText(card, now) }
  const problem = sortProblems(card.state.problems).find(({ grade, ignored }) => !ignored && grade !== 'information')
  if (problem?.fix === 'restart' && restart !== null)
    return { title: problemText(problem).title, detail: `${restartStageText(restart, now).text}.` }
  if (problem !== undefined) return problemText(problem)
  const scan = card.state.runningScan
  if (scan !== null) return { title: runningTitle(card), detail: runningDetail(card) }
  if (card.status !== 'protected') return { title: 'Ignored notifications', detail: 'Open the device to see them.' }
  return { title: 'No problems', detail: lastScanSentence(card, now) }
}

/** "Full Scan is running". */
export function runningTitle(card: DeviceCard): string {
  const scan = card.state?.runningScan
  if (scan == null) return ''
  return `${scanName(scan.type)} is ${scan.status === 'paused' ? 'paused' : scan.status === 'stopping' ? 'stopping' : 'running'}`
}

/** "About 21 min left, 3 found so far". */
export function runningDetail(card: DeviceCard): string {
  const scan = card.state?.runningScan
  if (scan == null) return ''
  const { leftMs, percent, counters } = scan.progress
  const left = percent === null ? 'Estimating' : leftMs === null ? formatPercent(percent) : formatLeft(leftMs)
  return `${scan.status === 'paused' ? 'Paused' : left}, ${counters.found} found so far`
}

/** "Last seen TIME; status may be old". */
export function lastSeenText(card: DeviceCard, now: Date): string {
  return card.lastContactAt === null
    ? 'Never connected'
    : `Last seen ${formatMomentWithTime(card.lastContactAt, now)}; status may be old`
}

/** "Windows 11 Pro · Kaspersky 1.4.0". */
export function factsLine(card: DeviceCard): string {
  const facts = card.state?.facts
  return facts === undefined ? firstReport : `${facts.os} · ${facts.appName} ${facts.appVersion}`
}

/** How old the databases are, and whether that is a problem. */
export function databasesText(card: DeviceCard, now: Date): { readonly text: string; readonly old: boolean } {
  const releasedAt = card.state?.facts.databasesReleasedAt
  if (releasedAt == null || !card.online) return { text: 'not known', old: false }
  const age = Math.max(0, now.getTime() - Date.parse(releasedAt))
  return { text: `${formatAge(age)} old`, old: age > 3 * day }
}

/** When the last scan was. */
export function lastScanText(card: DeviceCard, now: Date): string {
  if (card.online && card.state?.runningScan != null) return 'running'
  const scan = card.state?.lastScan
  return scan == null ? 'never' : formatMoment(scan.finishedAt, now)
}

function offlineText(card: DeviceCard, now: Date): string {
  return card.lastContactAt === null
    ? 'Offline'
    : `Offline ${formatSpan(now.getTime() - Date.parse(card.lastContactAt))}`
}

/** "Quick Scan today 14:31: nothing found, 3 not scanned". */
export function lastScanSentence(card: DeviceCard, now: Date): string {
  const scan = card.state?.lastScan
  if (scan == null) return 'Not scanned yet'
  return `${scanName(scan.type)} ${formatMoment(scan.finishedAt, now)}: ${lowerFirst(scanOutcomeText(scan))}`
}
