// The state topics of the client: each `{ rev, value }`, changed by a pure function of the service that owns it, told to
// listeners in bundles. Owns revisions and coalescing, never what a topic means.
import type { AppState, TopicName, TopicValue } from '#shared/domain/app-state.ts'
import type { Clock, Timer } from '../ports.ts'

export type TopicListener = (changed: Partial<AppState>) => void

export interface Topics {
  get<N extends TopicName>(name: N): TopicValue<N>
  /** The same reference back means: nothing changed. `lazy` changes may be told up to a fifth of a second later. */
  update<N extends TopicName>(
    name: N,
    reduce: (value: TopicValue<N>) => TopicValue<N>,
    options?: { readonly lazy?: boolean },
  ): void
  snapshot(): AppState
  onChange(listener: TopicListener): () => void
  stop(): void
}

/** Lazy changes reach windows at most this often. */
const lazyIntervalMs = 200

type Values = { [N in TopicName]: TopicValue<N> }

export function createTopics(initial: Values, clock: Clock): Topics {
  const state = Object.fromEntries(
    Object.entries(initial).map(([name, value]) => [name, { rev: 1, value }]),
  ) as AppState
  const listeners = new Set<TopicListener>()
  const dirty = new Set<TopicName>()
  let lastToldMs = Number.NEGATIVE_INFINITY
  let lazyTimer: Timer | null = null
  let scheduled = false

  function tell(): void {
    lazyTimer?.cancel()
    lazyTimer = null
    scheduled = false
    if (dirty.size === 0) return
    lastToldMs = clock.monotonicMs()
    const changed = Object.fromEntries([...dirty].map((name) => [name, state[name]])) as Partial<AppState>
    dirty.clear()
    for (const listener of [...listeners]) listener(changed)
  }

  function schedule(lazy: boolean): void {
    if (scheduled) return
    const waitMs = lazyIntervalMs - (clock.monotonicMs() - lastToldMs)
    if (lazy && waitMs > 0) {
      lazyTimer ??= clock.after(waitMs, tell)
      return
    }
    scheduled = true
    queueMicrotask(tell)
  }

  return {
    get: (name) => state[name].value,
    update(name, reduce, options = {}) {
      const before = state[name]
      const value = reduce(before.value)
      if (value === before.value) return
      state[name] = { rev: before.rev + 1, value } as AppState[typeof name]
      dirty.add(name)
      schedule(options.lazy === true)
    },
    snapshot: () => ({ ...state }),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop() {
      lazyTimer?.cancel()
      listeners.clear()
    },
  }
}
