// What the journal says about an interrupted order, since it was begun last. Never acts.
import type { ObstacleAct, TreatmentLine } from '#shared/files/treatment-lines.ts'
import type { Interrupted } from './treatment-log.ts'

export type LineOf<K extends TreatmentLine['kind']> = Extract<TreatmentLine, { kind: K }>

/** What the lines since the last beginning say. */
export interface Facts {
  readonly begun: number
  readonly since: readonly TreatmentLine[]
  readonly storing: LineOf<'storing'> | undefined
  readonly cleared: readonly ObstacleAct[]
  readonly defusing: LineOf<'defusing'> | undefined
  readonly edits: readonly LineOf<'editing'>[]
  readonly cured: LineOf<'cured'> | undefined
  readonly locking: LineOf<'locking'> | undefined
  readonly grabbing: LineOf<'grabbing'> | undefined
  readonly elevating: LineOf<'elevating'> | undefined
  readonly asked: LineOf<'asked'> | undefined
  readonly removing: LineOf<'removing'> | undefined
  readonly removed: LineOf<'removed'> | undefined
}

export function factsOf({ lines }: Interrupted): Facts {
  const since = lines.slice(lines.findLastIndex((line) => line.kind === 'intent'))
  const last = <K extends TreatmentLine['kind']>(kind: K): LineOf<K> | undefined =>
    since.findLast((line): line is LineOf<K> => line.kind === kind)
  return {
    begun: lines.filter((line) => line.kind === 'intent').length,
    since,
    storing: last('storing'),
    cleared: since.flatMap((line) => (line.kind === 'clearing' ? [line.act] : [])),
    defusing: last('defusing'),
    edits: since.filter((line): line is LineOf<'editing'> => line.kind === 'editing'),
    cured: last('cured'),
    locking: last('locking'),
    grabbing: last('grabbing'),
    elevating: last('elevating'),
    asked: last('asked'),
    removing: last('removing'),
    removed: last('removed'),
  }
}
