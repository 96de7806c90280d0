// Binds a contract's handlers to a peer: input is validated here, in the receiver, and output too, which strips what
// the contract does not name. Never lets a handler see an unchecked value.
import { ProductError } from '../errors.ts'
import type { Contract, Emit, Handlers } from './contract.ts'
import type { Peer } from './peer.ts'

/** The `answer` function of a peer for one contract. `context` is handed to every handler. */
export function answerContract<C extends Contract, Context>(
  definition: C,
  handlers: Handlers<C, Context>,
  context: Context,
): (name: string, input: unknown, signal: AbortSignal) => Promise<unknown> {
  return async (name, input, signal) => {
    if (!Object.hasOwn(definition.calls, name)) throw new ProductError('unknown-call', name.slice(0, 80))
    const entry = definition.calls[name]
    const handler = (handlers as Record<string, (input: unknown, context: Context, signal: AbortSignal) => unknown>)[
      name
    ]
    if (!entry || !handler) throw new ProductError('unknown-call', name.slice(0, 80))
    const parsed = entry.input.safeParse(input)
    if (!parsed.success) throw new ProductError('bad-request', summarise(parsed.error.issues))
    const value = await handler(parsed.data, context, signal)
    return entry.output.parse(value)
  }
}

/** Sends events of a contract, checked before they leave. */
export function emitterFor<C extends Contract>(definition: C, peer: Pick<Peer, 'emit'>): Emit<C> {
  return (name, payload) => {
    const entry = Object.hasOwn(definition.events, name) ? definition.events[name] : undefined
    if (!entry) throw new ProductError('unknown-call', name)
    peer.emit(name, entry.payload.parse(payload))
  }
}

/** Field names and rules, never the values: those may be secret. */
export function summarise(issues: readonly { path: readonly PropertyKey[]; code?: string | undefined }[]): string {
  return issues
    .slice(0, 5)
    .map((issue) => `${issue.path.map(String).join('.')} ${issue.code ?? 'invalid'}`)
    .join(', ')
    .slice(0, 300)
}
