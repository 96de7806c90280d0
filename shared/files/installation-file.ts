// installation.json: made once, at the first start.
import { z } from 'zod'
import { DeviceName } from '../domain/device.ts'
import { InstallationId } from '../domain/ids.ts'
import { Timestamp } from '../domain/primitives.ts'

export const InstallationFile = z.strictObject({
  version: z.literal(1),
  installationId: InstallationId,
  installedAt: Timestamp,
  deviceName: DeviceName,
})
export type InstallationFile = z.infer<typeof InstallationFile>
