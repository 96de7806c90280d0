// The words about a restart that was asked for, the same on the portal and in the app. Pure; owns sentences only.
import type { Postponement, RestartAsked } from '#shared/domain/restart.ts'
import { formatMomentWithTime, formatTime, lowerFirst } from '../format/time.ts'
import type { StateText } from './state-text.ts'

const waiting = 'Waiting for the person at the computer'

/** What a device said about it; `awaySince`: since when the device is offline, absent while it is not. */
export type RestartSeen = RestartAsked & { readonly awaySince?: string | null }

/** A computer is back by then. */
const backWithinMs = 10 * 60_000

/** How far it is, for whoever asked. */
export function restartStageText(
  { stage, againAt, awaySince }: Pick<RestartSeen, 'stage' | 'againAt' | 'awaySince'>,
  now: Date,
): StateText {
  const away = awaySince === undefined ? '' : ', offline now'
  switch (stage) {
    case 'waiting':
      return awaySince === undefined
        ? { status: 'waiting', text: waiting }
        : { status: 'offline', text: 'Asked on the device, which is offline now' }
    case 'postponed':
      return {
        status: 'waiting',
        text: `${againAt === null ? waiting : `Postponed on the device until ${clock(againAt, now)}`}${away}`,
      }
    case 'refused':
      return { status: 'attention', text: `Not allowed by its system. ${waiting}${away}` }
    case 'restarting': {
      const awayMs = awaySince ? now.getTime() - Date.parse(awaySince) : 0
      return awayMs > backWithinMs
        ? { status: 'attention', text: 'Did not come back after the restart' }
        : { status: 'busy', text: 'Restarting…' }
    }
  }
}

/** The same for the person at the computer, who decides. */
export function ownRestartText({ stage, againAt }: Pick<RestartAsked, 'stage' | 'againAt'>, now: Date): StateText {
  const own = 'Waiting for your answer'
  switch (stage) {
    case 'waiting':
      return { status: 'waiting', text: own }
    case 'postponed':
      return { status: 'waiting', text: againAt === null ? own : `Postponed until ${clock(againAt, now)}` }
    case 'refused':
      return { status: 'attention', text: `Not allowed by the system. ${own}` }
    case 'restarting':
      return { status: 'busy', text: 'Restarting…' }
  }
}

/** "Back since 14:31". */
export function backSinceText(restartedAt: string, now: Date): string {
  return `Back since ${clock(restartedAt, now)}`
}

const postponementLabels: Record<Postponement, string> = { 15: '15 minutes', 60: '1 hour', 240: '4 hours' }

/** "15 minutes". */
export function postponementLabel(minutes: Postponement): string {
  return postponementLabels[minutes]
}

/** The hour alone where it is of this day. */
function clock(at: string, now: Date): string {
  const isToday = new Date(at).toDateString() === now.toDateString()
  return isToday ? formatTime(at) : lowerFirst(formatMomentWithTime(at, now))
}
