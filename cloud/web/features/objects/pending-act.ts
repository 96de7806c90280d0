// The command that is under way for an object, if there is one, and how the row says so. Pure.
import { type CommandRecord, isFinal } from '#shared/domain/command.ts'
import { isGrouped } from '#shared/domain/detection.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { StateText } from '#shared/ui/text/state-text.ts'
import { actObjects } from '../commands/command-text.ts'

export interface PendingAct {
  readonly record: CommandRecord
  readonly state: StateText
}

/** The newest one counts. Of a group the record does not name every object, so it stands at the group alone. */
export function pendingActOn(id: DetectionId, commands: readonly CommandRecord[]): PendingAct | undefined {
  const record = commands.find(
    (command) =>
      !isFinal(command.status) &&
      command.body.kind === 'detections.act' &&
      !isGrouped(actObjects(command)) &&
      command.body.args.ids.includes(id),
  )
  if (record === undefined) return undefined
  const planned = record.status === 'planned'
  return { record, state: planned ? { status: 'waiting', text: 'Planned' } : { status: 'busy', text: 'Working' } }
}
