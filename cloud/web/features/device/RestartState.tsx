// A restart that was asked for and has not ended: how far it is, and Cancel while nobody has agreed to it. Owns that rule.
import type { CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { formatTime } from '#shared/ui/format/time.ts'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { BusyButton } from '../../components/BusyButton.tsx'
import { sessionStore } from '../../state/session.ts'
import { commandState, commandTitle } from '../commands/command-text.ts'
import { restartCancelBody, restartOf } from '../commands/restart-state.ts'
import { runCancel, runCommand } from '../commands/run-command.ts'

export interface RestartStateProps {
  readonly card: DeviceCard
  readonly record: CommandRecord
  readonly now: Date
}

/** The state, and Cancel. */
export function RestartState({ card, record, now }: RestartStateProps) {
  const asked = restartOf(card, record)
  const { status, text } = commandState(record, now, asked)
  const cancel = () =>
    record.status === 'planned' ? runCancel(card, record) : runCommand(card, restartCancelBody(record.id))
  return (
    <span className="restart-state">
      <StatusTag status={status}>{text}</StatusTag>
      {asked?.stage !== 'restarting' && (
        <BusyButton onRun={cancel} label={`Cancel ${commandTitle(record)}`}>
          Cancel
        </BusyButton>
      )}
    </span>
  )
}

/** A row of what runs now. */
export function RestartRow({ card, record, now }: RestartStateProps) {
  const self = sessionStore((state) => state.account?.email)
  const who = record.issuedBy === self ? 'you' : record.issuedBy
  return (
    <div className="running">
      <div className="running-head">
        <p className="running-words t-2">
          <span className="t-strong t-1">{commandTitle(record)}</span> · asked for by {who} at{' '}
          {formatTime(record.issuedAt)}
        </p>
        <RestartState card={card} record={record} now={now} />
      </div>
    </div>
  )
}
