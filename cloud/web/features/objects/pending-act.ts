// The command that is under way for an object, if there is one, and how the row says so. Pure.
import { type CommandRecord, isFinal } from '#shared/domain/command.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { StateText } from '#shared/ui/text/state-text.ts'

export interface PendingAct {
  readonly record: CommandRecord
  readonly state: StateText
}

/** The newest one counts. */
export function pendingActOn(id: DetectionId, commands: readonly CommandRecord[]): PendingAct | undefined {
  const record = commands.find(
    ({ status, body }) => !isFinal(status) && body.kind === 'detections.act' && body.args.ids.includes(id),
  )
  if (record === undefined) return undefined
  const planned = record.status === 'planned'
  return { record, state: planned ? { status: 'waiting', text: 'Planned' } : { status: 'busy', text: 'Working' } }
}
