// Every bound of the scanner in one table: default, unit and the reason for it.
// Never changed while a scan runs; a limit that is hit is always reported as coverage, never swallowed.
import { ProductError } from '#shared/errors.ts'

interface LimitRow {
  readonly value: number
  readonly unit: 'bytes' | 'ms' | 'count' | 'ratio'
  readonly reason: string
}

const KiB = 1024
const MiB = 1024 * KiB
const GiB = 1024 * MiB

export const limitTable = {
  wholeFileBytes: {
    value: 256 * MiB,
    unit: 'bytes',
    reason: 'read at once, unpacked and matched as a whole; larger files go in windows',
  },
  objectBytes: { value: GiB, unit: 'bytes', reason: 'of a larger file only this much from its start is looked at' },
  windowBytes: { value: 64 * MiB, unit: 'bytes', reason: 'one piece of a large file in memory' },
  windowOverlapBytes: { value: MiB, unit: 'bytes', reason: 'a pattern across the edge of two windows is still found' },
  unpackedBytes: { value: GiB, unit: 'bytes', reason: 'all members of one file together' },
  memberBytes: { value: 256 * MiB, unit: 'bytes', reason: 'one member is held in memory as a whole' },
  extractBytes: {
    value: 256 * MiB,
    unit: 'bytes',
    reason: 'all members of one archive that 7-Zip holds in memory at once',
  },
  recursionLevels: { value: 17, unit: 'count', reason: 'real samples need 16; gz and tar are counted apart' },
  members: { value: 10_000, unit: 'count', reason: 'members of one file, all levels together' },
  timeMs: { value: 60_000, unit: 'ms', reason: 'one file, scan on demand' },
  bombRatio: { value: 1000, unit: 'ratio', reason: 'unpacked to packed; honest data stays far below' },
  bombBytes: { value: 10 * MiB, unit: 'bytes', reason: 'below this a high ratio is harmless (sparse or empty data)' },
  patternTimeMs: { value: 30_000, unit: 'ms', reason: 'one pattern scan; the process watchdog stands behind it' },
  patternMatches: { value: 64, unit: 'count', reason: 'matches kept of one pattern; a million of them take 640 MB' },
  findings: { value: 200, unit: 'count', reason: 'findings of one file in a report' },
  notScanned: { value: 50, unit: 'count', reason: 'members named in one report as not scanned' },
} as const satisfies Record<string, LimitRow>

export type Limits = { readonly [Name in keyof typeof limitTable]: number }

/** The defaults of the table with the given ones put in their place. */
export function limitsWith(changes: Partial<Limits> = {}): Limits {
  const names = Object.keys(limitTable) as (keyof Limits)[]
  return Object.fromEntries(names.map((name) => [name, changes[name] ?? limitTable[name].value])) as Limits
}

/** Changed bounds by name, as they come in a configuration. Throws ProductError `bad-request` for a name that is none. */
export function readLimits(given: Readonly<Record<string, number>>): Partial<Limits> {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(limitTable, name))
  if (unknown !== undefined) throw new ProductError('bad-request', unknown)
  return given
}
