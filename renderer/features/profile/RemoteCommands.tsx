// The newest commands from the portal: what, who, when, and how it went (D12).

import { brand } from '#shared/brand.ts'
import type { CloudTopic } from '#shared/domain/app-state.ts'
import { CommandStatus } from '#shared/domain/command.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { capitalise } from '#shared/ui/format/time.ts'
import { Group } from '#shared/ui/Group.tsx'
import type { StatusKind } from '#shared/ui/StatusIcon.tsx'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { ownRestartText } from '#shared/ui/text/restart-text.ts'
import { useSharedNow } from '../../components/use-shared-now.ts'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'

const icons: Record<CommandStatus, StatusKind> = {
  planned: 'waiting',
  delivered: 'waiting',
  running: 'busy',
  done: 'good',
  failed: 'danger',
  cancelled: 'skipped',
  expired: 'skipped',
}

/** Newest first. */
export function RemoteCommands({ commands }: Pick<CloudTopic, 'commands'>) {
  return (
    <Group title={`Commands from ${brand.portal}`}>
      {commands.length === 0 ? (
        <EmptyState
          kind="plain"
          title="No commands yet"
          detail={`What is asked for on ${brand.portal} is listed here.`}
        />
      ) : (
        commands.map((command) => (
          <div className="command-row" key={command.id}>
            <div className="detected-object">
              <div>{command.title}</div>
              <div className="t-caption t-3 wrap-anywhere">By {command.account}</div>
            </div>
            <CommandState command={command} />
            <span className="t-caption t-3 detected-time">
              <When at={command.at} form="time" capital />
            </span>
          </div>
        ))
      )}
    </Group>
  )
}

interface CommandStateProps {
  readonly command: CloudTopic['commands'][number]
}

/** Of a restart that was asked for, how far it is, as everywhere else. */
function CommandState({ command }: CommandStateProps) {
  const { request } = useTopic('restart')
  const now = useSharedNow()
  const { status, text } =
    request?.commandId === command.id
      ? ownRestartText(request, now)
      : { status: iconOf(command.status), text: capitalise(command.status) }
  return <StatusTag status={status}>{text}</StatusTag>
}

/** The client may say more than the bare status: "Stopped on the device". */
function iconOf(status: string): StatusKind {
  const known = CommandStatus.safeParse(status.toLowerCase().split(/[,: ]/)[0])
  if (known.success) return icons[known.data]
  if (/^stopped/i.test(status)) return 'stopped'
  return /^declined/i.test(status) ? 'skipped' : 'quiet'
}
