// Which of many objects run now, by one look at all processes: a quick question before plans are made of the few that do.
// Never changes anything.
import { setImmediate as turn } from 'node:timers/promises'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { heldFileOf } from './plan.ts'
import { allProcesses, runsFile } from './process-table.ts'

/** The positions of those that a process runs, as its program or as its script. */
export async function activeAmong(objects: readonly DetectedObject[]): Promise<number[]> {
  const processes = await allProcesses()
  const active: number[] = []
  for (const [index, object] of objects.entries()) {
    const file = heldFileOf(object)
    if (processes.some((process) => runsFile(process, file))) active.push(index)
    await turn()
  }
  return active
}
