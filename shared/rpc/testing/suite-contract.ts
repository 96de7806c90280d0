// The contract that the transport suite speaks: one call for each behaviour that every transport must have.
// Used by tests only.
import { z } from 'zod'
import { call, contract, event } from '../contract.ts'

const Nothing = z.strictObject({})

export const suiteContract = contract({
  calls: {
    'echo.text': call(z.strictObject({ text: z.string().max(20) }), z.strictObject({ text: z.string() })),
    'echo.strip': call(Nothing, z.object({ kept: z.string() })),
    'echo.badOutput': call(Nothing, z.strictObject({ count: z.number() })),
    /** Answers with what the client's schema refuses. */
    'echo.unexpected': call(Nothing, z.strictObject({ a: z.number() })),
    'echo.nothing': call(Nothing, z.undefined()),
    'wait.forMs': call(z.strictObject({ ms: z.number() }), z.strictObject({ waited: z.literal(true) }), {
      deadlineMs: 150,
    }),
    'wait.forAbort': call(Nothing, Nothing),
    'fail.expected': call(Nothing, Nothing),
    'fail.bug': call(Nothing, Nothing),
    'fail.unsendable': call(Nothing, z.unknown()),
    /** Makes the other side emit one good and one bad event. */
    'event.provoke': call(Nothing, Nothing),
    /** Makes the other side send messages that are none. */
    'malformed.provoke': call(Nothing, Nothing),
    'control.state': call(
      Nothing,
      z.strictObject({ echoed: z.number(), aborted: z.number(), faults: z.array(z.string()) }),
    ),
    'control.die': call(Nothing, Nothing),
  },
  events: {
    'thing.happened': event(z.strictObject({ count: z.number() })),
  },
})
export type SuiteContract = typeof suiteContract

/** Calls that the suite's server carries out at once; one more is refused. */
export const suiteMaxConcurrent = 20
