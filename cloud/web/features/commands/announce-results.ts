// Announces how the commands this page sent have ended. Owns the toasts of scans, restarts and failures; acts on objects have theirs in
// announce-act.ts. The results also stand in Activity.
import { type CommandRecord, isFinal } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import type { StatusKind } from '#shared/ui/StatusIcon.tsx'
import { showToast, type ToastContent } from '#shared/ui/toasts.tsx'
import { loadCommands } from '../../bridge/devices.ts'
import { mirrorStore } from '../../state/mirror.ts'
import { announceAct } from './announce-act.ts'
import { commandState, commandTitle, failureReason, isDeclined } from './command-text.ts'
import { devicesAsked, forgetSent, restartToastId, wasSentHere } from './run-command.ts'

/** Listens for the life of the page. */
export function announceCommandResults(): void {
  mirrorStore.subscribe((mirror, before) => {
    // The line was lost: what ended meanwhile was told to nobody.
    if (mirror.epoch !== before.epoch) {
      for (const deviceId of devicesAsked()) loadCommands(deviceId).catch(() => undefined)
    }
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

/** Says how a command ended. */
export function announce(card: DeviceCard, record: CommandRecord): void {
  const { body, status } = record
  if (body.kind === 'device.restart') announceRestart(card, record)
  else if (status === 'failed') {
    showToast({
      kind: 'failed',
      title: `${commandTitle(record)}: failed`,
      detail: `${card.name}: ${failureReason(record.result)}.`,
    })
  } else if (status !== 'done') return
  else if (body.kind === 'detections.act') announceAct(card, record)
  else if (body.kind === 'scan.start') announceScan(card, record)
}

function announceScan(card: DeviceCard, record: CommandRecord): void {
  const { status: how, text } = commandState(record, new Date())
  showToast({ kind: toastKinds[how] ?? 'done', title: commandTitle(record), detail: `${card.name}. ${text}` })
}

/** One toast for each device: what became of the newer request replaces what is told about the one before. */
function announceRestart(card: DeviceCard, record: CommandRecord): void {
  const id = restartToastId(card)
  if (record.status === 'done') {
    const { text } = commandState(record, new Date())
    showToast({ id, kind: 'done', title: `${card.name} was restarted`, detail: text })
  } else if (isDeclined(record)) {
    const detail = `The person at the computer declined. Nothing was restarted.`
    showToast({ id, kind: 'info', title: `${card.name} is not restarted`, detail })
  } else if (record.status === 'failed') {
    const detail = `${card.name}: ${failureReason(record.result)}.`
    showToast({ id, kind: 'failed', title: `${commandTitle(record)}: failed`, detail })
  }
}

const toastKinds: Partial<Record<StatusKind, ToastContent['kind']>> = {
  danger: 'failed',
  attention: 'attention',
  info: 'info',
}
