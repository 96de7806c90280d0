// The sentences of the history about an active infection. English; pure.
import type { Detection } from '#shared/domain/detection.ts'
import type { HistorySentence } from './history.ts'

const objects = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'object' : 'objects'}`

export function infectionFound(detections: readonly Pick<Detection, 'path' | 'threat'>[]): HistorySentence {
  const [first] = detections
  const more = detections.length > 1 ? ` And ${detections.length - 1} more.` : ''
  const detail = first ? `${first.threat} is running: ${first.path.text}.${more}` : ''
  return { grade: 'critical', title: 'Active infection found', detail }
}

export interface InfectionCounts {
  readonly done: number
  readonly failed: number
  readonly needRestart: number
}

/** Whatever came of it, a new scan finds what is left. */
export function infectionTreated({ done, failed, needRestart }: InfectionCounts): HistorySentence {
  const parts = [
    ...(done > 0 ? [`${objects(done)} treated.`] : []),
    ...(needRestart > 0 ? [`${objects(needRestart)} will be finished on restart.`] : []),
    ...(failed > 0 ? [`${objects(failed)} could not be treated.`] : []),
  ]
  const grade = failed > 0 ? 'critical' : needRestart > 0 ? 'important' : 'good'
  const title = failed > 0 ? 'Active infection not treated completely' : 'Active infection treated'
  return { grade, title, detail: [...parts, 'A new scan is advised.'].join(' ') }
}
