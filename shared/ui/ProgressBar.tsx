// A truthful bar: percent where there is an honest one, a moving segment where there is not. Owns the drawing only.

export interface ProgressBarProps {
  /** Null: the total is not known. */
  readonly percent: number | null
  /** What progresses, for screen readers. */
  readonly label: string
  /** Stale: the news is old. */
  readonly state?: 'running' | 'stale' | 'paused'
  /** lg: the main scan. */
  readonly size?: 'md' | 'lg'
}

/** The native element where a percent exists, so that no inline style is needed. */
export function ProgressBar({ percent, label, state = 'running', size = 'md' }: ProgressBarProps) {
  const common = { className: 'ui-progress', 'data-state': state, 'data-size': size, 'aria-label': label }
  if (percent === null) return <div role="progressbar" {...common} />
  return <progress {...common} max={100} value={percent} />
}
