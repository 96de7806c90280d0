// More than 10 objects: the sentence, the numbers and group actions only, no names (F2, screen 16). Owns the question
// before deleting all.
import { Button } from '@mantine/core'
import { useState } from 'react'
import { type CommandRecord, isFinal } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { ConfirmDialog } from '#shared/ui/ConfirmDialog.tsx'
import { formatCount, joinWords, plural } from '#shared/ui/format/count.ts'
import { formatMoment } from '#shared/ui/format/time.ts'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { foundByWords } from '#shared/ui/text/scan-text.ts'
import { undoPeriod } from '#shared/ui/text/undo-text.ts'
import type { GroupAction } from '../../bridge/devices.ts'
import { BusyButton } from '../../components/BusyButton.tsx'
import { actObjects, commandState, commandTitle } from '../commands/command-text.ts'
import { runCancel, runGroupAction } from '../commands/run-command.ts'
import { EarlierResults } from './EarlierResults.tsx'
import { GroupNumbers } from './GroupNumbers.tsx'
import { retentionOf } from './retention.ts'
import type { GroupPage } from './use-objects.ts'

export interface ObjectGroupProps {
  readonly card: DeviceCard
  readonly commands: readonly CommandRecord[]
  readonly now: Date
  readonly group: GroupPage
  readonly atRestart: number
}

/** While a group action is under way, its state stands in place of the buttons. */
export function ObjectGroup({ card, commands, now, group, atRestart }: ObjectGroupProps) {
  const pending = commands.find((record) => !isFinal(record.status) && actObjects(record) > 1)
  return (
    <>
      <section className="ui-group-body" aria-label="Detected objects">
        <div className="group-message">
          <CountPicture count={group.total} />
          <div>
            <p className="t-title">
              {formatCount(group.total)} objects found. Review them one by one in the app on this computer.
            </p>
            <p className="t-2">
              Here they can be processed only together. When 10 or fewer are left, they are listed one by one on this
              page.
            </p>
          </div>
        </div>
        <GroupNumbers group={group} foundBy={foundByText(group, now)} />
        <div className="group-foot">
          {pending === undefined ? (
            <GroupActions card={card} total={group.total} />
          ) : (
            <GroupPending card={card} record={pending} now={now} />
          )}
          <p className="group-hint t-caption t-3">
            Process all disinfects, and deletes what cannot be disinfected. A copy goes to Quarantine first.
          </p>
        </div>
      </section>
      {atRestart > 0 && (
        <p className="table-note">
          <StatusTag status="waiting">
            {`${plural(atRestart, 'more object', 'more objects')} will be disinfected on computer restart`}
          </StatusTag>
        </p>
      )}
      <EarlierResults commands={commands} now={now} />
    </>
  )
}

function GroupActions({ card, total }: { readonly card: DeviceCard; readonly total: number }) {
  const [asks, setAsks] = useState(false)
  const run = (action: GroupAction) => runGroupAction(card, action)
  return (
    <div className="group-actions">
      <BusyButton size="md" variant="filled" onRun={() => run('process')}>
        Process all
      </BusyButton>
      <BusyButton size="md" onRun={() => run('copy-to-quarantine')}>
        Copy all to quarantine
      </BusyButton>
      <BusyButton size="md" onRun={() => run('skip')}>
        Skip all
      </BusyButton>
      <Button size="md" variant="danger" onClick={() => setAsks(true)}>
        Delete all
      </Button>
      <ConfirmDialog
        opened={asks}
        danger
        title={`Delete ${plural(total, 'object', 'objects')} on ${card.name}?`}
        consequence={`You have not seen them one by one. A copy of each goes to Quarantine first, so each can be undone ${undoPeriod(retentionOf(card))}.`}
        verb="Delete all"
        onConfirm={() => {
          setAsks(false)
          void run('delete')
        }}
        onClose={() => setAsks(false)}
      />
    </div>
  )
}

interface GroupPendingProps {
  readonly card: DeviceCard
  readonly record: CommandRecord
  readonly now: Date
}

function GroupPending({ card, record, now }: GroupPendingProps) {
  const { status, text } = commandState(record, now)
  return (
    <div className="group-actions" aria-live="polite">
      <StatusTag status={status}>{text}</StatusTag>
      {record.status === 'planned' && (
        <BusyButton onRun={() => runCancel(card, record)} label={`Cancel ${commandTitle(record)}`}>
          Cancel
        </BusyButton>
      )}
    </div>
  )
}

function CountPicture({ count }: { readonly count: number }) {
  return (
    <span className="group-picture" aria-hidden>
      <span className="group-picture-count">{count > 999 ? '999+' : count}</span>
    </span>
  )
}

function foundByText(group: GroupPage, now: Date): string {
  return `${joinWords(group.foundBy.map(foundByWords))}, last ${formatMoment(group.newestAt, now)}`
}
