// allowed.json: contents that a person restored and excluded. No scan reports them, automatic treatment leaves them alone.
import { z } from 'zod'
import { Sha256, ShortText, Timestamp } from '../domain/primitives.ts'

/** The most that are remembered; the oldest make room. */
export const allowedMax = 10_000

/** `name`: of the file that was restored. */
export const AllowedContent = z.strictObject({ sha256: Sha256, name: ShortText, at: Timestamp })

export const AllowFile = z.strictObject({ version: z.literal(1), allowed: z.array(AllowedContent).max(allowedMax) })
export type AllowFile = z.infer<typeof AllowFile>
