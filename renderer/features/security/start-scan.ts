// Starts a scan and shows it. Owns the words for "one already runs".
import { useCallback } from 'react'
import { ProductError } from '#shared/errors.ts'
import type { AppContract } from '#shared/ipc/app-contract.ts'
import type { CallInput } from '#shared/rpc/contract.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import type { AppClient } from '../../bridge/app-client.ts'
import { useClient } from '../../bridge/client-context.tsx'
import { goTo, useNavigation } from '../../state/navigation.ts'

export type ScanRequest = CallInput<AppContract, 'scan.start'>

/** Shows Security once the scan has been accepted. */
export function useStartScan(): (request: ScanRequest) => Promise<void> {
  const client = useClient()
  return useCallback((request) => startScan(client, request), [client])
}

/** Whoever has gone to another section before the answer came stays there. Throws what the client says. */
export async function startScan(client: Pick<AppClient, 'call'>, request: ScanRequest): Promise<void> {
  const from = useNavigation.getState().section
  try {
    await client.call('scan.start', request)
  } catch (error) {
    if (!(error instanceof ProductError) || error.code !== 'already-running') throw error
    showToast({
      kind: 'info',
      title: 'Already running on this device',
      detail: 'It can be started when this scan has ended.',
    })
  }
  if (useNavigation.getState().section === from) goTo('security')
}
