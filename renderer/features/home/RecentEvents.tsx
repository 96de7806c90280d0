// The last events, newest first. Owns the list on Home only; reports come with a later version.
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { Group } from '#shared/ui/Group.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { StatusIcon, type StatusKind } from '#shared/ui/StatusIcon.tsx'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'

const icons: Record<HistoryEvent['grade'], StatusKind> = {
  critical: 'danger',
  important: 'attention',
  information: 'info',
  good: 'good',
}
const shownEvents = 6

/** Six at most. */
export function RecentEvents() {
  const { recent } = useTopic('history')
  return (
    <Group title="Recent events">
      {recent.length === 0 ? (
        <EmptyState
          kind="plain"
          title="No events yet"
          detail="Scans, detected objects and connections are listed here."
        />
      ) : (
        recent
          .slice(0, shownEvents)
          .map((event) => (
            <Row
              key={event.id}
              icon={<StatusIcon status={icons[event.grade]} />}
              title={event.title}
              {...(event.detail === '' ? {} : { detail: event.detail })}
              values={<When at={event.at} form="short" capital />}
            />
          ))
      )}
    </Group>
  )
}
