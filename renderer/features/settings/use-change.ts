// Changes one section of the settings; a failure is told, and the screen keeps showing what is true.
import { useCallback } from 'react'
import type { AppSettings } from '#shared/domain/app-state.ts'
import { tellFailure, useClient } from '../../bridge/client-context.tsx'

/** Sends a change; the new value comes back through the mirror. */
export function useChange(): (change: Partial<AppSettings>) => void {
  const client = useClient()
  return useCallback(
    (change) => {
      client.call('settings.change', change).catch(tellFailure)
    },
    [client],
  )
}
