// One security problem with its remote fix, or the words "Fix on the device". Owns the row; the rules are in problem-fix.ts.
import type { CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { canIgnore, type Problem } from '#shared/domain/problem.ts'
import { fixLabel, problemText } from '#shared/domain/problem-text.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { StatusIcon } from '#shared/ui/StatusIcon.tsx'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { gradeStatus } from '#shared/ui/text/protection-text.ts'
import { BusyButton } from '../../components/BusyButton.tsx'
import { Link } from '../../components/Link.tsx'
import { devicePathOf } from '../../state/route.ts'
import { commandState } from '../commands/command-text.ts'
import { runCancel, runCommand } from '../commands/run-command.ts'
import { processAll } from '../objects/process-all.ts'
import { pendingFix, pendingIgnore, remoteFix } from './problem-fix.ts'
import { RestartState } from './RestartState.tsx'

export interface ProblemRowProps {
  readonly card: DeviceCard
  readonly problem: Problem
  readonly commands: readonly CommandRecord[]
  readonly now: Date
  /** Only the first problem has a filled button. */
  readonly first: boolean
}

const gradeWords = { critical: 'Critical', important: 'Important', information: 'Information' } as const

/** Critical ones have no Ignore. */
export function ProblemRow({ card, problem, commands, now, first }: ProblemRowProps) {
  const { title, detail } = problemText(problem)
  const fixing = pendingFix(problem, commands)
  const planned = fixing?.status === 'planned' ? fixing : undefined
  return (
    <Row
      top
      strong
      icon={<StatusIcon status={gradeStatus(problem.grade)} label={gradeWords[problem.grade]} />}
      title={title}
      detail={
        <>
          <span className="problem-detail">{detail}</span>
          {planned !== undefined && (
            <span className="problem-planned">
              <StatusTag status="waiting">{commandState(planned, now).text}</StatusTag>
            </span>
          )}
        </>
      }
      actions={
        <>
          {canIgnore(problem) && <IgnoreLink card={card} problem={problem} commands={commands} />}
          {fixing === undefined ? (
            <FixButton card={card} problem={problem} first={first} />
          ) : (
            <FixState card={card} record={fixing} now={now} />
          )}
        </>
      }
    />
  )
}

function IgnoreLink({ card, problem, commands }: Pick<ProblemRowProps, 'card' | 'problem' | 'commands'>) {
  const pending = pendingIgnore(problem, commands)
  if (pending?.status === 'planned' && !card.online) {
    return (
      <span className="t-caption t-3">
        Planned <LinkButton onClick={() => void runCancel(card, pending)}>Cancel</LinkButton>
      </span>
    )
  }
  const toggle = () =>
    void runCommand(card, { kind: 'problem.ignore', args: { key: problem.key, ignored: !problem.ignored } })
  return (
    <LinkButton onClick={toggle} disabled={pending !== undefined}>
      {problem.ignored ? 'Show again' : 'Ignore'}
    </LinkButton>
  )
}

function FixButton({ card, problem, first }: Pick<ProblemRowProps, 'card' | 'problem' | 'first'>) {
  const fix = remoteFix(problem)
  if (fix === undefined || problem.fix === null) {
    return isFixable(problem) ? <span className="t-caption t-3">Fix on the device</span> : null
  }
  const run = fix.kind === 'process-objects' ? () => processAll(card) : () => runCommand(card, fix.body)
  return (
    <>
      {fix.kind === 'process-objects' && <Link to={devicePathOf(card.id, 'objects')}>Review</Link>}
      <BusyButton variant={first ? 'filled' : 'default'} onRun={run}>
        {fixLabel(problem.fix, 'portal')}
      </BusyButton>
    </>
  )
}

// Notices that ask for nothing, and the one this version cannot change.
function isFixable(problem: Problem): boolean {
  return problem.grade !== 'information' && problem.kind !== 'databases-seed'
}

interface FixStateProps {
  readonly card: DeviceCard
  readonly record: CommandRecord
  readonly now: Date
}

function FixState({ card, record, now }: FixStateProps) {
  if (record.status === 'planned') return <LinkButton onClick={() => void runCancel(card, record)}>Cancel</LinkButton>
  if (record.body.kind === 'device.restart') return <RestartState card={card} record={record} now={now} />
  const { status, text } = commandState(record, now)
  return <StatusTag status={status}>{text}</StatusTag>
}
