// What a remote command is called and how it stands, in the words of the Profile section. Pure.
import type { CloudTopic } from '#shared/domain/app-state.ts'
import type { CommandEnvelope } from '#shared/domain/command.ts'
import { actTitle } from '../reports/object-sentences.ts'
import { reasonWords } from '../reports/reason-words.ts'
import type { CommandEntry } from './command-book.ts'

export function commandTitle(envelope: CommandEnvelope): string {
  switch (envelope.kind) {
    case 'scan.start':
      return { quick: 'Quick Scan', full: 'Full Scan', folder: 'Custom Scan' }[envelope.args.type]
    case 'scan.control':
      return { stop: 'Stop scan', pause: 'Pause scan', resume: 'Resume scan' }[envelope.args.action]
    case 'detections.act':
      return actTitle(envelope.args.action, envelope.args.ids.length)
    case 'problem.ignore':
      return envelope.args.ignored ? 'Ignore notice' : 'Show notice again'
    case 'device.restart':
      return 'Restart'
    case 'restart.cancel':
      return 'Cancel restart'
  }
}

function commandStatusText({ envelope, ended, attempts }: CommandEntry): string {
  const isRestart = envelope.kind === 'device.restart'
  if (!ended) return attempts === 0 ? 'Accepted' : isRestart ? 'Waiting for your answer' : 'Running'
  switch (ended.status) {
    case 'done':
      return 'Done'
    case 'failed':
      if (ended.result.error === 'declined') return 'Declined at this computer'
      return ended.result.error === 'already-running'
        ? 'Already running on this device'
        : `Failed: ${reasonWords(ended.result.error)}`
    case 'cancelled':
      if (isRestart) return 'Cancelled'
      return ended.result.stoppedBy === 'portal' ? 'Stopped from the portal' : 'Stopped on the device'
    case 'expired':
      return ended.result.detail ? `Expired. ${ended.result.detail}` : 'Expired'
  }
}

/** The newest ten, newest first. */
export function commandsTopic(entries: readonly CommandEntry[]): CloudTopic['commands'] {
  return entries
    .slice(-10)
    .reverse()
    .map((entry) => ({
      id: entry.envelope.id,
      title: commandTitle(entry.envelope).slice(0, 256),
      account: entry.envelope.issuedBy,
      at: entry.acceptedAt,
      status: commandStatusText(entry).slice(0, 256),
    }))
}
