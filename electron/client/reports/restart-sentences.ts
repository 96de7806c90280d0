// The sentences of the history about restarts of the computer. English; pure.
import { brand } from '#shared/brand.ts'
import type { HistorySentence } from './history.ts'

const component = 'restart'
const information = 'information'

export function restartAsked(account: string): HistorySentence {
  return {
    component,
    grade: information,
    title: 'Restart of this computer asked for',
    detail: `Asked remotely by ${account}.`,
  }
}

export function restartPostponed(account: string, minutes: number): HistorySentence {
  const time = minutes < 60 ? `${minutes} min` : `${minutes / 60} h`
  return {
    component,
    grade: information,
    title: `Restart postponed for ${time}`,
    detail: `Asked remotely by ${account}.`,
  }
}

export function restartDeclined(account: string): HistorySentence {
  return { component, grade: information, title: 'Restart declined', detail: `${account} is told in ${brand.portal}.` }
}

/** The owner took it back, or the computer was disconnected. */
export function restartWithdrawn(account: string): HistorySentence {
  return {
    component,
    grade: information,
    title: 'Restart is not asked for any more',
    detail: `It was asked for remotely by ${account} and taken back in ${brand.portal}.`,
  }
}

export function restartExpired(account: string): HistorySentence {
  return {
    component,
    grade: information,
    title: 'Restart is not asked for any more',
    detail: `It was asked for remotely by ${account} and expired without an answer.`,
  }
}

/** Remote control ended: nobody is there who could ask. */
export function restartDropped(account: string): HistorySentence {
  return {
    component,
    grade: information,
    title: 'Restart is not asked for any more',
    detail: `It was asked for remotely by ${account}; this computer was disconnected from ${brand.portal}.`,
  }
}

export function restarted(account: string): HistorySentence {
  return { component, grade: 'good', title: 'The computer was restarted', detail: `Asked remotely by ${account}.` }
}

export function restartRefused(): HistorySentence {
  return {
    component,
    grade: 'important',
    title: 'The computer was not restarted',
    detail: 'The system did not let the app restart it. Restart it yourself.',
  }
}
