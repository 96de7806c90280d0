// Notification Center: problems by grade, red first, each with its fix; ignored ones come back by one button.
// Owns the view; which problems there are is derived by the client.
import { Button } from '@mantine/core'
import { IconEye, IconEyeOff } from '@tabler/icons-react'
import { useState } from 'react'
import type { Problem, ProblemGrade } from '#shared/domain/problem.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { plural } from '#shared/ui/format/count.ts'
import { Group } from '#shared/ui/Group.tsx'
import { SectionPage } from '../../components/SectionPage.tsx'
import { useTopic } from '../../state/mirror.ts'
import { worstFirst } from '../../state/status.ts'
import { ProblemRow } from './ProblemRow.tsx'
import { recommendedProblem } from './use-fix.ts'
import './notifications.css'

const grades: readonly (readonly [ProblemGrade, string])[] = [
  ['critical', 'Critical'],
  ['important', 'Important'],
  ['information', 'Informational'],
]

/** The section behind "Details". */
export function NotificationsSection() {
  const problems = worstFirst(useTopic('protection').problems)
  const shown = problems.filter((problem) => !problem.ignored)
  const ignored = problems.filter((problem) => problem.ignored)
  return (
    <SectionPage title="Notification Center">
      {shown.length === 0 && (
        <Group label="Notifications">
          <EmptyState
            kind={problems.length === 0 ? 'good' : 'plain'}
            title={problems.length === 0 ? 'Nothing needs your attention' : 'All notifications are ignored'}
            detail={
              problems.length === 0 ? 'Problems and advice appear here.' : 'The protection status keeps its colour.'
            }
          />
        </Group>
      )}
      {grades.map(([grade, title]) => (
        <GradeGroup
          key={grade}
          title={title}
          problems={shown.filter((problem) => problem.grade === grade)}
          first={recommendedProblem(shown)}
        />
      ))}
      <Ignored problems={ignored} />
    </SectionPage>
  )
}

interface GradeGroupProps {
  readonly title: string
  readonly problems: readonly Problem[]
  readonly first: Problem | undefined
}

function GradeGroup({ title, problems, first }: GradeGroupProps) {
  if (problems.length === 0) return null
  return (
    <Group title={title} count={problems.length}>
      {problems.map((problem) => (
        <ProblemRow key={problem.key} problem={problem} recommended={problem === first} full />
      ))}
    </Group>
  )
}

/** Hiding a notice never changes the colour of the status. */
function Ignored({ problems }: { readonly problems: readonly Problem[] }) {
  const [isOpen, setOpen] = useState(false)
  if (problems.length === 0) return null
  const words = plural(problems.length, 'ignored notification', 'ignored notifications')
  const Icon = isOpen ? IconEyeOff : IconEye
  return (
    <>
      {isOpen && (
        <Group title="Ignored" count={problems.length}>
          {problems.map((problem) => (
            <ProblemRow key={problem.key} problem={problem} recommended={false} full />
          ))}
        </Group>
      )}
      <div className="notifications-foot">
        <Button
          leftSection={<Icon size={16} stroke={1.6} aria-hidden />}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? `Hide ${words}` : `Show ${words}`}
        </Button>
        <span className="t-caption t-3">Critical notifications cannot be ignored.</span>
      </div>
    </>
  )
}
