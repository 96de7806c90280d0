// A scan that was opened in the reports: fetched when it is opened, and again when objects have changed. Owns the fetching, and what
// stands there while it lasts or when it fails.
import { useCallback, useEffect, useState } from 'react'
import type { ScanDetails } from '#shared/domain/reports.ts'
import { ErrorState } from '#shared/ui/ErrorState.tsx'
import { SkeletonRows } from '#shared/ui/SkeletonRows.tsx'
import { errorSentence } from '#shared/ui/text/error-text.ts'
import { useClient } from '../../bridge/client-context.tsx'
import { useRevision } from '../../state/mirror.ts'
import { ScanReportDetails } from './ScanReportDetails.tsx'

/** `id`: of the event with which it ended. */
export function ScanReport({ id }: { readonly id: string }) {
  const client = useClient()
  const revision = useRevision('detections')
  const [details, setDetails] = useState<ScanDetails | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const load = useCallback(() => {
    let isWanted = true
    client
      .call('history.scan', { id })
      .then((answer) => {
        if (!isWanted) return
        setDetails(answer)
        setFailure(null)
      })
      .catch((error: unknown) => {
        if (isWanted) setFailure(error)
      })
    return () => {
      isWanted = false
    }
  }, [client, id])
  // biome-ignore lint/correctness/useExhaustiveDependencies: objects that changed are asked for again
  useEffect(load, [load, revision])
  return (
    <div className="report-scan">
      {details !== null ? (
        <ScanReportDetails details={details} />
      ) : failure === null ? (
        <SkeletonRows label="Loading the scan" rows={2} />
      ) : (
        <ErrorState title="The scan could not be read" detail={errorSentence(failure)} onRetry={load} />
      )}
    </div>
  )
}
