// Ends what a test began, all of it, whatever fails on the way. Owns the processes that specs start by themselves: none of them
// outlives its worker.
import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'

const running = new Set<ChildProcess>()

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** The same process, ended with the worker at the latest. */
export function endedWithWorker<T extends ChildProcess>(child: T): T {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Runs every step, whatever became of the one before; then fails with the first failure. */
export async function endAll(...steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}

/** Chromium's helpers end after the app, and may write a last file meanwhile. */
export function removeFolder(folder: string | undefined): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
}
