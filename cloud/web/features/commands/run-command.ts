// Sends what a person clicked, and says at once what became of it: sent, planned because the device is offline, refused.
// Owns those toasts and remembers which commands this page sent.
import type { CommandBody, CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import type { CommandId, DeviceId } from '#shared/domain/ids.ts'
import { codeOf, type ErrorCode } from '#shared/errors.ts'
import { formatPercent } from '#shared/ui/format/count.ts'
import { errorText } from '#shared/ui/text/error-text.ts'
import { scanName } from '#shared/ui/text/scan-text.ts'
import { hideToast, showToast } from '#shared/ui/toasts.tsx'
import { actOnGroup, cancelCommand, type GroupAction, newCommandId, sendCommand } from '../../bridge/devices.ts'
import { mirrorStore } from '../../state/mirror.ts'
import { commandTitle, plannedText } from './command-text.ts'

/** With the device of each. */
const sentHere = new Map<string, DeviceId>()

/** True for commands whose result this page announces. */
export function wasSentHere(id: string): boolean {
  return sentHere.has(id)
}

/** The devices whose results are still to be announced. */
export function devicesAsked(): ReadonlySet<DeviceId> {
  return new Set(sentHere.values())
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
  sentHere.set(id, card.id)
  try {
    const record = await send(id)
    // As both are now: the device may have come, and be done, before this answer.
    const isPlanned = (knownCommand(card, id) ?? record).status === 'planned'
    if (isPlanned && !cardNow(card).online) {
      showToast({ kind: 'info', title: `${commandTitle(record)} planned`, detail: plannedText(record, new Date()) })
    }
    return record
  } catch (error) {
    // The answer alone was lost: the live line has told of it.
    const known = knownCommand(card, id)
    if (known !== undefined) return known
    // Without an answer it may have been sent all the same; then its result is told.
    if (!withoutAnswer.has(codeOf(error))) sentHere.delete(id)
    if (codeOf(error) === 'already-running') tellAlreadyRunning(cardNow(card))
    else {
      const { title, todo } = errorText(error)
      showToast({ kind: 'failed', title, detail: todo })
    }
    return undefined
  }
}

const withoutAnswer: ReadonlySet<ErrorCode> = new Set([
  'deadline-exceeded',
  'portal-unreachable',
  'portal-error',
  'bad-response',
])

function knownCommand({ id: deviceId }: DeviceCard, id: CommandId): CommandRecord | undefined {
  return mirrorStore
    .getState()
    .commands.get(deviceId)
    ?.find((record) => record.id === id)
}

function cardNow(card: DeviceCard): DeviceCard {
  return mirrorStore.getState().devices.get(card.id) ?? card
}

function tellAlreadyRunning(card: DeviceCard): void {
  const scan = card.state?.runningScan
  const percent = scan?.progress.percent
  const detail =
    scan == null ? card.name : `${scanName(scan.type)}${percent == null ? '' : `, ${formatPercent(percent)}`}.`
  showToast({ kind: 'info', id: `already-running-${card.id}`, title: 'Already running on this device', detail })
}
