// Restoring a copy: to its old place, another folder or under another name. What stands in the way becomes a question; main asks
// the person before anything is restored.
import { useCallback } from 'react'
import { create } from 'zustand'
import { givenEntriesText } from '#shared/domain/acts-text.ts'
import type { QuarantineId } from '#shared/domain/ids.ts'
import { lossText } from '#shared/domain/restore-text.ts'
import { ProductError } from '#shared/errors.ts'
import type { AppContract } from '#shared/ipc/app-contract.ts'
import type { CallOutput } from '#shared/rpc/contract.ts'
import { errorText } from '#shared/ui/text/error-text.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import type { AppClient } from '../../bridge/app-client.ts'
import { isCancelled, tellFailure, useClient } from '../../bridge/client-context.tsx'

/** What is restored, and what it is called. */
export interface Restorable {
  readonly id: QuarantineId
  readonly name: string
}

export interface RestoreRequest extends Restorable {
  /** Null: where it came from. */
  readonly targetFolder: string | null
  /** Null: the name it had. */
  readonly newName: string | null
  readonly makeFolder: boolean
  /** Also if it is still detected; no scan reports it any more. */
  readonly exclude: boolean
}

/** What stands in the way of a restore; RestoreDialogs asks about it. */
export type Obstacle = 'still-detected' | 'target-exists' | 'folder-gone' | 'no-rights'

export type RestoreChoice = 'old-place' | 'other-folder' | 'exclude'

interface Restoring {
  /** The copies that are being restored now. */
  readonly busy: ReadonlySet<string>
  readonly question: { readonly obstacle: Obstacle; readonly request: RestoreRequest } | null
}

export const useRestoring = create<Restoring>(() => ({ busy: new Set(), question: null }))

/** Restores one copy. */
export function useRestore(): (copy: Restorable, choice?: RestoreChoice) => void {
  const client = useClient()
  return useCallback(
    ({ id, name }, choice = 'old-place') => {
      const exclude = choice === 'exclude'
      const request: RestoreRequest = { id, name, targetFolder: null, newName: null, makeFolder: false, exclude }
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
      if (paths[0] !== undefined) restore(client, { ...request, targetFolder: paths[0], makeFolder: false })
    })
    .catch(tellFailure)
}

/** Asks main to restore, and tells how it ended. */
export function restore(client: AppClient, request: RestoreRequest): void {
  if (useRestoring.getState().busy.has(request.id)) return
  mark(request.id, true)
  const { name: _name, ...asked } = request
  client
    .call('quarantine.restore', asked)
    .then((restored) => tellRestored(request, restored))
    .catch((error: unknown) => {
      const obstacle = obstacleOf(error)
      if (obstacle === null) tellRefused(request, error)
      else useRestoring.setState({ question: { obstacle, request } })
    })
    .finally(() => mark(request.id, false))
}

/** Null: not something the person can decide about. */
export function obstacleOf(error: unknown): Obstacle | null {
  if (!(error instanceof ProductError)) return null
  const { code, detail } = error
  if (code === 'still-detected' || code === 'target-exists') return code
  if (code === 'needs-administrator') return 'no-rights'
  // The folder it came from is not there any more.
  return code === 'not-found' && detail === 'folder' ? 'folder-gone' : null
}

function tellRestored(
  { name, exclude }: RestoreRequest,
  { path, notKept, replaced, entries }: CallOutput<AppContract, 'quarantine.restore'>,
): void {
  const given = entries === undefined ? '' : givenEntriesText(entries)
  const detail = [path.text, replaced ? 'The disinfected version is in Quarantine.' : '', given, lossText(notKept)]
  showToast({
    kind: notKept.length + (entries?.left.length ?? 0) > 0 ? 'attention' : 'done',
    title: `${name} restored${exclude ? ' and excluded' : ''}`,
    detail: detail.filter(Boolean).join(' · '),
  })
}

function tellRefused({ name }: RestoreRequest, error: unknown): void {
  if (isCancelled(error)) return
  const { title, todo } = errorText(error)
  showToast({ kind: 'failed', title: `${name} not restored`, detail: `${title}. ${todo}` })
}

function mark(id: string, isBusy: boolean): void {
  useRestoring.setState(({ busy }) => {
    const next = new Set(busy)
    if (isBusy) next.add(id)
    else next.delete(id)
    return { busy: next }
  })
}
