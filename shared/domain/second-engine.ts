// ClamAV's scanner service on this computer, asked besides our own detectors: what is known of it.
import { z } from 'zod'
import { ShortText } from './primitives.ts'

export const SecondEngineInfo = z.strictObject({
  /** `unavailable`: wanted, but it does not run or does not answer. */
  state: z.enum(['off', 'ready', 'unavailable']),
  /** As it says itself; null when it did not answer or was not asked. */
  version: ShortText.nullable(),
})
export type SecondEngineInfo = z.infer<typeof SecondEngineInfo>

export const noSecondEngine: SecondEngineInfo = { state: 'off', version: null }
