// The worst problems with their fixes, on Home: three at most, then a way to all of them.
import { Group } from '#shared/ui/Group.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { useTopic } from '../../state/mirror.ts'
import { goTo } from '../../state/navigation.ts'
import { worstFirst } from '../../state/status.ts'
import { ProblemRow } from '../notifications/ProblemRow.tsx'
import { recommendedProblem } from '../notifications/use-fix.ts'

const shownProblems = 3

/** The filled button is on the first one only. */
export function HomeProblems() {
  const { problems } = useTopic('protection')
  const open = worstFirst(problems).filter((problem) => !problem.ignored && problem.grade !== 'information')
  const shown = open.slice(0, shownProblems)
  const recommended = recommendedProblem(shown)
  return (
    <Group label="Problems">
      {shown.map((problem) => (
        <ProblemRow key={problem.key} problem={problem} recommended={problem === recommended} />
      ))}
      {open.length > shownProblems && (
        <div className="home-more">
          <LinkButton onClick={() => goTo('notifications')}>Show all {open.length} in Notification Center</LinkButton>
        </div>
      )}
    </Group>
  )
}
