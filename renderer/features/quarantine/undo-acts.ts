// Undo of what was just done to objects: their copies go back to where they came from. What is still detected, as most of them
// will be, comes back only with an exclusion: that becomes a question about exactly those. Main asks before anything is restored.
import { create } from 'zustand'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { ActResult } from '#shared/ipc/app-contract.ts'
import { plural } from '#shared/ui/format/count.ts'
import { reasonsText } from '#shared/ui/text/reasons-text.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import type { AppClient } from '../../bridge/app-client.ts'
import { tellFailure } from '../../bridge/client-context.tsx'
import { goTo } from '../../state/navigation.ts'

export interface UndoQuestion {
  /** Those that are still detected, or cannot be judged. */
  readonly ids: readonly DetectionId[]
}

/** UndoDialog asks it. */
export const useUndoQuestion = create<{ readonly question: UndoQuestion | null }>(() => ({ question: null }))

/** What was restored and what stood in the way of the others is told; what is still detected is asked about. */
export function undoActs(client: AppClient, ids: readonly DetectionId[]): void {
  client
    .call('detections.restore', { ids: [...ids], exclude: false })
    .then(({ done, failed, failures = [] }) => {
      const detected = failures.filter(({ reason }) => reason === 'still-detected')
      if (detected.length > 0) useUndoQuestion.setState({ question: { ids: detected.map(({ id }) => id) } })
      const others = failures.filter(({ reason }) => reason !== 'still-detected')
      tellUndone({ done, failed: failed - detected.length, failures: others }, 'restored')
    })
    .catch(tellFailure)
}

/** Restores them although they are still detected; no scan reports them any more. */
export function undoWithExclusion(client: AppClient, { ids }: UndoQuestion): void {
  client
    .call('detections.restore', { ids: [...ids], exclude: true })
    .then((result) => tellUndone(result, 'restored and excluded'))
    .catch(tellFailure)
}

function tellUndone({ done, failed, failures = [] }: Omit<ActResult, 'needRestart' | 'reason'>, what: string): void {
  if (failed > 0) {
    showToast({
      kind: 'failed',
      title: `${plural(failed, 'object', 'objects')} not restored`,
      detail: reasonsText(failures.flatMap(({ reason }) => reason ?? [])) || 'The reason is in each row.',
      action: { label: 'Open Quarantine', run: () => goTo('quarantine') },
    })
  }
  if (done > 0) showToast({ kind: 'done', title: `${plural(done, 'object', 'objects')} ${what}` })
}
