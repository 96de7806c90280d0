// The keystone: two stones of an arch and the wedge that holds it. The wedge's place says the state, its colour repeats it.
// Owns the drawing; colours come from styles/status.css.

export type MarkState = 'brand' | 'protected' | 'attention' | 'at-risk' | 'busy' | 'off'

export interface MarkProps {
  readonly state: MarkState
  readonly size?: 16 | 20 | 24 | 32 | 48 | 72
  /** Words for screen readers; without them the mark is decoration beside a text that says the same. */
  readonly label?: string
}

const leftStone = 'M2.45 29.55V17A13.55 13.55 0 0 1 9.79 4.96L12.13 11.84A6.45 6.45 0 0 0 9.55 17V29.55Z'
const rightStone = 'M29.55 29.55V17A13.55 13.55 0 0 0 22.21 4.96L19.87 11.84A6.45 6.45 0 0 1 22.45 17V29.55Z'
const seatedWedge = 'M11.1 2.4H20.9L17.5 12.4H14.5Z'
const fallenWedge = 'M11.9 20.45H20.1L17.6 29.55H14.4Z'

/** The mark with a live state. */
export function Mark({ state, size = 24, label }: MarkProps) {
  const hidden = label === undefined ? { 'aria-hidden': true } : {}
  return (
    <svg
      className="ui-mark"
      data-state={state}
      viewBox="0 0 32 32"
      width={size}
      height={size}
      role="img"
      aria-label={label}
      {...hidden}
    >
      <g
        className="ui-mark-stones"
        strokeWidth={0.9}
        strokeLinejoin="round"
        {...(state === 'attention' ? { transform: 'translate(0 1.5)' } : {})}
      >
        <path d={leftStone} />
        <path d={rightStone} />
      </g>
      <Keystone state={state} />
    </svg>
  )
}

function Keystone({ state }: { readonly state: MarkState }) {
  if (state === 'off') return null
  if (state === 'busy') return <circle className="ui-mark-dot" cx={16} cy={5.5} r={3.9} />
  return (
    <path
      className="ui-mark-wedge"
      d={state === 'at-risk' ? fallenWedge : seatedWedge}
      strokeWidth={0.9}
      strokeLinejoin="round"
      {...(state === 'attention' ? { transform: 'translate(0 -2)' } : {})}
    />
  )
}
