// A long list, fetched page by page as it comes into view and again when its topic changes. Owns fetching and what is
// known; never the drawing. What was shown stays until its replacement is there, so nothing flickers.
import { useCallback, useEffect, useRef, useState } from 'react'

/** Rows of one page. */
export const pageSize = 50

export interface Pages<T> {
  /** Null: not known yet. */
  readonly total: number | null
  /** Undefined: not loaded yet. */
  readonly page: (index: number) => readonly T[] | undefined
  /** Asks for a page that is coming into view. */
  readonly need: (index: number) => void
  readonly failure: unknown
  readonly retry: () => void
}

interface Known<T> {
  readonly query: string
  readonly total: number | null
  readonly pages: ReadonlyMap<number, readonly T[]>
  readonly failure: unknown
}

export interface PagesOptions<T> {
  /** Names what is listed; another query starts over. */
  readonly query: string
  /** Grows when the content may have changed. */
  readonly revision: number
  readonly fetch: (offset: number, limit: number) => Promise<{ readonly total: number; readonly rows: readonly T[] }>
}

/** The list of a query. */
export function usePages<T>({ query, revision, fetch }: PagesOptions<T>): Pages<T> {
  const empty: Known<T> = { query, total: null, pages: new Map(), failure: null }
  const [known, setKnown] = useState(empty)
  const current = known.query === query ? known : empty
  const latest = useRef({ query, fetch, asked: new Map<number, number>() })
  latest.current.fetch = fetch

  const load = useCallback(
    async (index: number, forRevision: number) => {
      const { asked } = latest.current
      if (asked.get(index) === forRevision) return
      asked.set(index, forRevision)
      // Nor is it wanted once the same page was asked for again: that answer may be here already.
      const stillWanted = () =>
        latest.current.query === query && asked === latest.current.asked && asked.get(index) === forRevision
      try {
        const { total, rows } = await latest.current.fetch(index * pageSize, pageSize)
        if (stillWanted()) setKnown((before) => withPage(before, query, index, total, rows))
      } catch (failure) {
        if (!stillWanted()) return
        asked.delete(index)
        setKnown((before) => ({ ...sameQuery(before, query), failure }))
      }
    },
    [query],
  )

  useEffect(() => {
    const changed = latest.current.query !== query
    if (changed) latest.current = { ...latest.current, query, asked: new Map() }
    // What is in view was asked for before; all of it may have changed.
    const wanted = new Set([0, ...latest.current.asked.keys()])
    for (const index of wanted) void load(index, revision)
  }, [query, revision, load])

  const need = useCallback((index: number) => void load(index, revision), [load, revision])
  const retry = useCallback(() => {
    latest.current.asked.clear()
    void load(0, revision)
  }, [load, revision])
  return { total: current.total, page: (index) => current.pages.get(index), need, failure: current.failure, retry }
}

function sameQuery<T>(before: Known<T>, query: string): Known<T> {
  return before.query === query ? before : { query, total: null, pages: new Map(), failure: null }
}

function withPage<T>(given: Known<T>, query: string, index: number, total: number, rows: readonly T[]): Known<T> {
  const before = sameQuery(given, query)
  const pages = new Map(
    [...before.pages, [index, rows] as const].filter(([page]) => page * pageSize < Math.max(total, 1)),
  )
  return { query, total, pages, failure: null }
}
