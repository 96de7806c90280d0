// The hexadecimal patterns of ClamAV's signatures: reads them, and writes them as YARA patterns that match the same bytes.
// What cannot be said exactly is given back as a reason, never approximated.
// Source: ClamAV's documentation of body-based signatures and its matcher (matcher-ac.c).

/** A byte of which only the bits of `mask` count: 0xff, 0xf0, 0x0f or 0 for any. */
export interface ByteUnit {
  readonly kind: 'byte'
  readonly value: number
  readonly mask: number
  /** A letter in either case. */
  readonly anyCase?: true
}

export type Unit =
  | ByteUnit
  /** `max` null: any number of bytes. */
  | { readonly kind: 'gap'; readonly min: number; readonly max: number | null }
  | { readonly kind: 'one-of'; readonly options: readonly (readonly ByteUnit[])[] }

export interface HexPattern {
  readonly units: readonly Unit[]
  /** It has gaps of more than one length: ClamAV does not count the matches of such patterns as YARA does. */
  readonly hasGaps: boolean
}

const longestGap = 1_000_000
const mostUnits = 20_000
/** ClamAV itself writes a shorter gap of one length as so many wildcards. */
const wildcardGap = 128
/** Of a longer string "not this one" takes up the square of its length. */
const longestNegated = 16
const anyByte: ByteUnit = { kind: 'byte', value: 0, mask: 0 }

/** A pattern, or the reason why there is none. */
export function readHexPattern(text: string): HexPattern | string {
  const units: Unit[] = []
  let at = 0
  while (at < text.length) {
    if (units.length > mostUnits) return 'pattern too long'
    const next = readUnit(text, at)
    if (typeof next === 'string') return next
    units.push(...next.units)
    at = next.end
  }
  const isGap = (unit: Unit | undefined): boolean => unit?.kind === 'gap'
  if (units.length === 0) return malformed
  if (isGap(units[0]) || isGap(units.at(-1))) return 'gap at an end'
  if (units.some((unit, index) => isGap(unit) && isGap(units[index + 1]))) return malformed
  return { units, hasGaps: units.some(isGap) }
}

interface ReadUnit {
  readonly units: readonly Unit[]
  readonly end: number
}

const malformed = 'malformed'

function readUnit(text: string, at: number): ReadUnit | string {
  const first = text[at]
  if (first === '*') return { units: [{ kind: 'gap', min: 0, max: null }], end: at + 1 }
  if (first === '{') return readGap(text, at, '}')
  if (first === '[') return readGap(text, at, ']')
  if (first === '(') return readAlternatives(text, at, false)
  if (first === '!') return text[at + 1] === '(' ? readAlternatives(text, at + 1, true) : malformed
  const unit = readByte(text, at)
  return unit === null ? malformed : { units: [unit], end: at + 2 }
}

function readByte(text: string, at: number): ByteUnit | null {
  const pair = text.slice(at, at + 2)
  if (!/^[0-9a-fA-F?]{2}$/.test(pair)) return null
  const mask = (pair[0] === '?' ? 0 : 0xf0) | (pair[1] === '?' ? 0 : 0x0f)
  return { kind: 'byte', value: Number.parseInt(pair.replaceAll('?', '0'), 16), mask }
}

/** `{n}`, `{n-m}`, `{-m}`, `{n-}`, and `[n-m]` around a single byte. */
function readGap(text: string, at: number, close: string): ReadUnit | string {
  const end = text.indexOf(close, at)
  const [, low = '', dash = '', high = ''] = /^(\d*)(-?)(\d*)$/.exec(text.slice(at + 1, end)) ?? []
  if (end === -1 || (low === '' && high === '')) return malformed
  const min = Number(low)
  const max = dash === '' ? min : high === '' ? null : Number(high)
  // To ClamAV an upper bound of 0 is none; nobody means that.
  if (max === 0 || (max !== null && max < min)) return malformed
  if (min > longestGap || (max ?? 0) > longestGap) return 'gap too long'
  if (max === min && min < wildcardGap) return { units: Array.from({ length: min }, () => anyByte), end: end + 1 }
  return { units: [{ kind: 'gap', min, max }], end: end + 1 }
}

function readAlternatives(text: string, at: number, isNegated: boolean): ReadUnit | string {
  const close = text.indexOf(')', at)
  const inner = text.slice(at + 1, close)
  if (close === -1 || inner === '') return malformed
  if (/^[BLW]$/.test(inner)) return 'boundary markers'
  if (/[({*[]/.test(inner)) return 'nested alternatives'
  const options: ByteUnit[][] = []
  for (const option of inner.split('|')) {
    const bytes: ByteUnit[] = []
    for (let place = 0; place < option.length; place += 2) {
      const unit = readByte(option, place)
      if (unit === null) return malformed
      bytes.push(unit)
    }
    if (bytes.length === 0) return malformed
    options.push(bytes)
  }
  const positive = isNegated ? complement(options) : options
  return typeof positive === 'string' ? positive : { units: [{ kind: 'one-of', options: positive }], end: close + 1 }
}

/** All strings of the same length that are none of these; for single bytes, or one string. */
function complement(options: readonly (readonly ByteUnit[])[]): ByteUnit[][] | string {
  if (options.some((option) => option.some(({ mask }) => mask !== 0xff))) return 'negated wildcards'
  if (options.every(({ length }) => length === 1)) return otherBytes(options.map(([unit]) => unit?.value ?? 0))
  const [only, ...more] = options
  if (only === undefined || more.length > 0) return 'negated alternatives of several bytes'
  if (only.length > longestNegated) return 'negated string too long'
  return only.flatMap((unit, place) =>
    otherBytes([unit.value]).map(([other]) => [
      ...only.slice(0, place),
      other ?? anyByte,
      ...only.slice(place + 1).map(() => anyByte),
    ]),
  )
}

/** As few masked bytes as needed. */
function otherBytes(excluded: readonly number[]): ByteUnit[][] {
  const result: ByteUnit[][] = []
  for (let high = 0; high < 0x100; high += 0x10) {
    if (!excluded.some((value) => (value & 0xf0) === high)) result.push([{ kind: 'byte', value: high, mask: 0xf0 }])
    else {
      for (let value = high; value < high + 0x10; value += 1)
        if (!excluded.includes(value)) result.push([{ kind: 'byte', value, mask: 0xff }])
    }
  }
  return result
}

/** Letters in either case. */
export function withoutCase({ units, hasGaps }: HexPattern): HexPattern {
  return {
    hasGaps,
    units: units.map((unit): Unit => {
      if (unit.kind === 'byte') return inAnyCase(unit)
      return unit.kind === 'gap' ? unit : { kind: 'one-of', options: unit.options.map((each) => each.map(inAnyCase)) }
    }),
  }
}

function inAnyCase(unit: ByteUnit): ByteUnit {
  const isLetter = unit.mask === 0xff && /[A-Za-z]/.test(String.fromCharCode(unit.value))
  return isLetter ? { ...unit, anyCase: true } : unit
}

/** Each byte followed by a zero. */
export function widened({ units, hasGaps }: HexPattern): HexPattern {
  const wide = (bytes: readonly ByteUnit[]): ByteUnit[] => {
    return bytes.flatMap((unit): ByteUnit[] => [unit, { kind: 'byte', value: 0, mask: 0xff }])
  }
  return {
    hasGaps,
    units: units.flatMap((unit): Unit[] => {
      if (unit.kind === 'byte') return wide([unit])
      return unit.kind === 'gap' ? [unit] : [{ kind: 'one-of', options: unit.options.map(wide) }]
    }),
  }
}

/** As a YARA hexadecimal pattern, with its braces. */
export function yaraHex({ units }: HexPattern): string {
  return `{ ${units.map(yaraUnit).join(' ')} }`
}

function yaraUnit(unit: Unit): string {
  if (unit.kind === 'byte') return yaraByte(unit)
  if (unit.kind === 'one-of') return `(${unit.options.map((option) => option.map(yaraByte).join(' ')).join('|')})`
  const { min, max } = unit
  return max === null ? (min === 0 ? '[-]' : `[${min}-]`) : min === max ? `[${min}]` : `[${min}-${max}]`
}

function yaraByte({ value, mask, anyCase }: ByteUnit): string {
  if (anyCase)
    return `(${yaraByte({ kind: 'byte', value, mask })}|${yaraByte({ kind: 'byte', value: value ^ 0x20, mask })})`
  const [high = '0', low = '0'] = value.toString(16).padStart(2, '0')
  return `${mask & 0xf0 ? high : '?'}${mask & 0x0f ? low : '?'}`
}

/** Its bytes when it is always of one length and has no alternatives; else null. */
export function plainBytes({ units }: HexPattern): readonly ByteUnit[] | null {
  const bytes = units.flatMap((unit) => (unit.kind === 'byte' && unit.anyCase === undefined ? [unit] : []))
  return bytes.length === units.length ? bytes : null
}

/** Length of the longest run of fixed bytes. */
export function longestRun({ units }: HexPattern): number {
  let [longest, run] = [0, 0]
  for (const unit of units) {
    run = unit.kind === 'byte' && unit.mask === 0xff ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}
