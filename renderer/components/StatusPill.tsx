// The pill at the right of a section's bar: what runs, else how the computer is. "Details" opens the Notification Center.
import { formatPercent, plural } from '#shared/ui/format/count.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { StatusIcon, type StatusKind } from '#shared/ui/StatusIcon.tsx'
import { protectionText } from '#shared/ui/text/protection-text.ts'
import { scanName } from '#shared/ui/text/scan-text.ts'
import { useTopic } from '../state/mirror.ts'
import { goTo, useNavigation } from '../state/navigation.ts'

/** One line: icon, words, Details. */
export function StatusPill() {
  const { status, words } = usePill()
  const isThere = useNavigation((navigation) => navigation.section === 'notifications')
  return (
    <div className="app-pill">
      <StatusIcon status={status} />
      <span className="tabular">{words}</span>
      {!isThere && <LinkButton onClick={() => goTo('notifications')}>Details</LinkButton>}
    </div>
  )
}

function usePill(): { readonly status: StatusKind; readonly words: string } {
  const { status, problems } = useTopic('protection')
  const { running } = useTopic('scan')
  const { unprocessed } = useTopic('detections')
  const section = useNavigation((navigation) => navigation.section)
  const { status: icon, text } = protectionText(status)
  if (running !== null) {
    const { percent } = running.progress
    return {
      status: 'busy',
      words: percent === null ? scanName(running.type) : `${scanName(running.type)}, ${formatPercent(percent)}`,
    }
  }
  const shown = problems.filter((problem) => !problem.ignored && problem.grade !== 'information').length
  if (section === 'detected' && unprocessed > 0) return { status: icon, words: `${unprocessed} to review` }
  if (section === 'notifications' && shown > 0) return { status: icon, words: plural(shown, 'problem', 'problems') }
  return { status: icon, words: text }
}
