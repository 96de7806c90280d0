// The detected objects of a device as the portal lists them, fetched again whenever it says that they changed.
// Owns one request at a time; an older answer never replaces a newer one.
import { useEffect, useRef, useState } from 'react'
import type { z } from 'zod'
import type { deviceApi } from '#shared/cloud-protocol/http-api.ts'
import type { DeviceId } from '#shared/domain/ids.ts'
import { fetchObjects, type ObjectsView } from '../../bridge/devices.ts'
import { mirrorStore } from '../../state/mirror.ts'

export type ObjectsAnswer = z.infer<typeof deviceApi.detections.answer>

/** Numbers only, without the objects. */
export type GroupPage = Extract<ObjectsAnswer['page'], { kind: 'group' }>

export interface ObjectsState {
  /** The last good answer for this view. */
  readonly answer: ObjectsAnswer | undefined
  readonly failure: unknown
  readonly reload: () => void
}

/** Keeps what was shown while it asks again. */
export function useObjects(deviceId: DeviceId, view: ObjectsView, limit: number): ObjectsState {
  const version = mirrorStore((mirror) => mirror.objectsVersion.get(deviceId) ?? 0)
  const epoch = mirrorStore((mirror) => mirror.epoch)
  const [attempt, setAttempt] = useState(0)
  const [shown, setShown] = useState<{ readonly view: ObjectsView; readonly answer: ObjectsAnswer }>()
  const [failure, setFailure] = useState<{ readonly view: ObjectsView; readonly error: unknown }>()
  const newest = useRef(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: version, epoch and attempt mean that there is news to fetch
  useEffect(() => {
    const mine = ++newest.current
    fetchObjects(deviceId, view, limit).then(
      (answer) => {
        if (mine !== newest.current) return
        setFailure(undefined)
        setShown({ view, answer })
      },
      (error: unknown) => {
        if (mine === newest.current) setFailure({ view, error })
      },
    )
  }, [deviceId, view, limit, version, epoch, attempt])
  return {
    answer: shown?.view === view ? shown.answer : undefined,
    failure: failure?.view === view ? failure.error : undefined,
    reload: () => setAttempt((count) => count + 1),
  }
}
