// Announces how the commands this page sent have ended, with Undo where a copy makes it possible.
// Owns the toasts of results; the results also stand in Activity.
import { type CommandRecord, isFinal } from '#shared/domain/command.ts'
import type { DetectionAction } from '#shared/domain/detection.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import type { ErrorCode } from '#shared/errors.ts'
import { plural } from '#shared/ui/format/count.ts'
import type { StatusKind } from '#shared/ui/StatusIcon.tsx'
import { textOfCode } from '#shared/ui/text/error-text.ts'
import { actionLabel } from '#shared/ui/text/state-text.ts'
import { showToast, type ToastContent } from '#shared/ui/toasts.tsx'
import { mirrorStore } from '../../state/mirror.ts'
import { actObjects, commandState, commandTitle, failureReason } from './command-text.ts'
import { forgetSent, runCommand, wasSentHere } from './run-command.ts'

const undoableUpTo = 10

/** Listens for the life of the page. */
export function announceCommandResults(): void {
  mirrorStore.subscribe((mirror, before) => {
    if (mirror.commands === before.commands) return
    for (const [deviceId, records] of mirror.commands) {
      if (records === before.commands.get(deviceId)) continue
      const card = mirror.devices.get(deviceId)
      for (const record of records) {
        if (!wasSentHere(record.id) || !isFinal(record.status)) continue
        forgetSent(record.id)
        if (card !== undefined) announce(card, record)
      }
    }
  })
}

function announce(card: DeviceCard, record: CommandRecord): void {
  const { body, status } = record
  if (status === 'failed') {
    showToast({
      kind: 'failed',
      title: `${commandTitle(record)}: failed`,
      detail: `${card.name}: ${failureReason(record.result)}.`,
    })
    return
  }
  if (status !== 'done') return
  if (body.kind === 'detections.act') announceAct(card, record, body.args.action, body.args.ids)
  if (body.kind === 'device.restart') {
    showToast({ kind: 'done', title: `${card.name} was restarted`, detail: commandState(record, new Date()).text })
  }
  if (body.kind === 'scan.start') {
    const { status: how, text } = commandState(record, new Date())
    showToast({
      kind: toastKinds[how] ?? 'done',
      title: commandTitle(record),
      detail: `${card.name}. ${text}`,
    })
  }
}

const toastKinds: Partial<Record<StatusKind, ToastContent['kind']>> = {
  danger: 'failed',
  attention: 'attention',
  info: 'info',
}

const doneWords: Record<DetectionAction, string> = {
  process: 'processed',
  disinfect: 'disinfected',
  delete: 'deleted',
  'copy-to-quarantine': 'copied to Quarantine',
  skip: 'skipped',
  restore: 'restored',
  'restore-and-exclude': 'restored and excluded',
}

/** What is still detected comes back only with an exclusion. */
function whyNot(action: DetectionAction, reason: ErrorCode): string {
  const words = `Reason: ${textOfCode(reason).reason}.`
  const isDetected = action === 'restore' && reason === 'still-detected'
  return isDetected ? `${words} “${actionLabel('restore-and-exclude')}” restores it all the same.` : words
}

type DetectionIds = Extract<CommandRecord['body'], { kind: 'detections.act' }>['args']['ids']

function announceAct(card: DeviceCard, record: CommandRecord, action: DetectionAction, ids: DetectionIds): void {
  const acted = record.result?.acted
  const failed = acted?.failed ?? 0
  const objects = actObjects(record)
  const done = acted?.done ?? objects
  if (failed > 0) {
    const why = acted?.reason === undefined ? 'The list says why.' : whyNot(action, acted.reason)
    const detail = done > 0 ? `${plural(done, 'object', 'objects')} ${doneWords[action]}. ${why}` : why
    showToast({ kind: 'failed', title: `${plural(failed, 'object', 'objects')} not ${doneWords[action]}`, detail })
    return
  }
  const hasCopies = action === 'delete' || action === 'disinfect' || action === 'process'
  const undo = hasCopies && objects <= undoableUpTo && (acted?.needRestart ?? 0) === 0
  showToast({
    kind: 'done',
    title: `${plural(done, 'object', 'objects')} ${doneWords[action]}`,
    detail: hasCopies ? 'Copies are in Quarantine.' : card.name,
    ...(undo
      ? {
          action: {
            label: 'Undo',
            run: () => void runCommand(card, { kind: 'detections.act', args: { action: 'restore', ids } }),
          },
        }
      : {}),
  })
}
