// The time a person has left, as a ring with a clock in it; a click, Space or Enter pauses it and lets it go on (H3).
// Owns the drawing; the client counts.
import { infectionCountdownMs } from '#shared/domain/alerts.ts'
import { formatClock } from '#shared/ui/format/duration.ts'

export interface CountdownRingProps {
  readonly leftMs: number
  readonly isPaused: boolean
  readonly onPause: (isPaused: boolean) => void
}

const radius = 25
const length = 2 * Math.PI * radius
/** Screen readers are told at these seconds, not every one. */
const toldAt = [60, 30, 10]

/** A whole second is shown until it is over. The name of the button stays while the time runs: whoever is on it is not told every second. */
export function CountdownRing({ leftMs, isPaused, onPause }: CountdownRingProps) {
  const seconds = Math.ceil(leftMs / 1000)
  const clock = formatClock(seconds * 1000)
  const share = Math.min(1, leftMs / infectionCountdownMs)
  const told = toldAt.findLast((mark) => seconds <= mark)
  return (
    <>
      <button
        type="button"
        className="alert-ring"
        data-paused={isPaused || undefined}
        aria-label="Pause the countdown"
        aria-pressed={isPaused}
        title={isPaused ? 'Continue' : 'Pause'}
        onClick={() => onPause(!isPaused)}
      >
        <svg viewBox="0 0 56 56" width="56" height="56" aria-hidden="true">
          <circle className="alert-ring-track" cx="28" cy="28" r={radius} />
          <circle
            className="alert-ring-left"
            cx="28"
            cy="28"
            r={radius}
            strokeDasharray={length}
            strokeDashoffset={length * (1 - share)}
          />
        </svg>
        <span className="alert-ring-clock tabular" aria-hidden="true">
          {clock}
        </span>
      </button>
      <span className="visually-hidden" role="timer">
        {clock} left
      </span>
      <span className="visually-hidden" role="status">
        {isPaused ? `Paused, ${clock} left` : told === undefined ? '' : `${told} seconds left`}
      </span>
    </>
  )
}
