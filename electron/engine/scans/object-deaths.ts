// Single objects over which the engine process died, kept over its restarts: which one it was, and how often.
// An object is known by what it is (device, inode, size, times), so that any change of it is another object.
// Never decides what is told about it.
import {
  type BigIntStats,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { writeAtomically } from '../files/atomic-write.ts'
import { type DeathCause, readSlot } from './slot.ts'

const Death = z.strictObject({
  times: z.number().int(),
  cause: z.enum(['engine-crash', 'engine-timeout']),
  /** Of the last one, in ms since 1970. */
  at: z.number(),
})
const DeathsFile = z.strictObject({ version: z.literal(1), objects: z.record(z.string().max(200), Death) })
type Objects = z.infer<typeof DeathsFile>['objects']

/** `suspect`: it was being read at one death, so it is to be read alone. A cause: it is not to be read again. */
export type ObjectRecord = 'unknown' | 'suspect' | DeathCause

export interface ObjectDeaths {
  /** Where a worker of this process notes what it reads. */
  slotFile(worker: number): string
  of(key: string): ObjectRecord
}

/** A process that dies this often over one object does so because of it. */
const deathsToGiveUp = 2
const keptMs = 7 * 24 * 3_600_000
const mostKept = 500
const slotName = /^slot-(\d+)-\d+$/

/** Counts what earlier processes left in their slots. Throws nothing: without the folder nothing is known. */
export function openObjectDeaths(dataDir: string, log: (line: string) => void): ObjectDeaths {
  const folder = path.join(dataDir, 'object-checks')
  let objects: Objects = {}
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    objects = counted(folder)
  } catch (error) {
    log(`deaths over single objects not counted: ${error instanceof Error ? error.message : 'unknown'}`)
  }
  return {
    slotFile: (worker) => path.join(folder, `slot-${process.pid}-${worker}`),
    of: (key) => {
      const death = Object.hasOwn(objects, key) ? objects[key] : undefined
      if (death === undefined) return 'unknown'
      return death.times >= deathsToGiveUp ? death.cause : 'suspect'
    },
  }
}

/** What the file at this path is known by; null when it cannot be told. */
export function keyOfPath(file: Buffer): string | null {
  return keyOr(() => {
    const stat = lstatSync(file, { bigint: true })
    return `${nameOf(stat)}:${stat.ctimeNs}`
  })
}

/** The same for a descriptor. Treatment renames what it works on, so the time of that does not count. */
export function keyOfOpen(fd: number): string | null {
  return keyOr(() => `open:${nameOf(fstatSync(fd, { bigint: true }))}`)
}

function keyOr(make: () => string): string | null {
  try {
    return make()
  } catch {
    return null
  }
}

function nameOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}`
}

/** The deaths of before and those that the slots tell of, which are written down and then removed. */
function counted(folder: string): Objects {
  const file = path.join(folder, 'deaths.json')
  const objects = readDeaths(file)
  const slots = readdirSync(folder).filter(isLeft)
  for (const name of slots) {
    const record = readSlot(path.join(folder, name))
    if (record === null) continue
    const key = record.path.toString('latin1')
    objects[key] = { times: (objects[key]?.times ?? 0) + 1, cause: record.cause, at: Date.now() }
  }
  const kept = Object.entries(objects)
    .filter(([, { at }]) => Date.now() - at < keptMs)
    .sort(([, one], [, other]) => other.at - one.at)
    .slice(0, mostKept)
  const known = Object.fromEntries(kept)
  if (slots.length > 0) writeAtomically(file, JSON.stringify({ version: 1, objects: known }))
  for (const name of slots) rmSync(path.join(folder, name))
  return known
}

function readDeaths(file: string): Objects {
  if (!existsSync(file)) return {}
  try {
    return DeathsFile.parse(JSON.parse(readFileSync(file, 'utf8'))).objects
  } catch {
    return {}
  }
}

/** A slot of a process that is gone. One of our own number is an earlier process's: we have not begun yet. */
function isLeft(name: string): boolean {
  const pid = slotName.exec(name)?.[1]
  return pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
