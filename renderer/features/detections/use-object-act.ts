// Acts on one detected object. Restoring goes through Quarantine, where main asks first.
import { useCallback } from 'react'
import type { Detection, DetectionAction } from '#shared/domain/detection.ts'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { useRestore } from '../quarantine/restore.ts'
import { actOn } from './process-all.ts'

export interface ObjectAct {
  readonly busy: string | null
  readonly run: (action: DetectionAction) => void
}

/** One act at a time; how it ended is told in a toast and in the row. */
export function useObjectAct({ id, quarantineId }: Pick<Detection, 'id' | 'quarantineId'>): ObjectAct {
  const client = useClient()
  const restore = useRestore()
  const { busy, run } = useAct()
  const start = useCallback(
    (action: DetectionAction) => {
      if (action === 'restore' && quarantineId !== undefined) restore(quarantineId)
      else run(action, () => actOn(client, [id], action))
    },
    [client, id, quarantineId, restore, run],
  )
  return { busy, run: start }
}
