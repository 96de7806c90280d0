// What the app or the command line and the small keyring process say to each other. Values are secrets: they are never logged.
import { z } from 'zod'
import { call, contract } from '#shared/rpc/contract.ts'

/** A locked keyring blocks for ever; nobody waits longer than this for one act. */
export const keyringLimitMs = 5_000

const Name = z.string().min(1).max(120)
const Value = z.string().max(16_384)
const options = { deadlineMs: keyringLimitMs }

export const keyringContract = contract({
  calls: {
    'secret.get': call(z.strictObject({ name: Name }), z.strictObject({ value: Value.nullable() }), options),
    'secret.set': call(z.strictObject({ name: Name, value: Value }), z.strictObject({}), options),
    'secret.delete': call(z.strictObject({ name: Name }), z.strictObject({}), options),
  },
  events: {},
})
export type KeyringContract = typeof keyringContract
