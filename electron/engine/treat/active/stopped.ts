// Stops the processes of an active object, ends them with it, or lets them go on. Every list is journaled before it is stopped.
// Owns who was stopped by us; never decides whether the object goes.
import { setTimeout as wait } from 'node:timers/promises'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { TreatmentLine } from '#shared/files/treatment-lines.ts'
import { stepDone, type TreatContext } from '../context.ts'
import type { HeldFile } from '../processes.ts'
import { processFact, runsFile } from './process-table.ts'
import { type FoundProcess, treeOf } from './process-tree.ts'
import { endExactly, isAlive, type ProcessMark, signalExactly } from './signals.ts'

type StoppedProcess = Extract<TreatmentLine, { kind: 'stopping' }>['processes'][number]

/** While one look finds new processes, a few more are worth it: what was not stopped yet may start others. */
const mostLooks = 5
const mostProcesses = 500
const stopWithinMs = 200
const lookEveryMs = 5

export class StoppedProcesses {
  readonly #context: TreatContext
  readonly #detectionId: DetectionId
  readonly #all: StoppedProcess[] = []
  /** Of an interrupted treatment: it meant to stop them, and may have let some of them go. */
  readonly #meant: readonly StoppedProcess[]
  readonly #ended = new Map<number, StoppedProcess>()

  /** `known`: those that an interrupted treatment journaled. */
  constructor(context: TreatContext, detectionId: DetectionId, known: readonly StoppedProcess[] = []) {
    this.#context = context
    this.#detectionId = detectionId
    this.#meant = known
  }

  /** Those that are gone by us. */
  get ended(): StoppedProcess[] {
    return [...this.#ended.values()]
  }

  get any(): boolean {
    return this.#all.length + this.#meant.length > 0
  }

  /** Stops everything that runs the file and may be ended, until nothing new appears. */
  async stop(file: HeldFile): Promise<void> {
    for (let look = 0; look < mostLooks; look += 1) {
      const fresh = (await treeOf(file, this.#context.ports.mayEnd)).filter(
        (found) => found.why === undefined && !this.#all.some((known) => isSame(known, found)),
      )
      if (fresh.length === 0 || this.#all.length + fresh.length > mostProcesses) return
      await this.#stopThese(fresh, file)
    }
  }

  /** Ends all of them; of those that were meant only who is still stopped. */
  async end(): Promise<void> {
    for (const process of await endExactly([...this.#meant.filter(isStopped), ...this.#all]))
      this.#ended.set(process.pid, process)
  }

  /** Those that we stopped go on. */
  letGo(): void {
    for (const process of [...this.#meant, ...this.#all])
      if (process.was === undefined) signalExactly(process, 'SIGCONT')
  }

  async #stopThese(fresh: readonly FoundProcess[], file: HeldFile): Promise<void> {
    const processes = fresh.map(({ pid, startTime, name, stopped }) => ({
      pid,
      startTime,
      name,
      ...(stopped ? { was: 'stopped' as const } : {}),
    }))
    this.#context.log.add({ kind: 'stopping', detectionId: this.#detectionId, processes })
    await stepDone(this.#context, 'stopping')
    const signalled = processes.filter((process) => signalExactly(process, 'SIGSTOP'))
    await untilStopped(signalled)
    for (const process of signalled) {
      const found = fresh.find((one) => isSame(one, process))
      // SECURITY: between the look and the stop it may have become another program; stopped it cannot.
      if (found !== undefined && isStillPart(found, file)) this.#all.push(process)
      else if (process.was === undefined) signalExactly(process, 'SIGCONT')
    }
    await stepDone(this.#context, 'stopped')
  }
}

/** A signal takes a moment; who waits for a device takes longer and runs nothing meanwhile. */
async function untilStopped(processes: readonly StoppedProcess[]): Promise<void> {
  for (
    let waited = 0;
    waited < stopWithinMs && !processes.every((process) => isStopped(process) || !isAlive(process));
    waited += lookEveryMs
  )
    await wait(lookEveryMs)
}

function isStopped(process: StoppedProcess): boolean {
  const now = processFact(process.pid)
  return now?.stopped === true && isSame(now, process)
}

function isSame(one: ProcessMark, other: ProcessMark): boolean {
  return one.pid === other.pid && one.startTime === other.startTime
}

/** It still runs the file itself, or is still a child of what does. */
function isStillPart(found: FoundProcess, file: HeldFile): boolean {
  const now = processFact(found.pid)
  if (now === undefined || !isSame(now, found)) return false
  return found.itself ? runsFile(now, file) : now.parent === found.parent
}
