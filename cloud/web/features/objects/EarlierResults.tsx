// How earlier group actions ended: done, failed, waiting for a restart (F4). Owns the list only.
import { type CommandRecord, isFinal } from '#shared/domain/command.ts'
import { capitalise, formatMomentWithTime } from '#shared/ui/format/time.ts'
import { Group } from '#shared/ui/Group.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { StatusIcon } from '#shared/ui/StatusIcon.tsx'
import { Time } from '../../components/Time.tsx'
import { sessionStore } from '../../state/session.ts'
import { actObjects, commandState, commandTitle } from '../commands/command-text.ts'

export interface EarlierResultsProps {
  readonly commands: readonly CommandRecord[]
  readonly now: Date
}

const shownAtMost = 5

/** Nothing when there were none. */
export function EarlierResults({ commands, now }: EarlierResultsProps) {
  const self = sessionStore((state) => state.account?.email)
  const ended = commands.filter((record) => isFinal(record.status) && actObjects(record) > 1).slice(0, shownAtMost)
  if (ended.length === 0) return null
  return (
    <div className="below">
      <Group title="Earlier results">
        {ended.map((record) => {
          const { status, text } = commandState(record, now)
          return (
            <Row
              key={record.id}
              strong
              icon={<StatusIcon status={status} />}
              title={commandTitle(record)}
              detail={record.issuedBy === self ? 'By you' : `By ${record.issuedBy}`}
              values={
                <span className="earlier-values">
                  <span className="t-2">{text}</span>
                  <Time at={record.issuedAt} text={capitalise(formatMomentWithTime(record.issuedAt, now))} />
                </span>
              }
            />
          )
        })}
      </Group>
    </div>
  )
}
