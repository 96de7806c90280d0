// Undo of what was just done to objects: their copies go back to where they came from. What is still detected, as most of them
// will be, comes back only with an exclusion: that becomes a question. Main asks before anything is restored.
import { create } from 'zustand'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { ActResult } from '#shared/ipc/app-contract.ts'
import { plural } from '#shared/ui/format/count.ts'
import { textOfCode } from '#shared/ui/text/error-text.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import type { AppClient } from '../../bridge/app-client.ts'
import { tellFailure } from '../../bridge/client-context.tsx'
import { goTo } from '../../state/navigation.ts'

interface UndoQuestion {
  readonly ids: readonly DetectionId[]
  /** So many of them are still detected, or cannot be judged. */
  readonly count: number
}

/** UndoDialog asks it. */
export const useUndoQuestion = create<{ readonly question: UndoQuestion | null }>(() => ({ question: null }))

/** Those that are restored already count as done. */
export function undoActs(client: AppClient, ids: readonly DetectionId[], exclude = false): void {
  client
    .call('detections.restore', { ids: [...ids], exclude })
    .then((result) => {
      if (result.failed > 0 && result.reason === 'still-detected' && !exclude)
        useUndoQuestion.setState({ question: { ids, count: result.failed } })
      else tellUndone(result, exclude)
    })
    .catch(tellFailure)
}

function tellUndone({ done, failed, reason }: ActResult, exclude: boolean): void {
  if (failed > 0) {
    showToast({
      kind: 'failed',
      title: `${plural(failed, 'object', 'objects')} not restored`,
      detail: reason === undefined ? 'The reason is in each row.' : `Reason: ${textOfCode(reason).reason}.`,
      action: { label: 'Open Quarantine', run: () => goTo('quarantine') },
    })
  }
  if (done === 0) return
  showToast({ kind: 'done', title: `${plural(done, 'object', 'objects')} restored${exclude ? ' and excluded' : ''}` })
}
