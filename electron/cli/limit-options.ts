// The options that change a bound of the scanner (`--max-...`), made from the engine's one table of limits.
// Owns the way sizes and times are written; never a default.
import { type LimitOption, limitOptions } from '../engine/limits/limits.ts'

const KiB = 1024
const byteUnits: Readonly<Record<string, number>> = { '': 1, K: KiB, M: KiB ** 2, G: KiB ** 3 }
const forms = {
  bytes: 'a whole number of bytes, or of K, M or G (500K, 10M),',
  ms: 'a whole number of seconds',
  count: 'a whole number',
  ratio: 'a whole number',
} as const
const placeholders = { bytes: 'SIZE', ms: 'SECONDS', count: 'N', ratio: 'N' } as const

export const limitRows: ReadonlyMap<string, LimitOption> = new Map(limitOptions().map((row) => [row.option, row]))

/** Placeholder of the value in help. */
export function limitPlaceholder({ unit }: LimitOption): string {
  return placeholders[unit]
}

/** What help says of it. */
export function limitText(row: LimitOption): string {
  return `${row.help ?? row.reason} (default ${shown(row)})`
}

/** The value in the unit of the table: bytes (with K, M or G), or ms from seconds; or null when it is none. */
export function limitValue({ unit, most }: LimitOption, text: string): number | null {
  const found = /^(\d{1,12})([KMG]?)$/i.exec(text)
  if (found === null) return null
  const [, digits = '', suffix = ''] = found
  if (suffix !== '' && unit !== 'bytes') return null
  const scale = unit === 'ms' ? 1000 : (byteUnits[suffix.toUpperCase()] ?? 1)
  const value = Number(digits) * scale
  return value >= 1 && value <= most ? value : null
}

/** The changed bounds of a line, or what is wrong with it. */
export function readLimitOptions(values: Readonly<Record<string, unknown>>): Record<string, number> | string {
  const limits: Record<string, number> = {}
  for (const [option, row] of limitRows) {
    const text = values[option]
    if (typeof text !== 'string') continue
    const value = limitValue(row, text)
    if (value === null) return `--${option} must be ${forms[row.unit]} above 0${bound(row)}`
    limits[row.limit] = value
  }
  return limits
}

function bound(row: LimitOption): string {
  return row.most === Number.MAX_SAFE_INTEGER ? '' : `, at most ${shown({ ...row, value: row.most })}`
}

function shown({ unit, value }: LimitOption): string {
  if (unit === 'ms') return `${value / 1000} s`
  if (unit !== 'bytes') return `${value}`
  const suffix = ['G', 'M', 'K'].find((each) => value % (byteUnits[each] ?? 1) === 0) ?? ''
  return `${value / (byteUnits[suffix] ?? 1)}${suffix}`
}
