// The right column of a device: its components, what it is, and disconnecting it. Owns the arrangement.
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Component, DeviceCard } from '#shared/domain/device.ts'
import { excludedText, gapReasonsText } from '#shared/domain/left-out-text.ts'
import { rejectedText } from '#shared/domain/rejected-parts.ts'
import type { FinishedScan } from '#shared/domain/scan.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { formatAge } from '#shared/ui/format/duration.ts'
import { capitalise, formatDay, formatMoment, formatMomentWithTime } from '#shared/ui/format/time.ts'
import { Group } from '#shared/ui/Group.tsx'
import { type Fact, KeyValue } from '#shared/ui/KeyValue.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { StatusIcon, type StatusKind } from '#shared/ui/StatusIcon.tsx'
import { componentName, componentStateText, scanName, scanOutcomeText } from '#shared/ui/text/scan-text.ts'
import { Time } from '../../components/Time.tsx'
import { DisconnectDialog } from './DisconnectDialog.tsx'
import { RenameDialog } from './RenameDialog.tsx'

const componentStatus: Record<Component['state'], StatusKind> = {
  on: 'good',
  off: 'danger',
  paused: 'danger',
  failed: 'danger',
  'not-available': 'skipped',
}

/** Components, facts, Disconnect device. */
export function DeviceSide({ card, now }: { readonly card: DeviceCard; readonly now: Date }) {
  const [dialog, setDialog] = useState<'rename' | 'disconnect'>()
  const close = () => setDialog(undefined)
  const components = card.state?.components ?? []
  const seen = card.online || card.lastContactAt === null ? undefined : formatMoment(card.lastContactAt, now)
  return (
    <aside className="device-side">
      {components.length > 0 && (
        <Group title="Components" {...(seen === undefined ? {} : { count: `as of ${seen}` })}>
          {components.map(({ id, state }) => (
            <Row
              key={id}
              title={<span className={state === 'not-available' ? 't-2' : undefined}>{componentName(id)}</span>}
              detail={<span className={componentClass(state)}>{componentStateText(state)}</span>}
              values={<StatusIcon status={componentStatus[state]} />}
            />
          ))}
        </Group>
      )}
      <Group title="This device" action={<LinkButton onClick={() => setDialog('rename')}>Rename</LinkButton>}>
        <KeyValue facts={factsOf(card, now)} />
      </Group>
      <Button variant="danger" fullWidth onClick={() => setDialog('disconnect')}>
        Disconnect device
      </Button>
      {dialog === 'rename' && <RenameDialog card={card} onClose={close} />}
      {dialog === 'disconnect' && <DisconnectDialog card={card} onClose={close} />}
    </aside>
  )
}

function componentClass(state: Component['state']): string | undefined {
  return state === 'on' || state === 'not-available' ? undefined : 't-red'
}

/** How it ended, and why something was left out; which objects, only the device itself lists for scans of its own. */
function LastScan({ scan, now }: { readonly scan: FinishedScan; readonly now: Date }) {
  const { excluded } = scan.counters
  const reasons = gapReasonsText(scan.gapReasons, formatCount)
  // The sentence about excluded names stands below.
  const outcome = scanOutcomeText({ ...scan, counters: { ...scan.counters, excluded: 0 } })
  return (
    <>
      <Time at={scan.finishedAt} text={`${scanName(scan.type)}, ${formatMomentWithTime(scan.finishedAt, now)}`} />
      <span className="fact-note t-caption t-2">{outcome}</span>
      {reasons !== '' && <span className="fact-note t-caption t-3">{capitalise(reasons)}. Listed on the device.</span>}
      {excluded > 0 && <span className="fact-note t-caption t-3">{excludedText(excluded, formatCount)}.</span>}
    </>
  )
}

function factsOf(card: DeviceCard, now: Date): readonly Fact[] {
  const connected = {
    name: 'Connected',
    value: <Time at={card.connectedAt} text={formatMoment(card.connectedAt, now)} />,
  }
  const { state } = card
  if (state === null) return [connected]
  const { facts, lastScan, lastFullScanAt } = state
  const released = facts.databasesReleasedAt
  const age = released === null ? undefined : formatAge(Math.max(0, now.getTime() - Date.parse(released)))
  return [
    {
      name: 'Databases',
      value: (
        <>
          {released === null ? (
            facts.databasesVersion || 'Not known'
          ) : (
            <Time at={released} text={`${formatDay(released, now)}, ${age} old`} />
          )}
          {facts.databasesRejected > 0 && (
            <span className="fact-note t-caption t-3">{rejectedText(facts.databasesRejected, formatCount)}.</span>
          )}
        </>
      ),
    },
    {
      name: 'Last scan',
      value: lastScan === null ? 'Never' : <LastScan scan={lastScan} now={now} />,
    },
    {
      name: 'Last Full Scan',
      value: lastFullScanAt === null ? 'Never' : <Time at={lastFullScanAt} text={formatMoment(lastFullScanAt, now)} />,
    },
    { name: 'Quarantine', value: state.quarantineCount === 0 ? 'Empty' : String(state.quarantineCount) },
    { name: 'App', value: `${facts.appName} ${facts.appVersion}` },
    { name: 'Engine', value: facts.engineVersion },
    connected,
  ]
}
