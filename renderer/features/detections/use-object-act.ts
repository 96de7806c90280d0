// Acts on one detected object. Restoring goes through Quarantine, where main asks first.
import { useCallback } from 'react'
import type { Detection, DetectionAction } from '#shared/domain/detection.ts'
import { fileName } from '#shared/domain/path-text.ts'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { useRestore } from '../quarantine/restore.ts'
import { actOn, tellResult } from './process-all.ts'

export interface ObjectAct {
  readonly busy: string | null
  readonly run: (action: DetectionAction) => void
  /** Of an object of which no copy can be kept; main asks first. */
  readonly deleteWithoutCopy: () => void
  /** Of an object of which only a large copy can be kept, which the person agrees to with that. */
  readonly keepLargeCopy: () => void
  /** As administrator; the system asks for the password of one. */
  readonly elevate: () => void
}

/** One act at a time; how it ended is told in a toast and in the row. */
export function useObjectAct({ id, quarantineId, path }: Pick<Detection, 'id' | 'quarantineId' | 'path'>): ObjectAct {
  const client = useClient()
  const restore = useRestore()
  const { busy, run } = useAct()
  const start = useCallback(
    (action: DetectionAction) => {
      if (action !== 'restore' && action !== 'restore-and-exclude') run(action, () => actOn(client, [id], action))
      else if (quarantineId !== undefined)
        restore({ id: quarantineId, name: fileName(path.text) }, action === 'restore' ? 'old-place' : 'exclude')
    },
    [client, id, quarantineId, path, restore, run],
  )
  const deleteWithoutCopy = useCallback(
    () =>
      run('delete-without-copy', async () => {
        tellResult('delete-without-copy', await client.call('detections.deleteWithoutCopy', { ids: [id] }))
      }),
    [client, id, run],
  )
  const keepLargeCopy = useCallback(
    () =>
      run('keep-large-copy', async () => {
        tellResult('process', await client.call('detections.keepLargeCopy', { ids: [id] }))
      }),
    [client, id, run],
  )
  const elevate = useCallback(
    () => run('elevate', async () => tellResult('elevate', await client.call('detections.elevate', { id }))),
    [client, id, run],
  )
  return { busy, run: start, deleteWithoutCopy, keepLargeCopy, elevate }
}
