// Starts harmless programs for tests and waits until the kernel shows what they run. Every one is ended by `endAll`, with all that
// it has started.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

const children: ChildProcess[] = []

/** Starts a program; its process id once it has replaced our own image. */
export async function run(program: string, args: readonly string[], cwd?: string): Promise<number> {
  const child = spawn(program, args, { stdio: 'ignore', detached: true, ...(cwd === undefined ? {} : { cwd }) })
  children.push(child)
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} did not start`)
  await until(() => commandLine(pid).includes('\0') && !commandLine(pid).includes('vitest'))
  return pid
}

export function endAll(): void {
  for (const { pid } of children.splice(0)) if (pid !== undefined) endGroup(pid)
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // All of them have ended already.
  }
}

/** True while a signal keeps it from running. */
export function isStopped(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
}

/** The children of a process, once there are so many. */
export async function childrenOf(pid: number, count = 1): Promise<number[]> {
  const list = (): number[] => numbers(`/proc/${pid}/task/${pid}/children`)
  await until(() => list().length >= count)
  return list()
}

export async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !done(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(done()).toBe(true)
}

function numbers(file: string): number[] {
  return read(file).split(' ').filter(Boolean).map(Number)
}

function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
