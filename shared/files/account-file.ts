// account.json: the relation of this computer to an account. Never holds a secret; the device's key is in the secret store.
import { z } from 'zod'
import { AccountTopic } from '../domain/app-state.ts'

export const AccountFile = z.strictObject({
  version: z.literal(1),
  account: AccountTopic,
  /** Origin of the portal that the account is on; null while signed out. */
  portalOrigin: z.string().max(256).nullable(),
})
export type AccountFile = z.infer<typeof AccountFile>
