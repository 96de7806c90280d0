// infection.json: the active infection whose treatment a restart finishes, so that a new scan is advised after it.
import { z } from 'zod'
import { DetectionId } from '../domain/ids.ts'
import { Count, ShortText } from '../domain/primitives.ts'

export const InfectionFile = z.strictObject({
  version: z.literal(1),
  afterRestart: z
    .strictObject({
      /** Of the boot in which it was treated. */
      bootToken: ShortText,
      /** The first of them. */
      ids: z.array(DetectionId).max(100),
      total: Count,
    })
    .nullable(),
})
export type InfectionFile = z.infer<typeof InfectionFile>
