// Hands the window's client to its components, and runs what a person asked for: one act at a time, failures as toasts.
import { createContext, useCallback, useContext, useRef, useState } from 'react'
import { ProductError } from '#shared/errors.ts'
import { errorText } from '#shared/ui/text/error-text.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import type { AppClient } from './app-client.ts'

export const ClientContext = createContext<AppClient | null>(null)

/** The client of this window. */
export function useClient(): AppClient {
  const client = useContext(ClientContext)
  if (client === null) throw new Error('no client')
  return client
}

export interface Act {
  /** What runs now; null while nothing does. */
  readonly busy: string | null
  /** Runs one act under a name; a second one is ignored until the first has ended. */
  readonly run: (name: string, act: () => Promise<void>) => void
}

/** Failures are told in a toast; what the person cancelled is no failure. */
export function useAct(): Act {
  const [busy, setBusy] = useState<string | null>(null)
  const running = useRef(false)
  const run = useCallback((name: string, act: () => Promise<void>) => {
    if (running.current) return
    running.current = true
    setBusy(name)
    act()
      .catch(tellFailure)
      .finally(() => {
        running.current = false
        setBusy(null)
      })
  }, [])
  return { busy, run }
}

/** A toast with what failed and what to do. */
export function tellFailure(error: unknown): void {
  if (isCancelled(error)) return
  const { title, todo } = errorText(error)
  showToast({ kind: 'failed', title, detail: todo })
}

/** True when the person answered a question with Cancel. */
export function isCancelled(error: unknown): boolean {
  return error instanceof ProductError && error.code === 'aborted'
}
