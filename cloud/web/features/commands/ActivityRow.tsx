// One command in the activity of a device: how it stands, and on opening the steps of its life, each with its time (D7), and what
// a scan left out.
// Owns opening and closing.
import { ActionIcon } from '@mantine/core'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { useId, useState } from 'react'
import type { CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { capitalise, formatMomentWithTime, formatTime } from '#shared/ui/format/time.ts'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { BusyButton } from '../../components/BusyButton.tsx'
import { Time } from '../../components/Time.tsx'
import { commandState, commandTitleWithAuthor, isDeclined, stepName } from './command-text.ts'
import { restartOf } from './restart-state.ts'
import { runCancel } from './run-command.ts'
import { ScanGapList } from './ScanGapList.tsx'

export interface ActivityRowProps {
  readonly card: DeviceCard
  readonly record: CommandRecord
  readonly self: string
  readonly now: Date
}

/** Planned ones can be cancelled. */
export function ActivityRow({ card, record, self, now }: ActivityRowProps) {
  const [open, setOpen] = useState(false)
  const stepsId = useId()
  const { status, text } = commandState(record, now, restartOf(card, record))
  const title = commandTitleWithAuthor(record, self)
  const Chevron = open ? IconChevronUp : IconChevronDown
  return (
    <div className="activity">
      <div className="activity-row">
        <MiddleCut text={title} className="activity-title" keep={24} />
        <span className="activity-state">
          <StatusTag status={status}>{text}</StatusTag>
        </span>
        {record.status === 'planned' && (
          <BusyButton size="xs" onRun={() => runCancel(card, record)} label={`Cancel ${title}`}>
            Cancel
          </BusyButton>
        )}
        <span className="activity-time t-caption t-3">
          <Time at={record.issuedAt} text={capitalise(formatMomentWithTime(record.issuedAt, now))} />
        </span>
        <ActionIcon
          size="xs"
          aria-label={`Steps of ${title}`}
          aria-expanded={open}
          aria-controls={stepsId}
          onClick={() => setOpen((was) => !was)}
        >
          <Chevron size={16} stroke={1.6} />
        </ActionIcon>
      </div>
      <div id={stepsId} hidden={!open}>
        {open && <Steps record={record} />}
        {open && <LeftOutOf record={record} />}
      </div>
    </div>
  )
}

function LeftOutOf({ record }: { readonly record: CommandRecord }) {
  const { gaps = null, excluded = 0 } = record.result ?? {}
  return gaps === null && excluded === 0 ? null : <ScanGapList gaps={gaps} excluded={excluded} />
}

function Steps({ record }: { readonly record: CommandRecord }) {
  return (
    <ol className="activity-steps t-caption">
      {record.times.map(({ status: step, at }) => (
        <li key={`${step}-${at}`}>
          <span className="t-2">{step === 'failed' && isDeclined(record) ? 'Declined' : stepName(step)}</span>
          <span className="t-3">
            <Time at={at} text={formatTime(at)} />
          </span>
        </li>
      ))}
    </ol>
  )
}
