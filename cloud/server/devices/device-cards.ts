// A device as its owner sees it, made from its row and the freshest state that is known. Owns the form of a card and the
// states that have not been written down yet.
import { DeviceCard, type DeviceState, protectionStatus } from '#shared/domain/device.ts'
import { iso, plus } from '../clock.ts'
import type { devices } from '../storage/schema.ts'

export type DeviceRow = typeof devices.$inferSelect

/** A device is offline this long after its connection is gone (C5). */
export const offlineAfterMs = 60_000

/** The newest state of the devices connected to this process. Rows may be some seconds behind. */
export type LiveStates = Map<string, DeviceState>

export function isOnline(row: Pick<DeviceRow, 'online' | 'ended' | 'lastContactAt'>, now: Date): boolean {
  return (
    row.online && row.ended === null && row.lastContactAt !== null && row.lastContactAt > plus(now, -offlineAfterMs)
  )
}

export function toCard(row: DeviceRow, live: LiveStates, now: Date): DeviceCard {
  const state = live.get(row.id) ?? row.state
  return DeviceCard.parse({
    id: row.id,
    name: row.name,
    online: isOnline(row, now),
    lastContactAt: iso(row.lastContactAt),
    connectedAt: iso(row.connectedAt),
    // Nothing is known of a device that has never reported: not even that it is protected.
    status: state === null ? 'needs-attention' : protectionStatus(state.problems),
    state,
    cloned: row.cloned,
  })
}
