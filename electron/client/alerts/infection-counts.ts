// How the objects of an active infection stand, in numbers, and which of them are still open. Pure.
import { type Detection, isUnprocessed } from '#shared/domain/detection.ts'
import type { InfectionCounts } from '../reports/infection-sentences.ts'

const leftStates: ReadonlySet<Detection['state']> = new Set(['found', 'kept', 'skipped'])

/** Nobody has decided about it: what a person skipped is left as it is, by every way it could be treated. */
export function isOpen({ state }: Detection): boolean {
  return isUnprocessed(state) && state !== 'skipped'
}

/** `undefined`: an object that the ledger does not know any more. */
export function infectionCounts(detections: readonly (Detection | undefined)[]): InfectionCounts {
  const number = (isOne: (state: Detection['state'] | undefined) => boolean) =>
    detections.filter((detection) => isOne(detection?.state)).length
  const needRestart = number((state) => state === 'at-restart')
  const failed = number((state) => state !== undefined && isUnprocessed(state))
  return {
    done: detections.length - needRestart - failed,
    gone: number((state) => state === undefined || state === 'gone'),
    failed,
    left: number((state) => state !== undefined && leftStates.has(state)),
    needRestart,
  }
}
