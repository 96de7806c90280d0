// The remote commands this computer has seen, one line at a time, so that each is carried out once and ends once.
import { z } from 'zod'
import { CommandEnvelope, CommandResult } from '../domain/command.ts'
import { CommandId } from '../domain/ids.ts'
import { Timestamp } from '../domain/primitives.ts'

const common = { version: z.literal(1), at: Timestamp }

export const CommandLine = z.discriminatedUnion('kind', [
  /** Written before the portal is told that the command was accepted. */
  z.strictObject({ ...common, kind: z.literal('accepted'), envelope: CommandEnvelope }),
  /** It is about to be carried out, once more. */
  z.strictObject({ ...common, kind: z.literal('attempt'), id: CommandId }),
  /** Somebody asked to stop it: it is never started again. */
  z.strictObject({ ...common, kind: z.literal('stop'), id: CommandId, by: z.enum(['device', 'portal']) }),
  z.strictObject({
    ...common,
    kind: z.literal('ended'),
    id: CommandId,
    status: z.enum(['done', 'failed', 'cancelled', 'expired']),
    result: CommandResult,
  }),
])
export type CommandLine = z.infer<typeof CommandLine>
