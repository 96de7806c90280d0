// The list of security problems, the same items as the app's Notification Center (E1, E6). Owns showing ignored ones.
import { useState } from 'react'
import type { CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { plural } from '#shared/ui/format/count.ts'
import { Group } from '#shared/ui/Group.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { sortProblems } from '../devices/card-text.ts'
import { ProblemRow } from './ProblemRow.tsx'
import { remoteFix } from './problem-fix.ts'

export interface ProblemsProps {
  readonly card: DeviceCard
  readonly commands: readonly CommandRecord[]
  readonly now: Date
}

/** Critical ones can never be hidden. */
export function Problems({ card, commands, now }: ProblemsProps) {
  const [showIgnored, setShowIgnored] = useState(false)
  const all = sortProblems(card.state?.problems ?? [])
  const shown = all.filter((problem) => !problem.ignored)
  const ignored = all.filter((problem) => problem.ignored)
  const firstFixable = shown.find((problem) => remoteFix(problem) !== undefined)?.key
  const ignoredLink = `Show ${plural(ignored.length, 'ignored notification', 'ignored notifications')}`
  const toggle =
    ignored.length === 0 ? undefined : (
      <LinkButton onClick={() => setShowIgnored((shows) => !shows)}>
        {showIgnored ? 'Hide ignored notifications' : ignoredLink}
      </LinkButton>
    )
  const rows = showIgnored ? [...shown, ...ignored] : shown
  return (
    <Group title="Security problems" count={shown.length} action={toggle}>
      {rows.map((problem) => (
        <ProblemRow
          key={problem.key}
          card={card}
          problem={problem}
          commands={commands}
          now={now}
          first={problem.key === firstFixable}
        />
      ))}
      {rows.length === 0 && <NoProblems card={card} ignored={ignored.length} />}
    </Group>
  )
}

function NoProblems({ card, ignored }: { readonly card: DeviceCard; readonly ignored: number }) {
  if (card.state === null) {
    return (
      <EmptyState
        kind="plain"
        title="No report yet"
        detail="The device has just been connected and tells its state in a moment."
      />
    )
  }
  if (ignored > 0)
    return (
      <EmptyState
        kind="plain"
        title="Only ignored notifications are left"
        detail="They keep the status of the device as it is."
      />
    )
  if (!card.online)
    return <EmptyState kind="plain" title="No problems when it was last seen" detail="The status may be old." />
  return <EmptyState kind="good" title="No problems" detail="All components that this version has are on." />
}
