// The protection components, told as they are: what this version does not have never counts as on.
import type { Component } from '#shared/domain/device.ts'
import { Group } from '#shared/ui/Group.tsx'
import { Row } from '#shared/ui/Row.tsx'
import type { StatusKind } from '#shared/ui/StatusIcon.tsx'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { componentName, componentStateText } from '#shared/ui/text/scan-text.ts'
import { useTopic } from '../../state/mirror.ts'

const details: Record<Component['id'], string> = {
  'on-demand-scan': 'Quick, Full and Custom Scan',
  'file-protection': 'Checks files when they have changed',
  'background-scan': 'Scans while the computer is idle',
  'removable-drives': 'Checks drives when they connect',
  'automatic-updates': 'Fetches new databases',
}
const icons: Record<Exclude<Component['state'], 'not-available'>, StatusKind> = {
  on: 'good',
  off: 'danger',
  paused: 'attention',
  failed: 'danger',
}

/** Those that there are come first. */
export function Components() {
  const { components, engine } = useTopic('protection')
  const { fileProtection } = useTopic('settings')
  const isStarting = engine === 'starting' || engine === 'restarting'
  const starts = (id: Component['id']) =>
    isStarting && (id === 'on-demand-scan' || (id === 'file-protection' && fileProtection.enabled))
  const ordered = components.toSorted(
    (a, b) => Number(a.state === 'not-available') - Number(b.state === 'not-available'),
  )
  const on = components.filter((component) => component.state === 'on').length
  return (
    <Group title="Components" count={`${on} of ${components.length} on`}>
      {ordered.map(({ id, state }) => (
        <Row
          key={id}
          title={<span className={state === 'not-available' ? 't-2' : undefined}>{componentName(id)}</span>}
          {...(state === 'not-available' ? {} : { detail: details[id] })}
          values={
            state === 'not-available' ? 'Not in this version' : <ComponentTag state={state} isStarting={starts(id)} />
          }
        />
      ))}
    </Group>
  )
}

interface ComponentTagProps {
  readonly state: keyof typeof icons
  /** Not on yet, and not off either: nobody turned it off. */
  readonly isStarting: boolean
}

function ComponentTag({ state, isStarting }: ComponentTagProps) {
  if (isStarting && state !== 'on') return <StatusTag status="busy">Starting</StatusTag>
  return <StatusTag status={icons[state]}>{componentStateText(state)}</StatusTag>
}
