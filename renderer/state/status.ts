// What several screens derive from the mirror: the state of the mark, the worst problems first.
import type { Problem, ProblemGrade } from '#shared/domain/problem.ts'
import type { MarkState } from '#shared/ui/Mark.tsx'
import { protectionText } from '#shared/ui/text/protection-text.ts'
import { useTopic } from './mirror.ts'

/** Busy hides neither red nor yellow. */
export function useMarkState(): MarkState {
  const { status, engine } = useTopic('protection')
  const { running } = useTopic('scan')
  if (engine === 'failed') return 'off'
  if (running !== null && status === 'protected') return 'busy'
  return protectionText(status).mark
}

const weight: Record<ProblemGrade, number> = { critical: 0, important: 1, information: 2 }

/** Worst first; inside a grade the newest first. */
export function worstFirst(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => weight[a.grade] - weight[b.grade] || b.since.localeCompare(a.since))
}
