// Which running scan may be steered from here: one that was asked for remotely. Owns that rule and the commands for it.
import type { CommandBody } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { CommandId } from '#shared/domain/ids.ts'
import type { RunningScan } from '#shared/domain/scan.ts'
import { runCommand } from '../commands/run-command.ts'

/** The command a running scan came from; undefined for a scan that was started at the computer. */
export function commandOf(scan: RunningScan): CommandId | undefined {
  return scan.origin.kind === 'remote' ? CommandId.parse(scan.origin.commandId) : undefined
}

/** Pauses, resumes or stops it. */
export function controlScan(card: DeviceCard, commandId: CommandId, action: 'stop' | 'pause' | 'resume') {
  return runCommand(card, { kind: 'scan.control', args: { commandId, action } })
}

/** The body that starts a scan. */
export function scanBody(type: 'quick' | 'full'): CommandBody {
  return { kind: 'scan.start', args: { type } }
}
