// A contract is a value: named calls (request, answer) and events, each with zod schemas. Handler types, client types
// and test doubles are all derived from it. Owns the shape only; see peer.ts, serve.ts and client.ts for what runs.
import type { z } from 'zod'

export interface CallOptions {
  /** The caller gives up after this long. Default 10,000 ms. */
  readonly deadlineMs?: number
  /** A dangerous act: its receiver asks the person with a native dialog before it is carried out. */
  readonly confirm?: 'native'
}

export interface CallDefinition<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly input: I
  readonly output: O
  readonly options: CallOptions
}

export interface EventDefinition<P extends z.ZodType = z.ZodType> {
  readonly payload: P
}

export interface Contract {
  readonly calls: Readonly<Record<string, CallDefinition>>
  readonly events: Readonly<Record<string, EventDefinition>>
}

export const defaultDeadlineMs = 10_000

/** A request with an answer. */
export function call<I extends z.ZodType, O extends z.ZodType>(
  input: I,
  output: O,
  options: CallOptions = {},
): CallDefinition<I, O> {
  return { input, output, options }
}

/** A message without an answer. */
export function event<P extends z.ZodType>(payload: P): EventDefinition<P> {
  return { payload }
}

/** Keeps the literal types of a contract. */
export function contract<const C extends Contract>(definition: C): C {
  return definition
}

export type CallName<C extends Contract> = keyof C['calls'] & string
export type EventName<C extends Contract> = keyof C['events'] & string
export type CallInput<C extends Contract, N extends CallName<C>> = z.input<C['calls'][N]['input']>
export type CallRequest<C extends Contract, N extends CallName<C>> = z.output<C['calls'][N]['input']>
export type CallOutput<C extends Contract, N extends CallName<C>> = z.output<C['calls'][N]['output']>
export type EventPayload<C extends Contract, N extends EventName<C>> = z.output<C['events'][N]['payload']>

/** What the answering side must implement; a missing call does not compile. */
export type Handlers<C extends Contract, Context = void> = {
  readonly [N in CallName<C>]: (
    input: CallRequest<C, N>,
    context: Context,
    signal: AbortSignal,
  ) => Promise<CallOutput<C, N>> | CallOutput<C, N>
}

/** What the asking side gets. */
export interface ContractClient<C extends Contract> {
  call<N extends CallName<C>>(
    name: N,
    input: CallInput<C, N>,
    options?: { signal?: AbortSignal },
  ): Promise<CallOutput<C, N>>
  /** Listens; returns the function that stops listening. */
  on<N extends EventName<C>>(name: N, listener: (payload: EventPayload<C, N>) => void): () => void
}

/** What the answering side uses to tell the other side something. */
export type Emit<C extends Contract> = <N extends EventName<C>>(name: N, payload: EventPayload<C, N>) => void
