// Facts that wait to be told to the portal, one line at a time. Sequence numbers grow by one within an epoch.
import { z } from 'zod'
import { OutboxItem } from '../cloud-protocol/device-contract.ts'
import { Count } from '../domain/primitives.ts'

const version = z.literal(1)

export const OutboxLine = z.discriminatedUnion('kind', [
  /** A new beginning: what came before belongs to another epoch. `after`: the last number that is not here any more. */
  z.strictObject({ version, kind: z.literal('epoch'), epoch: z.uuid(), after: Count }),
  z.strictObject({ version, kind: z.literal('item'), item: OutboxItem }),
  /** The portal has everything up to this number. */
  z.strictObject({ version, kind: z.literal('stored'), seq: Count }),
  /** What was put into the outbox in this epoch although its items are gone: newest revision by key. */
  z.strictObject({
    version,
    kind: z.literal('told'),
    keys: z.array(z.tuple([z.string().max(80), Count])).max(1000),
  }),
])
export type OutboxLine = z.infer<typeof OutboxLine>
