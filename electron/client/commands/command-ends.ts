// How a remote command ends, in the words of its result, and whether it may be begun at all. Pure.
import type { CommandEnvelope, CommandResult } from '#shared/domain/command.ts'
import type { FinishedScan, ScanGaps } from '#shared/domain/scan.ts'
import { ageText } from '../reports/sentences.ts'
import type { CommandEntry, FinalStatus } from './command-book.ts'

export interface CommandEnd {
  readonly status: FinalStatus
  readonly result: CommandResult
}

const maxAttempts = 3

export function done(result: CommandResult): CommandEnd {
  return { status: 'done', result }
}

export function failed(error: NonNullable<CommandResult['error']>, detail?: string): CommandEnd {
  return { status: 'failed', result: { error, ...(detail ? { detail } : {}) } }
}

export function cancelled(by: 'device' | 'portal'): CommandEnd {
  return { status: 'cancelled', result: { stoppedBy: by } }
}

/** What was stopped is never started again; what was interrupted only so often, and not after its expiry. */
export function whyNotStart(entry: CommandEntry | undefined, latestNow: number, skewMs: number): CommandEnd | null {
  if (!entry) return failed('not-found')
  if (entry.stopBy) return cancelled(entry.stopBy)
  const expired = Date.parse(entry.envelope.expiresAt) <= latestNow
  if (entry.attempts === 0) return expired ? expiredEnd(skewMs) : null
  // It waits for a person for as long as it may, over every end of the app, and is perhaps what ended it.
  if (entry.envelope.kind === 'device.restart') return null
  if (entry.attempts >= maxAttempts) return failed('aborted', `Interrupted ${entry.attempts} times`)
  return expired ? failed('command-expired', 'Interrupted, and expired before it could be started again') : null
}

/** Says which clock it was, where this computer's is ahead. */
export function expiredEnd(skewMs: number): CommandEnd {
  const isAhead = skewMs > 60_000
  const detail = isAhead ? `By the clock of this computer, which is ${ageText(skewMs)} ahead of the portal's` : ''
  return { status: 'expired', result: { error: 'command-expired', ...(isAhead ? { detail } : {}) } }
}

export function restartedNote(attempts: number): Pick<CommandResult, 'detail'> {
  return attempts > 1 ? { detail: 'Started again after the app was interrupted' } : {}
}

export function endOfScan(scan: FinishedScan, attempts: number, gaps: ScanGaps | null): CommandEnd {
  const result: CommandResult = {
    totals: scan.totals,
    objects: scan.counters.objects,
    files: scan.counters.files,
    notScanned: scan.counters.notScanned,
    excluded: scan.counters.excluded,
    ...(gaps ? { gaps } : {}),
    durationMs: Math.max(0, Date.parse(scan.finishedAt) - Date.parse(scan.startedAt)),
    ...restartedNote(attempts),
  }
  switch (scan.outcome) {
    case 'completed':
      return done(result)
    case 'stopped':
      return { status: 'cancelled', result: { ...result, stoppedBy: scan.stoppedBy ?? 'device' } }
    case 'failed':
    case 'interrupted':
      return { status: 'failed', result: { ...result, error: 'engine-crash' } }
  }
}

/** One kind of envelope. */
export type EnvelopeOf<K extends CommandEnvelope['kind']> = Extract<CommandEnvelope, { kind: K }>
