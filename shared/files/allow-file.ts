// allowed.json: contents that a person restored although they are detected. Automatic treatment leaves them alone.
import { z } from 'zod'
import { Sha256, ShortText, Timestamp } from '../domain/primitives.ts'

/** The most that are remembered; the oldest make room. */
export const allowedMax = 10_000

export const AllowFile = z.strictObject({
  version: z.literal(1),
  allowed: z.array(z.strictObject({ sha256: Sha256, name: ShortText, at: Timestamp })).max(allowedMax),
})
export type AllowFile = z.infer<typeof AllowFile>
