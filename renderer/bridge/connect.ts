// Fills the mirror: listen first, then take one snapshot, afterwards only news with a higher revision.
// The only writer of state/mirror.ts.
import type { AppState } from '#shared/domain/app-state.ts'
import { type AppStateChange, applyChange, useMirror } from '../state/mirror.ts'
import type { AppClient } from './app-client.ts'

/** Starts mirroring. Returns the function that takes the snapshot again after a failure. */
export function connectMirror(client: AppClient): () => Promise<void> {
  client.on('state.changed', (change) => {
    useMirror.setState(({ state, early }) =>
      state === null ? { early: [...early, change] } : { state: applyChange(state, change) },
    )
  })
  const take = async () => {
    useMirror.setState({ failure: null })
    try {
      const snapshot = await client.call('state.snapshot', {})
      useMirror.setState(({ early, state }) => ({ state: withEarly(state, snapshot, early), early: [] }))
    } catch (failure) {
      useMirror.setState({ failure })
    }
  }
  void take()
  return take
}

function withEarly(known: AppState | null, snapshot: AppState, early: readonly AppStateChange[]): AppState {
  const start = known === null ? snapshot : applyChange(known, snapshot)
  return early.reduce<AppState>(applyChange, start)
}
