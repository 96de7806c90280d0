// Group acts on detected objects: asks the ledger for the ids, acts on exactly those, and tells the result.
import { type Detection, type DetectionAction, isUnprocessed, type RestoreAction } from '#shared/domain/detection.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { ActResult } from '#shared/ipc/app-contract.ts'
import { plural } from '#shared/ui/format/count.ts'
import { reasonsText } from '#shared/ui/text/reasons-text.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import type { AppClient } from '../../bridge/app-client.ts'
import { goTo } from '../../state/navigation.ts'
import { undoActs } from '../quarantine/undo-acts.ts'

const pageSize = 200
/** As many as one call may carry. */
const mostAtOnce = 10_000

export interface ListQuery {
  readonly filter: 'to-review' | 'at-restart' | 'treated' | 'all'
  readonly search: string
}

/** Every object a filter shows, up to what one act may carry. */
export async function listAll(client: AppClient, query: ListQuery): Promise<readonly Detection[]> {
  const objects: Detection[] = []
  for (;;) {
    const page = await client.call('detections.list', { ...query, offset: objects.length, limit: pageSize })
    objects.push(...page.objects)
    if (page.objects.length === 0 || objects.length >= Math.min(page.total, mostAtOnce))
      return objects.slice(0, mostAtOnce)
  }
}

/** Disinfects, else deletes, everything that waits for a decision. */
export async function processAll(client: AppClient): Promise<void> {
  const waiting = await listAll(client, { filter: 'to-review', search: '' })
  const ids = waiting.filter((object) => isUnprocessed(object.state)).map((object) => object.id)
  if (ids.length > 0) await actOn(client, ids, 'process')
}

/** Acts and tells how it ended. */
export async function actOn(client: AppClient, ids: readonly DetectionId[], action: Act): Promise<void> {
  const result = await client.call('detections.act', { ids: [...ids], action })
  tellResult(action, result, () => undoActs(client, ids))
}

type Act = Exclude<DetectionAction, RestoreAction>

/** What a result is about. */
type Told = Act | 'delete-without-copy' | 'elevate'

const doneWords: Record<Told, string> = {
  process: 'processed',
  disinfect: 'disinfected',
  delete: 'deleted',
  'copy-to-quarantine': 'copied to Quarantine',
  skip: 'skipped',
  'delete-without-copy': 'deleted without a copy',
  elevate: 'processed',
}
const keepsCopies: ReadonlySet<Told> = new Set(['process', 'disinfect', 'delete', 'copy-to-quarantine', 'elevate'])
const showQuarantine = { label: 'Open Quarantine', run: () => goTo('quarantine') }

/** `onUndo`: puts everything back; offered when all of it was done. */
export function tellResult(action: Told, result: ActResult, onUndo?: () => void): void {
  const { done, failed, needRestart } = result
  if (needRestart > 0) {
    showToast({
      kind: 'attention',
      title: `${plural(needRestart, 'object', 'objects')} will be disinfected on computer restart`,
    })
  }
  if (failed > 0) {
    showToast({
      kind: 'failed',
      title: `${plural(failed, 'object', 'objects')} not ${doneWords[action]}`,
      detail: whyFailed(result) || 'The reason is in each row.',
    })
  }
  if (done === 0) return
  const title = `${plural(done, 'object', 'objects')} ${doneWords[action]}`
  if (!keepsCopies.has(action)) {
    showToast({ kind: 'done', title })
    return
  }
  const canUndo = onUndo !== undefined && action !== 'copy-to-quarantine' && failed + needRestart === 0
  const then = canUndo ? { label: 'Undo', run: onUndo } : showQuarantine
  showToast({ kind: 'done', title, detail: 'Copies are kept.', action: then })
}

function whyFailed({ failures, reason }: ActResult): string {
  const reasons = failures?.flatMap((failure) => failure.reason ?? []) ?? []
  return reasonsText(reasons.length > 0 || reason === undefined ? reasons : [reason])
}
