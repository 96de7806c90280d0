// How a restart that was asked for stands: the device says how far it is, the command how it ended. Pure.
import { type CommandBody, type CommandRecord, isFinal } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import type { CommandId } from '#shared/domain/ids.ts'
import { backSinceText, type RestartSeen, restartStageText } from '#shared/ui/text/restart-text.ts'
import type { StateText } from '#shared/ui/text/state-text.ts'

export const restartBody: CommandBody = { kind: 'device.restart', args: {} }

/** Takes a request back that the device already has. */
export function restartCancelBody(commandId: CommandId): CommandBody {
  return { kind: 'restart.cancel', args: { commandId } }
}

/** The request of a device that has not ended. */
export function openRestart(records: readonly CommandRecord[]): CommandRecord | undefined {
  return records.find(({ status, body }) => body.kind === 'device.restart' && !isFinal(status))
}

/** What the device says about it; null where it is about another command or says nothing. */
export function restartOf(card: SeenDevice, { id }: Pick<CommandRecord, 'id'>): RestartSeen | null {
  const asked = card.state?.restart ?? null
  if (asked?.commandId !== id) return null
  return card.online ? asked : { ...asked, awaySince: card.lastContactAt }
}

type SeenDevice = Pick<DeviceCard, 'state' | 'online' | 'lastContactAt'>

/** Icon and words of a request that the device has received; `asked` is what it says about it. */
export function restartState(record: CommandRecord, asked: RestartSeen | null, now: Date): StateText {
  const { status, result } = record
  if (status === 'done' && result?.restartedAt) return { status: 'good', text: backSinceText(result.restartedAt, now) }
  if (status === 'done') return { status: 'good', text: 'Restarted' }
  if (status === 'cancelled') return { status: 'skipped', text: 'Cancelled' }
  if (status === 'expired') return { status: 'waiting', text: 'Expired without an answer' }
  return restartStageText(asked ?? { stage: 'waiting', againAt: null }, now)
}
