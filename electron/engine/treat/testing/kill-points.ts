// Ends this very process at a chosen change of the file system: after the nth one, or in the middle of it where it is a write.
// Owns the list of calls that change something. Used by programs that tests start and let die; never by the product.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { linuxCalls } from '../../files/linux-calls.ts'

/** `at`: the change to die at, from 1; 0 = never. `half`: a write is done to its half only. */
export interface KillPoint {
  readonly at: number
  readonly half: boolean
}

export interface Change {
  readonly call: string
  /** True for a write, which can be done by half. */
  readonly divisible: boolean
}

/** The calls of node:fs that change something on disk, or put it there. */
const changing = [
  'openSync',
  'writeSync',
  'ftruncateSync',
  'fsyncSync',
  'renameSync',
  'linkSync',
  'symlinkSync',
  'unlinkSync',
  'rmSync',
  'mkdirSync',
  'rmdirSync',
  'fchmodSync',
  'fchownSync',
  'futimesSync',
  'chmodSync',
  'chownSync',
  'writeFileSync',
  'appendFileSync',
] as const satisfies readonly (keyof typeof fs)[]

type Call = (...args: unknown[]) => unknown

/** From here on changes are counted, and the process ends at the chosen one. Gives the list, which grows. */
export function dieAt(point: KillPoint): readonly Change[] {
  const changes: Change[] = []
  const counted = (name: string, real: Call): Call => {
    return (...args) => {
      if (name === 'openSync' && !opensToChange(args[1])) return real(...args)
      const divisible = name === 'writeSync' && args[1] instanceof Uint8Array
      changes.push({ call: name, divisible })
      const isLast = changes.length === point.at
      if (isLast && point.half && divisible) {
        real(...firstHalf(args))
        die()
      }
      try {
        return real(...args)
      } finally {
        // Also where the system refused the change.
        if (isLast) die()
      }
    }
  }
  replaceIn(fs as unknown as Record<string, Call>, changing, counted)
  syncBuiltinESMExports()
  const calls = linuxCalls() as unknown as Record<string, Call> | undefined
  // Every call of that table changes something, but for those that only ask.
  if (calls !== undefined)
    replaceIn(
      calls,
      Object.keys(calls).filter((name) => !asking.has(name)),
      counted,
    )
  return changes
}

const asking: ReadonlySet<string> = new Set(['attributes', 'flags', 'openProcess'])

function replaceIn(
  table: Record<string, Call>,
  names: readonly string[],
  counted: (name: string, real: Call) => Call,
): void {
  for (const name of names) {
    const real = table[name]
    if (real !== undefined) table[name] = counted(name, real)
  }
}

function opensToChange(flags: unknown): boolean {
  return typeof flags === 'number' && (flags & (fs.constants.O_CREAT | fs.constants.O_TRUNC)) !== 0
}

/** `writeSync(fd, bytes, offset, length, position)`. */
function firstHalf([fd, bytes, offset, length, position]: unknown[]): unknown[] {
  const from = typeof offset === 'number' ? offset : 0
  const whole = typeof length === 'number' ? length : (bytes as Uint8Array).length - from
  return [fd, bytes, from, Math.floor(whole / 2), position]
}

/** As a power cut or the kernel's out-of-memory killer would: nothing of ours runs afterwards. */
function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // The signal comes before the next line of JavaScript; this is for the compiler.
  throw new Error('still alive')
}
