// How long copies are kept on a device, as it told; as long as usual where it did not. Pure.
import type { DeviceCard } from '#shared/domain/device.ts'
import { defaultRetentionDays } from '#shared/domain/quarantine-limits.ts'

/** Days. */
export function retentionOf({ state }: Pick<DeviceCard, 'state'>): number {
  return state?.quarantineRetentionDays ?? defaultRetentionDays
}
