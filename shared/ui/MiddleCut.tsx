// Long names cut in the middle, so that the ending stays; the whole text is there for copying and in the tooltip.
// Owns where to split; the cutting itself is done by the stylesheet, and the gap it leaves is closed by close-gap.ts.
import { useLayoutEffect, useRef } from 'react'
import { lastSeparator } from '#shared/domain/path-text.ts'
import { closeGap } from './close-gap.ts'

export interface MiddleCutProps {
  readonly text: string
  /** Characters at the end that are always kept. Paths keep their last folder by default. */
  readonly keep?: number
  readonly className?: string
}

const defaultKeep = 14
const longestKeep = 28

/** Where the kept ending of a text begins. */
export function splitForCut(text: string, keep?: number): readonly [start: string, end: string] {
  const characters = [...text]
  const length = Math.min(keep ?? naturalKeep(text), longestKeep)
  if (characters.length <= length) return ['', text]
  return [characters.slice(0, -length).join(''), characters.slice(-length).join('')]
}

/** One line; give it a width-limited parent. */
export function MiddleCut({ text, keep, className }: MiddleCutProps) {
  const [start, end] = splitForCut(text, keep)
  const line = useRef<HTMLSpanElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is cut anew
  useLayoutEffect(() => (line.current === null ? undefined : closeGap(line.current)), [start, end])
  return (
    <span ref={line} className={className === undefined ? 'ui-cut' : `ui-cut ${className}`} title={text}>
      {start !== '' && <span className="ui-cut-start">{start}</span>}
      <span className="ui-cut-end">{end}</span>
    </span>
  )
}

function naturalKeep(text: string): number {
  const separator = lastSeparator(text)
  return separator < 0 ? defaultKeep : Math.max(defaultKeep, text.length - separator)
}
