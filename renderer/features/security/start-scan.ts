// Starts a scan and shows it. Owns the words for "one already runs".
import { useCallback } from 'react'
import { ProductError } from '#shared/errors.ts'
import type { AppContract } from '#shared/ipc/app-contract.ts'
import type { CallInput } from '#shared/rpc/contract.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import { useClient } from '../../bridge/client-context.tsx'
import { goTo } from '../../state/navigation.ts'

export type ScanRequest = CallInput<AppContract, 'scan.start'>

/** Shows Security once the scan has been accepted. */
export function useStartScan(): (request: ScanRequest) => Promise<void> {
  const client = useClient()
  return useCallback(
    async (request) => {
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
      goTo('security')
    },
    [client],
  )
}
