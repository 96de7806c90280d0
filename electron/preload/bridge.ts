// What a page sees as `window.bridge`. Owns the allow-list and the form of an answer: a value, because an error that
// crosses into the page loses its code. Knows nothing of Electron.
import { ProductError } from '#shared/errors.ts'
import type { Peer } from '#shared/rpc/peer.ts'

/** The answer to a call, as it is carried over into the page. */
export type BridgeAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: { readonly code: string; readonly detail?: string } }

export interface Bridge {
  call(name: string, input: unknown, deadlineMs?: number): Promise<BridgeAnswer>
  /** Listens; returns the function that stops listening. */
  on(name: string, listener: (payload: unknown) => void): () => void
}

const longestDeadlineMs = 24 * 3_600_000

/** SECURITY: names that are not listed do not pass, whatever main would make of them. */
export function createBridge(
  peer: Pick<Peer, 'call' | 'onEvent'>,
  callNames: readonly string[],
  eventNames: readonly string[],
): Bridge {
  return {
    call: async (name, input, deadlineMs = longestDeadlineMs) => {
      if (!callNames.includes(name)) return failed(new ProductError('unknown-call'))
      const bounded = Number.isFinite(deadlineMs)
        ? Math.min(Math.max(deadlineMs, 1), longestDeadlineMs)
        : longestDeadlineMs
      return peer.call(name, input, { deadlineMs: bounded }).then((value) => ({ ok: true, value }), failed)
    },
    on: (name, listener) => {
      if (!eventNames.includes(name)) throw new Error('unknown event')
      return peer.onEvent((received, payload) => {
        if (received === name) listener(payload)
      })
    },
  }
}

function failed(error: unknown): BridgeAnswer {
  if (!(error instanceof ProductError)) return { ok: false, error: { code: 'internal' } }
  const detail = error.detail === undefined ? {} : { detail: error.detail }
  return { ok: false, error: { code: error.code, ...detail } }
}
