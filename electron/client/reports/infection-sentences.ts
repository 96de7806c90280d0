// The sentences of the history about an active infection. English; pure.
import type { Detection } from '#shared/domain/detection.ts'
import type { HistorySentence } from './history.ts'

const objects = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'object' : 'objects'}`

export function infectionFound(detections: readonly Pick<Detection, 'path' | 'threat'>[]): HistorySentence {
  const [first] = detections
  const more = detections.length > 1 ? ` And ${detections.length - 1} more.` : ''
  const detail = first ? `${first.threat} is running: ${first.path.text}.${more}` : ''
  return { component: 'objects', grade: 'critical', title: 'Active infection found', detail }
}

export interface InfectionCounts {
  readonly done: number
  /** Those of `done` that were not there any more. */
  readonly gone: number
  readonly failed: number
  /** Those of `failed` with which nothing was to be done. */
  readonly left: number
  readonly needRestart: number
}

/** Who chose: the person, or nobody within the time. */
export type ChosenBy = 'person' | 'time'

const chosen: Record<ChosenBy, string> = {
  person: 'Chosen by you.',
  time: 'Nobody chose in time, so it was done as the settings say.',
}

/** Whatever came of it, a new scan finds what is left. */
export function infectionTreated(
  { done, gone, failed, left, needRestart }: InfectionCounts,
  by: ChosenBy,
): HistorySentence {
  const treated = done - gone
  const parts = [
    ...(treated > 0 ? [`${objects(treated)} treated.`] : []),
    ...(gone > 0 ? [`${objects(gone)} no longer there.`] : []),
    ...(needRestart > 0 ? [`${objects(needRestart)} will be finished on restart.`] : []),
    ...(left > 0 ? [`${objects(left)} left as ${left === 1 ? 'it is' : 'they are'}.`] : []),
    ...(failed > left ? [`${objects(failed - left)} could not be treated.`] : []),
  ]
  const grade = failed > 0 ? 'critical' : needRestart > 0 ? 'important' : 'good'
  const title = failed > 0 ? 'Active infection not treated completely' : 'Active infection treated'
  return { component: 'objects', grade, title, detail: [...parts, chosen[by], 'A new scan is advised.'].join(' ') }
}
