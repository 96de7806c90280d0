// The asking side of a contract over a peer: typed calls with the contract's deadline, answers and events validated.
import { ProductError } from '../errors.ts'
import { type Contract, type ContractClient, defaultDeadlineMs } from './contract.ts'
import type { Peer } from './peer.ts'
import { summarise } from './serve.ts'

export interface ClientOptions {
  /** Told of every event that does not fit the contract; the event is dropped. */
  readonly onFault?: (name: string, problem: string) => void
}

export function clientFor<C extends Contract>(
  definition: C,
  peer: Pick<Peer, 'call' | 'onEvent'>,
  options: ClientOptions = {},
): ContractClient<C> {
  const client = {
    async call(name: string, input: unknown, callOptions: { signal?: AbortSignal } = {}): Promise<unknown> {
      const entry = Object.hasOwn(definition.calls, name) ? definition.calls[name] : undefined
      if (!entry) throw new ProductError('unknown-call', name)
      const deadlineMs = entry.options.deadlineMs ?? defaultDeadlineMs
      const value = await peer.call(name, input, { deadlineMs, signal: callOptions.signal })
      const parsed = entry.output.safeParse(value)
      if (!parsed.success) throw new ProductError('bad-response', summarise(parsed.error.issues))
      return parsed.data
    },
    on(name: string, listener: (payload: unknown) => void): () => void {
      const entry = Object.hasOwn(definition.events, name) ? definition.events[name] : undefined
      if (!entry) throw new ProductError('unknown-call', name)
      return peer.onEvent((received, payload) => {
        if (received !== name) return
        const parsed = entry.payload.safeParse(payload)
        if (parsed.success) listener(parsed.data)
        else options.onFault?.(name, summarise(parsed.error.issues))
      })
    },
  }
  return client as ContractClient<C>
}
