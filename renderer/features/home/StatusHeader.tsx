// The answer first: mark, sentence, one line of what follows, and one filled button.
import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { plural } from '#shared/ui/format/count.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { Mark } from '#shared/ui/Mark.tsx'
import { useAct } from '../../bridge/client-context.tsx'
import { useTopic } from '../../state/mirror.ts'
import { goTo } from '../../state/navigation.ts'
import { useMarkState } from '../../state/status.ts'
import { useStartScan } from '../security/start-scan.ts'

const sentences = {
  protected: 'Your computer is protected',
  'needs-attention': 'Your computer needs attention',
  'at-risk': 'Your computer is at risk',
} as const

/** The header of Home. */
export function StatusHeader({ hasProblems }: { readonly hasProblems: boolean }) {
  const { status, engine } = useTopic('protection')
  const { running } = useTopic('scan')
  const mark = useMarkState()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <header className="home-header">
      <Mark state={mark} size={72} />
      <div className="home-sentence">
        <h1 className="t-display" ref={heading} tabIndex={-1}>
          {sentences[status]}
        </h1>
        <p className="t-2 home-follow">
          <Follow /> <LinkButton onClick={() => goTo('notifications')}>Details</LinkButton>
        </p>
      </div>
      {running === null ? (
        <ScanButtons filled={!hasProblems} ready={engine === 'ready'} />
      ) : (
        <Button size="md" onClick={() => goTo('security')}>
          Show the scan
        </Button>
      )}
    </header>
  )
}

/** The filled button moves to the first problem when there is one. */
function ScanButtons({ filled, ready }: { readonly filled: boolean; readonly ready: boolean }) {
  const { busy, run } = useAct()
  const start = useStartScan()
  return (
    <div className="app-actions">
      <Button size="md" onClick={() => goTo('security')}>
        Choose scan
      </Button>
      <Button
        size="md"
        variant={filled ? 'filled' : 'default'}
        loading={busy !== null}
        disabled={!ready}
        onClick={() => run('quick', () => start({ type: 'quick' }))}
      >
        Quick Scan
      </Button>
    </div>
  )
}

function Follow() {
  const { problems, engine, components } = useTopic('protection')
  if (engine === 'starting') return 'The scanner engine is starting.'
  if (engine === 'restarting') return 'The scanner engine is started again.'
  const open = problems.filter((problem) => !problem.ignored && problem.grade !== 'information')
  if (open.length > 0) return `${plural(open.length, 'problem', 'problems')} to fix.`
  const off = components.filter((component) => component.state === 'off' || component.state === 'paused').length
  if (off > 0) return `${plural(off, 'component', 'components')} off or paused.`
  return 'Everything that this version has is on.'
}
