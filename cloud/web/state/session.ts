// Who is signed in. Written only by bridge/account.ts; never holds a token or a password.
import { create } from 'zustand'
import type { Account } from '#shared/cloud-protocol/http-api.ts'

export interface SessionState {
  /** `unknown` until the portal has answered once. */
  readonly status: 'unknown' | 'signed-out' | 'signed-in'
  readonly account: Account | undefined
  /** True when the portal ended it. */
  readonly ended: boolean
  /** Why the portal could not be asked. */
  readonly failure: unknown
}

export const sessionStore = create<SessionState>(() => ({
  status: 'unknown',
  account: undefined,
  ended: false,
  failure: undefined,
}))
