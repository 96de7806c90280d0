// Undo of what was done to objects of a device: their copies go back to where they came from. Asks the portal first what can be
// restored, and what stood in the way of those that were not. Owns the question about what comes back only with an exclusion.
import { create } from 'zustand'
import { actionsFor, type Detection } from '#shared/domain/detection.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { ErrorCode } from '#shared/errors.ts'
import { errorText } from '#shared/ui/text/error-text.ts'
import { reasonsText } from '#shared/ui/text/reasons-text.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import { fetchObjectsById } from '../../bridge/devices.ts'
import { runCommand } from './run-command.ts'

type Ids = readonly DetectionId[]

export interface UndoQuestion {
  readonly card: DeviceCard
  /** Still detected, or they cannot be judged. */
  readonly objects: readonly Detection[]
}

/** UndoQuestionDialog asks it. */
export const useUndoQuestion = create<{ readonly question: UndoQuestion | null }>(() => ({ question: null }))

/** Restores those that have a copy; the rest is as it was before, or gone. */
export async function undoActs(card: DeviceCard, ids: Ids): Promise<void> {
  try {
    const restorable = (await fetchObjectsById(card.id, ids)).filter(isRestorable).map(({ id }) => id)
    if (restorable.length > 0) {
      await runCommand(card, { kind: 'detections.act', args: { action: 'restore', ids: restorable } })
      return
    }
    showToast({ kind: 'info', title: 'Nothing to undo', detail: 'No copy of it is in Quarantine.' })
  } catch (error) {
    const { title, todo } = errorText(error)
    showToast({ kind: 'failed', title, detail: todo })
  }
}

/** Nothing dangerous comes back before the person has agreed. */
export function askWithExclusion(question: UndoQuestion): void {
  useUndoQuestion.setState({ question })
}

/** Restores objects although they are still detected; no scan on that computer reports them any more. */
export function undoWithExclusion({ card, objects }: UndoQuestion): Promise<unknown> {
  const ids = objects.map(({ id }) => id)
  return runCommand(card, { kind: 'detections.act', args: { action: 'restore-and-exclude', ids } })
}

export interface NotRestored {
  /** "1 still detected, 1 a file with this name exists."; empty where nothing is known. */
  readonly why: string
  /** What a person can do about the others; undefined where there is nothing special. */
  readonly todo: string | undefined
  /** Those that come back with an exclusion. */
  readonly stillDetected: readonly Detection[]
}

/** What the objects themselves say about the last attempt. */
export async function notRestored(card: DeviceCard, ids: Ids): Promise<NotRestored> {
  const objects = (await fetchObjectsById(card.id, ids)).filter(isRestorable)
  const reasons = objects.flatMap(({ reason }) => reason ?? [])
  return {
    why: reasonsText(reasons),
    todo: reasons.some((reason) => needsOtherPlace.has(reason)) ? elsewhere : undefined,
    stillDetected: objects.filter(({ reason }) => reason === 'still-detected'),
  }
}

/** Next step for an object that did not come back; undefined where the portal has one itself. */
export function restoreAdvice({ state, reason, quarantineId }: Pick<Detection, 'state' | 'reason' | 'quarantineId'>) {
  const canBe = reason !== undefined && needsOtherPlace.has(reason) && isRestorable({ state, quarantineId })
  return canBe ? elsewhere : undefined
}

/** Only the app lets a person choose another name or folder; `not-found` is the folder it came from. */
const needsOtherPlace: ReadonlySet<ErrorCode> = new Set([
  'target-exists',
  'not-found',
  'needs-administrator',
  'no-permission',
])
const elsewhere = 'Restore it in the app on the computer: there another name or folder can be chosen.'

function isRestorable(object: Parameters<typeof actionsFor>[0]): boolean {
  return actionsFor(object).includes('restore')
}
