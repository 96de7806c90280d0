// The typed side of `window.bridge`: calls and events of the app contract, checked on arrival.
// Owns the adaptation; what the answers mean is the features' business.
import './no-eval.ts'
import { type ErrorCode, errorTable, ProductError } from '#shared/errors.ts'
import { type AppContract, appContract } from '#shared/ipc/app-contract.ts'
import { clientFor } from '#shared/rpc/client.ts'
import type { CallDefinition, ContractClient } from '#shared/rpc/contract.ts'

type BridgeAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: { readonly code: string; readonly detail?: string } }

/** What the preload exposes. */
export interface Bridge {
  call(name: string, input: unknown, deadlineMs?: number): Promise<BridgeAnswer>
  on(name: string, listener: (payload: unknown) => void): () => void
}

declare global {
  interface Window {
    readonly bridge: Bridge
  }
}

export type AppClient = ContractClient<AppContract>

// A person may think about a native question for a long time.
const thinkingTimeMs = 3_600_000

/** The client of a window. */
export function createAppClient(bridge: Bridge): AppClient {
  const calls: Readonly<Record<string, CallDefinition>> = appContract.calls
  return clientFor(appContract, {
    call: async (name, input, { deadlineMs }) => {
      const extra = calls[name]?.options.confirm === undefined ? 0 : thinkingTimeMs
      const answer = await bridge.call(name, input, deadlineMs + extra)
      if (answer.ok) return answer.value
      throw new ProductError(knownCode(answer.error.code), answer.error.detail)
    },
    onEvent: (listener) => {
      const stops = Object.keys(appContract.events).map((name) => bridge.on(name, (payload) => listener(name, payload)))
      return () => {
        for (const stop of stops) stop()
      }
    },
  })
}

function knownCode(code: string): ErrorCode {
  return Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'internal'
}
