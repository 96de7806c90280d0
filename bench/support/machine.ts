// What else the machine is doing, and what a tree of processes costs. Reads /proc, so Linux only.
import { readdirSync, readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import type { Surroundings } from './figures.ts'
import { pause } from './wait.ts'

const quietLoad = 1.5
const quietBusyPercent = 15

/** Waits until the machine is quiet, at most `limitMs`; gives what it was like at the end. */
export async function whenQuiet(limitMs: number): Promise<Surroundings> {
  const until = Date.now() + limitMs
  for (;;) {
    const around = { load: loadavg()[0] ?? 0, busyPercent: await busyPercent(1000) }
    const quiet = around.load < quietLoad && around.busyPercent < quietBusyPercent
    if (quiet || Date.now() > until) return around
    await pause(4000)
  }
}

async function busyPercent(overMs: number): Promise<number> {
  const before = coreTicks()
  await pause(overMs)
  const after = coreTicks()
  return (100 * (after.busy - before.busy)) / Math.max(1, after.all - before.all)
}

function coreTicks(): { busy: number; all: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const ticks = line.split(/\s+/).slice(1, 9).map(Number)
  const all = ticks.reduce((sum, tick) => sum + tick, 0)
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all }
}

/** The process and everything below it that lives now. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? Number(statFields(Number(name))?.[1]) : Number.NaN
    if (!Number.isNaN(parent)) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const found = [root]
  // The list grows while it is walked.
  for (const pid of found) found.push(...(children.get(pid) ?? []))
  return found
}

/** Memory of the tree in MiB; pages that several processes share count once in all. */
export function memoryMiB(root: number): number {
  let kilobytes = 0
  for (const pid of processTree(root)) {
    const line = /^Pss:\s+(\d+)/m.exec(readIfThere(`/proc/${pid}/smaps_rollup`))
    kilobytes += Number(line?.[1] ?? 0)
  }
  return kilobytes / 1024
}

/** Share of one core that the tree uses over this time, in percent. */
export async function cpuPercent(root: number, overMs: number): Promise<number> {
  const before = cpuSeconds(root)
  const started = performance.now()
  await pause(overMs)
  return (100 * (cpuSeconds(root) - before)) / ((performance.now() - started) / 1000)
}

/** CPU seconds of all threads of the tree that live now; finer than the ticks of /proc/PID/stat. */
export function cpuSeconds(root: number): number {
  let nanoseconds = 0
  for (const pid of processTree(root)) {
    for (const thread of namesIn(`/proc/${pid}/task`)) {
      nanoseconds += Number(readIfThere(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0])
    }
  }
  return nanoseconds / 1e9
}

/** The fields of /proc/PID/stat from the state on; null for a process that is gone. */
function statFields(pid: number): string[] | null {
  const text = readIfThere(`/proc/${pid}/stat`)
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
