// The worst problems with their fixes, on Home: three at most, then a way to all of them.
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { useTopic } from '../../state/mirror.ts'
import { goTo } from '../../state/navigation.ts'
import { worstFirst } from '../../state/status.ts'
import { ProblemRow } from '../notifications/ProblemRow.tsx'
import { Group } from '#shared/ui/Group.tsx'

const shownProblems = 3

/** The filled button is on the first one only. */
export function HomeProblems() {
  const { problems } = useTopic('protection')
  const open = worstFirst(problems).filter((problem) => !problem.ignored && problem.grade !== 'information')
  return (
    <Group label="Problems">
      {open.slice(0, shownProblems).map((problem, index) => (
        <ProblemRow key={problem.key} problem={problem} recommended={index === 0} />
      ))}
      {open.length > shownProblems && (
        <div className="home-more">
          <LinkButton onClick={() => goTo('notifications')}>Show all {open.length} in Notification Center</LinkButton>
        </div>
      )}
    </Group>
  )
}
