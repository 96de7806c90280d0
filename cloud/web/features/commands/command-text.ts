// The words of commands: what was asked, how far it is, how it ended. Pure; owns sentences only.
import {
  type CommandRecord,
  type CommandResult,
  type CommandStatus,
  commandLifetimeMs,
} from '#shared/domain/command.ts'
import type { DetectionAction } from '#shared/domain/detection.ts'
import { type LeftOut, leftOut, leftOutParts, partialOf } from '#shared/domain/left-out-text.ts'
import { formatCount, formatPercent, plural } from '#shared/ui/format/count.ts'
import { formatAge } from '#shared/ui/format/duration.ts'
import { formatDay, formatTime } from '#shared/ui/format/time.ts'
import type { StatusKind } from '#shared/ui/StatusIcon.tsx'
import { textOfCode } from '#shared/ui/text/error-text.ts'
import type { RestartSeen } from '#shared/ui/text/restart-text.ts'
import { scanName, scanResultStatus } from '#shared/ui/text/scan-text.ts'
import { restartState } from './restart-state.ts'

const objects = (count: number) => plural(count, 'object', 'objects')

const acts: Record<DetectionAction, (count: number) => string> = {
  process: (count) => `Process ${objects(count)}`,
  disinfect: (count) => `Disinfect ${objects(count)}`,
  delete: (count) => `Delete ${objects(count)}`,
  'copy-to-quarantine': (count) => `Copy ${objects(count)} to quarantine`,
  skip: (count) => `Skip ${objects(count)}`,
  restore: (count) => `Restore ${objects(count)}`,
  'restore-and-exclude': (count) => `Restore and exclude ${objects(count)}`,
}

/** What was asked for. */
export function commandTitle(command: Pick<CommandRecord, 'body' | 'objectCount'>): string {
  const { body } = command
  switch (body.kind) {
    case 'scan.start':
      return body.args.type === 'folder' ? `${scanName('custom')} of ${body.args.path}` : scanName(body.args.type)
    case 'scan.control':
      return { stop: 'Stop the scan', pause: 'Pause the scan', resume: 'Resume the scan' }[body.args.action]
    case 'detections.act':
      return acts[body.args.action](actObjects(command))
    case 'problem.ignore':
      return body.args.ignored ? 'Ignore a notification' : 'Show an ignored notification again'
    case 'device.restart':
      return 'Restart'
    case 'restart.cancel':
      return 'Cancel the restart'
  }
}

/** Objects an action is about; 0 for every other command. A record of many carries only the first ids. */
export function actObjects({ body, objectCount }: Pick<CommandRecord, 'body' | 'objectCount'>): number {
  return body.kind === 'detections.act' ? (objectCount ?? body.args.ids.length) : 0
}

/** "Full Scan, by you". */
export function commandTitleWithAuthor(record: CommandRecord, self: string): string {
  return `${commandTitle(record)}, by ${record.issuedBy === self ? 'you' : record.issuedBy}`
}

/** "Planned. Will be cancelled on DATE if the device stays offline." */
export function plannedText(record: Pick<CommandRecord, 'expiresAt'>, now: Date): string {
  return `Planned. Will be cancelled on ${formatDay(record.expiresAt, now)} if the device stays offline.`
}

/** Icon and words of a command as it is now. `restart`: what the device says about the restart this command asks for. */
export function commandState(
  record: CommandRecord,
  now: Date,
  restart: RestartSeen | null = null,
): { readonly status: StatusKind; readonly text: string } {
  if (isAboutRestart(record)) return restartState(record, restart, now)
  switch (record.status) {
    case 'planned':
      return { status: 'waiting', text: plannedText(record, now) }
    case 'delivered':
      return { status: 'waiting', text: 'Delivered, waits for the device' }
    case 'running':
      return { status: 'busy', text: runningText(record) }
    case 'done':
      return doneState(record)
    case 'failed':
      return isDeclined(record)
        ? { status: 'skipped', text: 'Declined by the person at the computer' }
        : { status: 'danger', text: `Failed: ${failureReason(record.result)}` }
    case 'cancelled':
      return record.result?.stoppedBy === undefined
        ? { status: 'skipped', text: 'Cancelled' }
        : stoppedState(record.result.stoppedBy, record.result)
    case 'expired':
      return { status: 'waiting', text: `Expired, offline for ${formatAge(commandLifetimeMs)}` }
  }
}

/** The device has such a request, or it ended there; before that, and where it failed, it is a command like any other. */
function isAboutRestart({ body, status, times }: CommandRecord): boolean {
  if (body.kind !== 'device.restart' || status === 'planned' || status === 'failed') return false
  return status !== 'expired' || times.some((time) => time.status === 'delivered')
}

const stepNames: Record<CommandStatus, string> = {
  planned: 'Planned',
  delivered: 'Delivered',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  expired: 'Expired',
}

/** One word for a step of a command's life. */
export function stepName(status: CommandStatus): string {
  return stepNames[status]
}

/** What a scan left out, from its result. */
export function leftOutOfResult({ notScanned = 0, excluded = 0, gaps }: CommandResult): LeftOut {
  return leftOut({ notScanned, excluded }, partialOf(gaps?.reasons ?? []))
}

/** "18 done, 1 needs a restart, 0 failed"; with the first reason when there is one. */
export function actedText(acted: NonNullable<CommandResult['acted']>): string {
  const restart =
    acted.needRestart === 0 ? [] : [`${acted.needRestart} ${acted.needRestart === 1 ? 'needs' : 'need'} a restart`]
  const why = acted.reason === undefined ? '' : `: ${textOfCode(acted.reason).reason}`
  return [`${acted.done} done`, ...restart, `${acted.failed} failed${why}`].join(', ')
}

/** The person at the computer said no: an answer, not a failure. */
export function isDeclined({ status, result }: Pick<CommandRecord, 'status' | 'result'>): boolean {
  return status === 'failed' && result?.error === 'declined'
}

/** Why it failed, after a colon. */
export function failureReason(result: CommandResult | null): string {
  return result?.error === undefined ? 'unknown reason' : textOfCode(result.error).reason
}

function runningText(record: CommandRecord): string {
  const at = record.times.findLast((time) => time.status === 'running')?.at
  const since = at === undefined ? 'Running' : `Running since ${formatTime(at)}`
  const percent = record.progress?.percent
  return percent == null ? since : `${since}, ${formatPercent(percent)}`
}

function doneState(record: CommandRecord): { readonly status: StatusKind; readonly text: string } {
  const result = record.result
  if (result?.stoppedBy !== undefined) return stoppedState(result.stoppedBy, result)
  if (result?.acted !== undefined) {
    const status = result.acted.failed > 0 ? 'danger' : result.acted.needRestart > 0 ? 'attention' : 'good'
    return { status, text: actedText(result.acted) }
  }
  if (record.body.kind !== 'scan.start' || result?.totals === undefined) return { status: 'good', text: 'Done' }
  return scanDoneState(result.totals, leftOutOfResult(result))
}

function scanDoneState(
  totals: NonNullable<CommandResult['totals']>,
  leftOut: LeftOut,
): { readonly status: StatusKind; readonly text: string } {
  const parts = [
    [totals.disinfected, 'disinfected'],
    [totals.deleted, 'deleted'],
    [totals.kept, 'kept'],
    [totals.atRestart, totals.atRestart === 1 ? 'needs a restart' : 'need a restart'],
    [totals.failed, 'failed'],
  ] as const
  const words = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  const found = totals.found === 0 ? 'nothing found' : `${totals.found} found`
  // "Nothing found" alone would sound as if everything had been looked at.
  const text = [`Done: ${found}`, ...words, ...leftOutParts(leftOut, formatCount)].join(', ')
  return { status: scanResultStatus(totals, leftOut), text }
}

function stoppedState(
  by: 'device' | 'portal',
  result: CommandResult,
): { readonly status: StatusKind; readonly text: string } {
  const words = by === 'device' ? 'Stopped on the device' : 'Stopped'
  return { status: 'stopped', text: [words, ...leftOutParts(leftOutOfResult(result), formatCount)].join(', ') }
}
