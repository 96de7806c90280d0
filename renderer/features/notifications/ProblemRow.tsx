// One problem: its words, since when, and its fix in the row. Owns running the fix; words come from shared/domain.
import { Button } from '@mantine/core'
import { useState } from 'react'
import { canIgnore, type Problem } from '#shared/domain/problem.ts'
import { fixLabel, problemText } from '#shared/domain/problem-text.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { StatusIcon } from '#shared/ui/StatusIcon.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { gradeStatus } from '#shared/ui/text/protection-text.ts'
import { isCancelled, tellFailure, useClient } from '../../bridge/client-context.tsx'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'
import { goTo } from '../../state/navigation.ts'
import { useFix } from './use-fix.ts'

export interface ProblemRowProps {
  readonly problem: Problem
  /** One filled button per view. */
  readonly recommended: boolean
  /** In the Notification Center: when it began, and Ignore. */
  readonly full?: boolean
}

/** A fix that failed says why in the row. */
export function ProblemRow({ problem, recommended, full = false }: ProblemRowProps) {
  const [failure, setFailure] = useState<unknown>(null)
  const { title, detail } = problemText(problem)
  return (
    <Row
      top
      icon={<StatusIcon status={gradeStatus(problem.grade)} />}
      title={<span className="t-strong">{title}</span>}
      detail={
        <span className="problem-detail">
          <span className="t-body t-2">{detail}</span>
          {failure !== null && (
            <span className="t-red" role="alert">
              Failed: {errorText(failure).reason}. {errorText(failure).todo}
            </span>
          )}
        </span>
      }
      {...(full ? { values: <When at={problem.since} form="short" capital /> } : {})}
      actions={<ProblemActions problem={problem} recommended={recommended} full={full} onFailure={setFailure} />}
    />
  )
}

interface ActionsProps extends Required<ProblemRowProps> {
  readonly onFailure: (failure: unknown) => void
}

function ProblemActions({ problem, recommended, full, onFailure }: ActionsProps) {
  const client = useClient()
  const fix = useFix(problem)
  const isScanning = useTopic('scan').running !== null
  const isReady = useTopic('protection').engine === 'ready'
  const [busy, setBusy] = useState(false)
  const runFix = () => {
    if (fix === null) return
    setBusy(true)
    onFailure(null)
    fix()
      .catch((error: unknown) => {
        if (!isCancelled(error)) onFailure(error)
      })
      .finally(() => setBusy(false))
  }
  const ignore = () => {
    client.call('problem.ignore', { key: problem.key, ignored: !problem.ignored }).catch(tellFailure)
  }
  const startsScan = problem.fix === 'quick-scan' || problem.fix === 'full-scan'
  return (
    <div className="problem-actions" data-full={full || undefined}>
      {full && canIgnore(problem) && (
        <LinkButton onClick={ignore}>{problem.ignored ? 'Show again' : 'Ignore'}</LinkButton>
      )}
      {isAboutObjects(problem) && (
        <Button size="xs" onClick={() => goTo('detected')}>
          Review
        </Button>
      )}
      {problem.kind === 'possible-false-alarm' && (
        <Button size="xs" onClick={() => goTo('quarantine')}>
          Open Quarantine
        </Button>
      )}
      {fix !== null && problem.fix !== null && (
        <Button
          size="xs"
          variant={recommended ? 'filled' : 'default'}
          loading={busy}
          disabled={startsScan && (isScanning || !isReady)}
          onClick={runFix}
        >
          {fixLabel(problem.fix)}
        </Button>
      )}
    </div>
  )
}

const aboutObjects: ReadonlySet<Problem['kind']> = new Set([
  'active-threats',
  'clean-up-failed',
  'backup-failed',
  'restart-required',
])

function isAboutObjects({ kind }: Problem): boolean {
  return aboutObjects.has(kind)
}
