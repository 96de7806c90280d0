// Which rows of a list are selected: single, by range with Shift, all. Pure functions over a map, and the hook that holds it.
import { useCallback, useRef, useState } from 'react'

export type Selection<T extends { readonly id: string }> = ReadonlyMap<string, T>

/** Adds a row or takes it away. */
export function toggled<T extends { readonly id: string }>(selection: Selection<T>, row: T): Selection<T> {
  const next = new Map(selection)
  if (!next.delete(row.id)) next.set(row.id, row)
  return next
}

/** Adds all of some rows. */
export function withAll<T extends { readonly id: string }>(selection: Selection<T>, rows: readonly T[]): Selection<T> {
  return new Map([...selection, ...rows.map((row) => [row.id, row] as const)])
}

export interface SelectionState<T extends { readonly id: string }> {
  readonly selected: Selection<T>
  readonly clear: () => void
  readonly set: (rows: readonly T[]) => void
  /** `isRange`: everything between the last row that was chosen and this one, out of `rowsBetween`. */
  readonly choose: (row: T, index: number, isRange: boolean) => void
}

/** The selection of one list. */
export function useSelection<T extends { readonly id: string }>(
  rowsBetween: (from: number, to: number) => Promise<readonly T[]>,
): SelectionState<T> {
  const [selected, setSelected] = useState<Selection<T>>(new Map())
  const latest = useRef({ anchor: null as number | null, rowsBetween })
  latest.current.rowsBetween = rowsBetween
  // The same function for ever, so that a row is only drawn again when it changes itself.
  const choose = useCallback((row: T, index: number, isRange: boolean) => {
    const { anchor } = latest.current
    latest.current.anchor = index
    if (!isRange || anchor === null || anchor === index) {
      setSelected((before) => toggled(before, row))
      return
    }
    const [from, to] = anchor < index ? [anchor, index] : [index, anchor]
    void latest.current.rowsBetween(from, to).then((rows) => setSelected((before) => withAll(before, rows)))
  }, [])
  const clear = useCallback(() => setSelected(new Map()), [])
  const set = useCallback((rows: readonly T[]) => setSelected(withAll(new Map(), rows)), [])
  return { selected, clear, set, choose }
}
