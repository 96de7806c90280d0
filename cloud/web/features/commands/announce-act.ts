// Announces how an act on detected objects ended: how many are done, failed, need a restart (F4), with Undo where copies make it
// possible. Owns these toasts; why something was not restored is looked up in the objects themselves.
import type { CommandRecord, CommandResult } from '#shared/domain/command.ts'
import { type DetectionAction, RestoreAction } from '#shared/domain/detection.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import { plural } from '#shared/ui/format/count.ts'
import { textOfCode } from '#shared/ui/text/error-text.ts'
import { actionLabel } from '#shared/ui/text/state-text.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import { actedText, actObjects } from './command-text.ts'
import { askWithExclusion, type NotRestored, notRestored, undoActs } from './undo-acts.ts'

/** Of more objects the record of the command does not name each. */
const undoableUpTo = 10

const doneWords: Record<DetectionAction, string> = {
  process: 'processed',
  disinfect: 'disinfected',
  delete: 'deleted',
  'copy-to-quarantine': 'copied to Quarantine',
  skip: 'skipped',
  restore: 'restored',
  'restore-and-exclude': 'restored and excluded',
}

const keepsCopies: ReadonlySet<DetectionAction> = new Set(['delete', 'disinfect', 'process'])

type Acted = NonNullable<CommandResult['acted']>

/** Nothing for other commands. */
export function announceAct(card: DeviceCard, record: CommandRecord): void {
  const { body } = record
  if (body.kind !== 'detections.act') return
  const { action, ids } = body.args
  const objects = actObjects(record)
  const acted = record.result?.acted ?? { done: objects, failed: 0, needRestart: 0 }
  if (acted.failed > 0) {
    if (RestoreAction.safeParse(action).success) announceNotRestored(card, acted, ids)
    else
      showToast({ kind: 'failed', title: title(acted.failed, `not ${doneWords[action]}`), detail: failedDetail(acted) })
    return
  }
  const copies = keepsCopies.has(action) ? 'Copies are in Quarantine.' : ''
  if (acted.needRestart > 0) {
    const needs = acted.needRestart === 1 ? 'needs a restart' : 'need a restart'
    const detail = [`${actedText(acted)}.`, copies].filter(Boolean).join(' ')
    showToast({ kind: 'attention', title: title(acted.needRestart, needs), detail })
    return
  }
  const canUndo = copies !== '' && objects <= undoableUpTo
  showToast({
    kind: 'done',
    title: title(acted.done, doneWords[action]),
    detail: copies || card.name,
    ...(canUndo ? { action: { label: 'Undo', run: () => void undoActs(card, ids) } } : {}),
  })
}

function title(count: number, what: string): string {
  return `${plural(count, 'object', 'objects')} ${what}`
}

/** All three numbers where there is more than one. */
function failedDetail(acted: Acted): string {
  const isMixed = acted.done + acted.needRestart > 0
  const why = acted.reason === undefined ? 'The list says why.' : `Reason: ${textOfCode(acted.reason).reason}.`
  if (!isMixed) return why
  return acted.reason === undefined ? `${actedText(acted)}. ${why}` : `${actedText(acted)}.`
}

function announceNotRestored(card: DeviceCard, acted: Acted, ids: readonly DetectionId[]): void {
  notRestored(card, ids).then(
    (found) => tellNotRestored(card, acted, found),
    // What the device said is all there is to say.
    () => tellNotRestored(card, acted, undefined),
  )
}

function tellNotRestored(card: DeviceCard, acted: Acted, found: NotRestored | undefined): void {
  const restored = acted.done > 0 ? `${plural(acted.done, 'object', 'objects')} restored.` : ''
  const detail = [restored, found?.why || failedDetail({ ...acted, done: 0 }), found?.todo].filter(Boolean).join(' ')
  const objects = found?.stillDetected ?? []
  const action = { label: actionLabel('restore-and-exclude'), run: () => askWithExclusion({ card, objects }) }
  showToast({
    kind: 'failed',
    title: title(acted.failed, 'not restored'),
    detail,
    ...(objects.length > 0 ? { action } : {}),
  })
}
