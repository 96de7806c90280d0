// What the fix of a problem does in the app; null where there is none at this computer yet.
import type { Problem } from '#shared/domain/problem.ts'
import { useClient } from '../../bridge/client-context.tsx'
import { processAll } from '../detections/process-all.ts'
import { useStartScan } from '../security/start-scan.ts'

const fixesHere: ReadonlySet<Problem['fix']> = new Set(['process-objects', 'quick-scan', 'full-scan', 'restart'])

/** The first one with a fix gets the one filled button of the view. */
export function recommendedProblem(problems: readonly Problem[]): Problem | undefined {
  return problems.find((problem) => fixesHere.has(problem.fix))
}

/** Runs the fix to its end. */
export function useFix(problem: Pick<Problem, 'fix'>): (() => Promise<void>) | null {
  const client = useClient()
  const start = useStartScan()
  switch (problem.fix) {
    case 'process-objects':
      return () => processAll(client)
    case 'quick-scan':
      return () => start({ type: 'quick' })
    case 'full-scan':
      return () => start({ type: 'full' })
    case 'restart':
      return async () => {
        await client.call('restart.now', {})
      }
    // This version has neither an update source nor anything that could be paused.
    case 'update-databases':
    case 'resume-protection':
    case null:
      return null
  }
}
