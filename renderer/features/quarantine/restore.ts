// Restoring a copy: to its old place or another folder. What stands in the way becomes a question; main asks the person first.
import { useCallback } from 'react'
import { create } from 'zustand'
import type { QuarantineId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import type { AppClient } from '../../bridge/app-client.ts'
import { tellFailure, useClient } from '../../bridge/client-context.tsx'

export interface RestoreRequest {
  readonly id: QuarantineId
  /** Null: where it came from. */
  readonly targetFolder: string | null
  readonly evenIfDetected: boolean
}

/** What stands in the way of a restore; RestoreDialogs asks about it. */
export type Obstacle = 'still-detected' | 'target-exists' | 'folder-gone'

interface Restoring {
  /** The copies that are being restored now. */
  readonly busy: ReadonlySet<string>
  readonly question: { readonly obstacle: Obstacle; readonly request: RestoreRequest } | null
}

export const useRestoring = create<Restoring>(() => ({ busy: new Set(), question: null }))

/** Restores one copy. */
export function useRestore(): (id: QuarantineId, choice?: 'old-place' | 'other-folder') => void {
  const client = useClient()
  return useCallback(
    (id, choice = 'old-place') => {
      const request: RestoreRequest = { id, targetFolder: null, evenIfDetected: false }
      if (choice === 'other-folder') restoreElsewhere(client, request)
      else restore(client, request)
    },
    [client],
  )
}

/** Lets the person choose a folder first. */
export function restoreElsewhere(client: AppClient, request: RestoreRequest): void {
  client
    .call('dialog.pickPaths', { kind: 'folders' })
    .then(({ paths }) => {
      if (paths[0] !== undefined) restore(client, { ...request, targetFolder: paths[0] })
    })
    .catch(tellFailure)
}

/** Asks main to restore, and tells how it ended. */
export function restore(client: AppClient, request: RestoreRequest): void {
  if (useRestoring.getState().busy.has(request.id)) return
  mark(request.id, true)
  client
    .call('quarantine.restore', request)
    .then(({ path }) => showToast({ kind: 'done', title: '1 object restored', detail: path.text }))
    .catch((error: unknown) => {
      const obstacle = obstacleOf(error)
      if (obstacle === null) tellFailure(error)
      else useRestoring.setState({ question: { obstacle, request } })
    })
    .finally(() => mark(request.id, false))
}

/** Null: not something the person can decide about. */
export function obstacleOf(error: unknown): Obstacle | null {
  if (!(error instanceof ProductError)) return null
  if (error.code === 'still-detected' || error.code === 'target-exists') return error.code
  // The folder it came from is not there any more.
  return error.code === 'not-found' && error.detail === 'folder' ? 'folder-gone' : null
}

function mark(id: string, isBusy: boolean): void {
  useRestoring.setState(({ busy }) => {
    const next = new Set(busy)
    if (isBusy) next.add(id)
    else next.delete(id)
    return { busy: next }
  })
}
