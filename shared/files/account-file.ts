// account.json: the relation of this computer to an account. Never holds a secret; the device's key is in the secret store.
import { z } from 'zod'
import { AccountTopic } from '../domain/app-state.ts'
import { DeviceId } from '../domain/ids.ts'

export const AccountFile = z.strictObject({
  version: z.literal(1),
  account: AccountTopic,
  /** Origin of the portal that the account is on, or was that has to be told; null while signed out. */
  portalOrigin: z.string().max(256).nullable(),
  /** Disconnected here while the portal was away: it is told at the next chance. */
  leaving: z.strictObject({ deviceId: DeviceId }).optional(),
})
export type AccountFile = z.infer<typeof AccountFile>
