// restart.json: the restart that was asked for last, with the boot it was asked in, so that a restart is noticed after it.
import { z } from 'zod'
import { CommandId } from '../domain/ids.ts'
import { ShortText, Timestamp } from '../domain/primitives.ts'

export const RestartFile = z.strictObject({
  version: z.literal(1),
  /** Stays after its end: another one takes its place. */
  request: z
    .strictObject({
      commandId: CommandId,
      /** Of the boot in which the person was asked first. */
      bootToken: ShortText,
      /** Until when it was put off. */
      againAt: Timestamp.nullable(),
    })
    .nullable(),
})
export type RestartFile = z.infer<typeof RestartFile>
