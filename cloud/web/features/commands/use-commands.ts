// The commands of a device, loaded when somebody looks at them and again after every lost line.
// Owns when to load; the mirror owns the records.
import { useEffect } from 'react'
import { type CommandRecord, isFinal } from '#shared/domain/command.ts'
import type { DeviceId } from '#shared/domain/ids.ts'
import { loadCommands } from '../../bridge/devices.ts'
import { mirrorStore } from '../../state/mirror.ts'

const none: readonly CommandRecord[] = []

/** Newest first. `wanted` false: shows what is known and loads nothing. */
export function useCommands(deviceId: DeviceId, wanted = true): readonly CommandRecord[] {
  const epoch = mirrorStore((mirror) => mirror.epoch)
  const records = mirrorStore((mirror) => mirror.commands.get(deviceId) ?? none)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new snapshot means that news may have been missed
  useEffect(() => {
    if (wanted) loadCommands(deviceId).catch(() => undefined)
  }, [deviceId, wanted, epoch])
  return records
}

/** Those that have not ended. */
export function pendingOf(records: readonly CommandRecord[]): readonly CommandRecord[] {
  return records.filter((record) => !isFinal(record.status))
}
