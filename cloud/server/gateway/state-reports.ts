// The state a device reports: shown at once, written down at once when it matters and every few seconds while only a scan's
// numbers move. Owns the newest state of one connection.
import { eq } from 'drizzle-orm'
import type { DeviceState } from '#shared/domain/device.ts'
import type { PortalContext } from '../context.ts'
import type { Devices } from '../devices/device-service.ts'
import { devices as deviceRows } from '../storage/schema.ts'

const writeEveryMs = 5_000

export interface StateReports {
  /** Older revisions than the last are ignored. */
  take(state: DeviceState): Promise<void>
  /** Writes what is not written yet; afterwards the row alone is the truth. */
  close(): Promise<void>
}

export function createStateReports(context: PortalContext, devices: Devices, deviceId: string): StateReports {
  let newest: DeviceState | undefined
  let written: DeviceState | undefined
  let writtenAt = 0
  const write = async (): Promise<void> => {
    if (!newest || newest === written) return
    written = newest
    writtenAt = context.clock.now().getTime()
    await context.db.update(deviceRows).set({ state: newest }).where(eq(deviceRows.id, deviceId))
  }
  return {
    take: async (state) => {
      if (newest && state.rev < newest.rev) return
      newest = state
      devices.live.set(deviceId, state)
      const due = context.clock.now().getTime() - writtenAt >= writeEveryMs
      if (due || !written || essence(state) !== essence(written)) await write()
      devices.changed(deviceId)
    },
    close: async () => {
      // A newer connection of the same device may have reported since.
      if (!newest || devices.live.get(deviceId) !== newest) return
      await write()
      if (devices.live.get(deviceId) === newest) devices.live.delete(deviceId)
    },
  }
}

/** Everything but the moving numbers. */
function essence(state: DeviceState): string {
  const runningScan = state.runningScan && { ...state.runningScan, progress: null }
  return JSON.stringify({ ...state, rev: 0, runningScan })
}
