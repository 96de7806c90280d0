// The last events, newest first. Owns the list on Home only; all of them are in Reports.
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { Group } from '#shared/ui/Group.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { StatusIcon } from '#shared/ui/StatusIcon.tsx'
import { reportStatus } from '#shared/ui/text/report-text.ts'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'
import { goTo } from '../../state/navigation.ts'

const shownEvents = 6

/** Six at most. */
export function RecentEvents() {
  const { recent } = useTopic('history')
  return (
    <Group
      title="Recent events"
      {...(recent.length > 0 ? { action: <LinkButton onClick={() => goTo('reports')}>Show all</LinkButton> } : {})}
    >
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
              icon={<StatusIcon status={reportStatus(event.grade)} />}
              title={event.title}
              {...(event.detail === '' ? {} : { detail: event.detail })}
              values={<When at={event.at} form="short" capital />}
            />
          ))
      )}
    </Group>
  )
}
