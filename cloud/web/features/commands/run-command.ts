// Sends what a person clicked, and says at once what became of it: sent, planned because the device is offline, refused.
// Owns those toasts and remembers which commands this page sent.
import type { CommandBody, CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import type { CommandId } from '#shared/domain/ids.ts'
import { codeOf } from '#shared/errors.ts'
import { formatPercent } from '#shared/ui/format/count.ts'
import { errorText } from '#shared/ui/text/error-text.ts'
import { scanName } from '#shared/ui/text/scan-text.ts'
import { hideToast, showToast } from '#shared/ui/toasts.tsx'
import { actOnGroup, cancelCommand, type GroupAction, newCommandId, sendCommand } from '../../bridge/devices.ts'
import { commandTitle, plannedText } from './command-text.ts'

const sentHere = new Set<string>()

/** True for commands whose result this page announces. */
export function wasSentHere(id: string): boolean {
  return sentHere.has(id)
}

/** Announced once. */
export function forgetSent(id: string): void {
  sentHere.delete(id)
}

/** The one toast that says what became of restarting a device. */
export function restartToastId({ id }: Pick<DeviceCard, 'id'>): string {
  return `restart-${id}`
}

/** Sends a command; resolves to undefined when it was refused (the person has been told). */
export function runCommand(card: DeviceCard, body: CommandBody): Promise<CommandRecord | undefined> {
  // What is told of the request before is not the news any more.
  if (body.kind === 'device.restart') hideToast(restartToastId(card))
  return tell(card, (id) => sendCommand(card.id, id, body))
}

/** Acts on the whole group; told the same way. */
export function runGroupAction(card: DeviceCard, action: GroupAction): Promise<CommandRecord | undefined> {
  return tell(card, (id) => actOnGroup(card.id, id, action))
}

/** Cancels a planned command. */
export async function runCancel(card: DeviceCard, record: CommandRecord): Promise<void> {
  try {
    await cancelCommand(card.id, record.id)
    showToast({ kind: 'info', title: `${commandTitle(record)} cancelled`, detail: card.name })
  } catch (error) {
    const { title, todo } = errorText(error)
    showToast({ kind: 'failed', title, detail: todo })
  }
}

type Send = (id: CommandId) => Promise<CommandRecord>

async function tell(card: DeviceCard, send: Send): Promise<CommandRecord | undefined> {
  const id = newCommandId()
  // Before it is sent: a quick device's result comes over the live line before the answer to the request.
  sentHere.add(id)
  try {
    const record = await send(id)
    if (record.status === 'planned' && !card.online) {
      showToast({ kind: 'info', title: `${commandTitle(record)} planned`, detail: plannedText(record, new Date()) })
    }
    return record
  } catch (error) {
    sentHere.delete(id)
    if (codeOf(error) === 'already-running') tellAlreadyRunning(card)
    else {
      const { title, todo } = errorText(error)
      showToast({ kind: 'failed', title, detail: todo })
    }
    return undefined
  }
}

function tellAlreadyRunning(card: DeviceCard): void {
  const scan = card.state?.runningScan
  const percent = scan?.progress.percent
  const detail =
    scan == null ? card.name : `${scanName(scan.type)}${percent == null ? '' : `, ${formatPercent(percent)}`}.`
  showToast({ kind: 'info', id: `already-running-${card.id}`, title: 'Already running on this device', detail })
}
