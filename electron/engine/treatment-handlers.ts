// The engine's answers about treatment and Quarantine: each call goes to the part that owns it. Decides nothing.
import type { EngineContract } from '#shared/engine-protocol/engine-contract.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { LookedWith } from './quarantine/rescan-copies.ts'
import { activeAmong } from './treat/active/active-among.ts'
import type { Treatment } from './treatment.ts'

type TreatmentCalls = `treat.${string}` | `quarantine.${string}`

/** Each as soon as the treatment stands; `look`: what the databases and engines in use are, for looking at copies again. */
export function treatmentHandlers(
  treatment: () => Promise<Treatment>,
  look: () => LookedWith,
): Pick<Handlers<EngineContract>, Extract<keyof Handlers<EngineContract>, TreatmentCalls>> {
  return {
    'treat.active': async ({ objects }) => ({ active: await activeAmong(objects) }),
    'treat.plan': async ({ object }) => (await treatment()).plan(object),
    'treat.object': async (order) => (await treatment()).treat(order),
    'treat.elevate': async (order) => (await treatment()).elevate(order),
    'treat.replayPending': async () => ({ results: await (await treatment()).replayPending() }),
    'treat.recover': async () => ({ results: await (await treatment()).recover() }),
    'quarantine.list': async (query) => (await treatment()).quarantine((ask) => ask.list(query)),
    'quarantine.get': async ({ id }) => (await treatment()).quarantine((ask) => ({ item: ask.get(id) })),
    'quarantine.missing': async ({ ids }) => (await treatment()).quarantine((ask) => ask.missing(ids)),
    'quarantine.restore': async (order) => (await treatment()).quarantine((ask) => ask.restore(order)),
    'quarantine.delete': async ({ ids }) => (await treatment()).quarantine((ask) => ask.delete(ids)),
    'quarantine.keep': async ({ ids }) => (await treatment()).quarantine((ask) => ({ kept: ask.keep(ids) })),
    'quarantine.rescan': async () => (await treatment()).quarantine((ask) => ask.rescan(look())),
  }
}
