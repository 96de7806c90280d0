// The commands of a device with their lives; kept 90 days. Owns how many are shown.
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { Group } from '#shared/ui/Group.tsx'
import { loadCommands } from '../../bridge/devices.ts'
import { Link } from '../../components/Link.tsx'
import { devicePathOf } from '../../state/route.ts'
import { sessionStore } from '../../state/session.ts'
import { ActivityRow } from './ActivityRow.tsx'

export interface ActivityProps {
  readonly card: DeviceCard
  readonly commands: readonly CommandRecord[]
  readonly now: Date
  /** Short: the newest five and a link to all. */
  readonly short?: boolean
}

const shortCount = 5
const pageSize = 50

/** Newest first. */
export function Activity({ card, commands, now, short = false }: ActivityProps) {
  const self = sessionStore((state) => state.account?.email ?? '')
  const shown = short ? commands.slice(0, shortCount) : commands
  const all = short && commands.length > 0 ? <Link to={devicePathOf(card.id, 'activity')}>Show all</Link> : undefined
  return (
    <>
      <Group title="Activity" count="kept 90 days" action={all}>
        {shown.map((record) => (
          <ActivityRow key={record.id} card={card} record={record} self={self} now={now} />
        ))}
        {shown.length === 0 && (
          <EmptyState
            kind="plain"
            title="No commands yet"
            detail="Scans and actions asked for here are listed with their results."
          />
        )}
      </Group>
      {!short && commands.length >= pageSize && <OlderButton card={card} oldest={commands.at(-1)?.issuedAt} />}
    </>
  )
}

function OlderButton({ card, oldest }: { readonly card: DeviceCard; readonly oldest: string | undefined }) {
  const [state, setState] = useState<'idle' | 'busy' | 'end'>('idle')
  if (state === 'end' || oldest === undefined) return null
  const load = () => {
    setState('busy')
    loadCommands(card.id, oldest).then(
      (count) => setState(count < pageSize ? 'end' : 'idle'),
      () => setState('idle'),
    )
  }
  return (
    <div className="more">
      <Button onClick={load} loading={state === 'busy'}>
        Show older
      </Button>
    </div>
  )
}
