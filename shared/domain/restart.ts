// A restart of the computer that its owner asked for from the portal: how far it is, and what the person at the computer may
// answer. Nobody is ever forced: only that person's own answer restarts.
import { z } from 'zod'
import { CommandId } from './ids.ts'
import { ShortText, Timestamp } from './primitives.ts'

/**
 * `waiting`: the person has not answered. `postponed`: asked again at `againAt`. `refused`: the person agreed, and the
 * system did not let the app restart it. `restarting`: the person agreed, and the system was asked.
 */
export const RestartStage = z.enum(['waiting', 'postponed', 'refused', 'restarting'])
export type RestartStage = z.infer<typeof RestartStage>

/** As the portal is told it. */
export const RestartAsked = z.strictObject({
  commandId: CommandId,
  stage: RestartStage,
  /** Set while `postponed`. */
  againAt: Timestamp.nullable(),
})
export type RestartAsked = z.infer<typeof RestartAsked>

/** As the person at the computer sees it. `account`: who asked. */
export const RestartRequest = RestartAsked.extend({ account: ShortText, askedAt: Timestamp })
export type RestartRequest = z.infer<typeof RestartRequest>

/** For how long it may be put off at a time, in minutes. */
export const postponements = [15, 60, 240] as const
export type Postponement = (typeof postponements)[number]

export const RestartAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('now') }),
  z.strictObject({ kind: z.literal('postpone'), minutes: z.literal(postponements) }),
  z.strictObject({ kind: z.literal('decline') }),
])
export type RestartAnswer = z.infer<typeof RestartAnswer>
