// Every bound of the scanner in one table: default, unit and the reason for it, and where file protection has another one.
// Never changed while a scan runs; a limit that is hit is always reported as coverage, never swallowed.
import type { ObjectLook } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'

interface LimitRow {
  /** Scan on demand; also file protection, where it has no value of its own. */
  readonly value: number
  /** File protection: somebody waits for the file, and the next one is there already. */
  readonly realTime?: number
  /** File protection where files from outside arrive, if other than elsewhere. */
  readonly download?: number
  readonly unit: 'bytes' | 'ms' | 'count' | 'ratio'
  readonly reason: string
  /** Option of the command line that changes it; without one it is ours to decide. */
  readonly option?: `max-${string}`
  /** What the option does, where the reason does not say it. */
  readonly help?: string
  /** More than this is refused. */
  readonly most?: number
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
  objectBytes: {
    value: GiB,
    unit: 'bytes',
    reason: 'of a larger file only this much from its start is looked at',
    option: 'max-file-size',
  },
  windowBytes: { value: 64 * MiB, unit: 'bytes', reason: 'one piece of a large file in memory' },
  windowOverlapBytes: { value: MiB, unit: 'bytes', reason: 'a pattern across the edge of two windows is still found' },
  unpackedBytes: {
    value: GiB,
    realTime: 256 * MiB,
    unit: 'bytes',
    reason: 'all members of one file together',
    option: 'max-unpacked-size',
    help: 'unpack so much of one file, all its members together',
  },
  memberBytes: {
    value: 256 * MiB,
    unit: 'bytes',
    reason: 'one member is held in memory as a whole',
    option: 'max-member-size',
    help: 'look at members up to this size',
    most: GiB,
  },
  extractBytes: {
    value: 256 * MiB,
    unit: 'bytes',
    reason: 'all members of one archive that 7-Zip holds in memory at once',
  },
  recursionLevels: {
    value: 17,
    unit: 'count',
    reason: 'real samples need 16; gz and tar are counted apart',
    option: 'max-recursion',
    help: 'open containers in containers down to this depth',
    most: 64,
  },
  members: {
    value: 10_000,
    unit: 'count',
    reason: 'members of one file, all levels together',
    option: 'max-members',
    help: 'look at so many members of one file, all levels together',
    most: 10_000_000,
  },
  timeMs: {
    value: 60_000,
    realTime: 10_000,
    unit: 'ms',
    reason: 'one file',
    option: 'max-time',
    help: 'time for one file; what is not looked at by then is told',
    most: 100_000,
  },
  archives: {
    value: 1,
    realTime: 0,
    download: 1,
    unit: 'count',
    reason: '1 = archives are opened; nothing in one can run before it is unpacked, and then that is looked at',
    most: 1,
  },
  nestedBytes: {
    value: 512 * MiB,
    unit: 'bytes',
    reason: 'held at once by archives that lie in each other while their members are looked at',
  },
  carriedContents: { value: 64, unit: 'count', reason: 'archives, programs and documents carried by one content' },
  carriedMarks: {
    value: 10_000,
    unit: 'count',
    reason: 'of one kind that begin nothing: more of them are there to take time',
  },
  scriptBytes: { value: 16 * MiB, unit: 'bytes', reason: 'all modules of an Office project, or one script of a PDF' },
  bombRatio: { value: 1000, unit: 'ratio', reason: 'unpacked to packed; honest data stays far below' },
  bombBytes: { value: 10 * MiB, unit: 'bytes', reason: 'below this a high ratio is harmless (sparse or empty data)' },
  patternTimeMs: { value: 30_000, unit: 'ms', reason: 'one pattern scan; the process watchdog stands behind it' },
  patternMatches: { value: 64, unit: 'count', reason: 'matches kept of one pattern; a million of them take 640 MB' },
  findings: { value: 200, unit: 'count', reason: 'findings of one file in a report' },
  notScanned: { value: 50, unit: 'count', reason: 'members named in one report as not scanned' },
} as const satisfies Record<string, LimitRow>

export type Limits = { readonly [Name in keyof typeof limitTable]: number }

/** The defaults of the table with the given ones put in their place. File protection never has more than either says. */
export function limitsWith(changes: Partial<Limits> = {}, look: ObjectLook = 'on-demand'): Limits {
  const names = Object.keys(limitTable) as (keyof Limits)[]
  const limits = Object.fromEntries(
    names.map((name) => {
      const { value, ...columns } = rowOf(name)
      const given = changes[name] ?? value
      return [name, Math.min(given, ownOf(columns, look) ?? given)]
    }),
  ) as Limits
  // What is longer than may be looked at goes in windows, whatever its size, for those know how to stop.
  return { ...limits, wholeFileBytes: Math.min(limits.wholeFileBytes, limits.objectBytes) }
}

/** Changed bounds by name, as they come in a configuration. Throws ProductError `bad-request` for what is none. */
export function readLimits(given: Readonly<Record<string, number>>): Partial<Limits> {
  for (const [name, value] of Object.entries(given)) {
    const row = Object.hasOwn(limitTable, name) ? rowOf(name as keyof Limits) : undefined
    if (row === undefined || value > (row.most ?? Number.MAX_SAFE_INTEGER)) throw new ProductError('bad-request', name)
  }
  return given
}

export interface LimitOption {
  readonly limit: keyof Limits
  readonly option: string
  readonly unit: LimitRow['unit']
  readonly value: number
  readonly most: number
  readonly reason: string
  readonly help?: string
}

/** The bounds that a person may change, in the order of the table. */
export function limitOptions(): LimitOption[] {
  return (Object.keys(limitTable) as (keyof Limits)[]).flatMap((limit) => {
    const { option, most = Number.MAX_SAFE_INTEGER, ...row } = rowOf(limit)
    return option === undefined ? [] : [{ limit, option, most, ...row }]
  })
}

/** The column of a look, where it has one. */
function ownOf({ realTime, download }: Omit<LimitRow, 'value'>, look: ObjectLook): number | undefined {
  if (look === 'on-demand') return undefined
  return look === 'real-time' ? realTime : (download ?? realTime)
}

function rowOf(name: keyof Limits): LimitRow {
  return limitTable[name]
}
