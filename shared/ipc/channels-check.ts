// Compile-time proof that channels.ts names exactly the calls and events of the app contract. Has no run-time content.
import type { AppContract } from './app-contract.ts'
import type { appCallNames, appEventNames } from './channels.ts'

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never

export type CallsMatch = Same<(typeof appCallNames)[number], keyof AppContract['calls']>
export type EventsMatch = Same<(typeof appEventNames)[number], keyof AppContract['events']>
export const channelsMatch: readonly [CallsMatch, EventsMatch] = [true, true]
