// The window's copy of the client's state. Written only by bridge/connect.ts; features read single topics.
import { create } from 'zustand'
import type { AppState, TopicName, TopicValue } from '#shared/domain/app-state.ts'

/** The topics that changed. */
export type AppStateChange = { readonly [N in TopicName]?: AppState[N] | undefined }

interface Mirror {
  readonly state: AppState | null
  /** News that came before the snapshot. */
  readonly early: readonly AppStateChange[]
  /** Why there is no snapshot. */
  readonly failure: unknown
}

export const useMirror = create<Mirror>(() => ({ state: null, early: [], failure: null }))

/** The value of one topic. Only below the gate that waits for the snapshot. */
export function useTopic<N extends TopicName>(name: N): TopicValue<N> {
  return useMirror(({ state }) => {
    if (state === null) throw new Error('no snapshot yet')
    return state[name].value
  })
}

/** How often a topic has changed; lists are asked for again when it does. */
export function useRevision(name: TopicName): number {
  return useMirror(({ state }) => state?.[name].rev ?? 0)
}

/** Takes over every topic that is newer than the known one. */
export function applyChange(state: AppState, change: AppStateChange): AppState {
  const newer = (Object.keys(state) as TopicName[]).filter((name) => (change[name]?.rev ?? -1) > state[name].rev)
  if (newer.length === 0) return state
  return { ...state, ...Object.fromEntries(newer.map((name) => [name, change[name]])) }
}
