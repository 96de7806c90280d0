// Lets chosen calls of the file system fail in this very process, as on a volume that dies. Used by tests only.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import { linuxCalls } from '../../files/linux-calls.ts'

/** `name`: the last part of the path that is acted on; `to`: of the new one. `done`: it is done all the same, and only said to fail. */
export type Failure = (call: string, name: string, to: string) => 'fails' | 'done' | undefined

const failable = [
  'unlinkSync',
  'renameSync',
  'linkSync',
  'fsyncSync',
  'writeSync',
] as const satisfies readonly (keyof typeof fs)[]

type Call = (...args: unknown[]) => unknown

/** Fails with EIO from here on. Gives the way back, which must be called. */
export function failing(failure: Failure): () => void {
  const backs = [replaceIn(fs as unknown as Record<string, Call>, failable, failure)]
  const calls = linuxCalls() as unknown as Record<string, Call> | undefined
  if (calls !== undefined) backs.push(replaceIn(calls, ['renameNoReplace'], failure))
  syncBuiltinESMExports()
  return () => {
    for (const back of backs) back()
    syncBuiltinESMExports()
  }
}

function replaceIn(table: Record<string, Call>, names: readonly string[], failure: Failure): () => void {
  const real = names.flatMap((name) => (table[name] === undefined ? [] : [[name, table[name]] as const]))
  for (const [name, call] of real) {
    table[name] = (...args) => {
      const how = failure(name, nameOf(args[0]), nameOf(args[1]))
      const result = how === 'fails' ? undefined : call(...args)
      if (how === undefined) return result
      throw Object.assign(new Error(`EIO: ${name}`), { code: 'EIO' })
    }
  }
  return () => {
    for (const [name, call] of real) table[name] = call
  }
}

/** Of a path, or of a name in a folder. */
function nameOf(place: unknown): string {
  if (typeof place === 'object' && place !== null && 'name' in place) return String(place.name)
  return typeof place === 'string' || Buffer.isBuffer(place) ? basename(place.toString()) : ''
}
