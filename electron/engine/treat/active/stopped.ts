// Stops the processes of an active object, ends them with it, or lets them go on. Every list is journaled before it is stopped.
// Owns who was stopped by us; never decides whether the object goes.
import type { DetectionId } from '#shared/domain/ids.ts'
import type { TreatmentLine } from '#shared/files/treatment-lines.ts'
import { stepDone, type TreatContext } from '../context.ts'
import type { HeldFile } from '../processes.ts'
import { processFact, runsFile } from './process-table.ts'
import { type FoundProcess, treeOf } from './process-tree.ts'
import { endExactly, type ProcessMark, signalExactly } from './signals.ts'

type StoppedProcess = Extract<TreatmentLine, { kind: 'stopping' }>['processes'][number]

/** While one look finds new processes, a few more are worth it: what was not stopped yet may start others. */
const mostLooks = 5
const mostProcesses = 500

export class StoppedProcesses {
  readonly #context: TreatContext
  readonly #detectionId: DetectionId
  readonly #all: StoppedProcess[] = []
  readonly #ended = new Map<number, StoppedProcess>()

  /** `known`: those that an interrupted treatment meant to stop; what runs by now was let go, or not stopped any more. */
  constructor(context: TreatContext, detectionId: DetectionId, known: readonly StoppedProcess[] = []) {
    this.#context = context
    this.#detectionId = detectionId
    this.#all.push(...known.filter(isStopped))
  }

  /** Those that are gone by us. */
  get ended(): StoppedProcess[] {
    return [...this.#ended.values()]
  }

  get any(): boolean {
    return this.#all.length > 0
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

  /** Ends all of them. */
  async end(): Promise<void> {
    for (const process of await endExactly(this.#all)) this.#ended.set(process.pid, process)
  }

  /** Those that we stopped go on. */
  letGo(): void {
    for (const process of this.#all) if (process.was === undefined) signalExactly(process, 'SIGCONT')
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
    for (const [index, process] of processes.entries()) {
      const found = fresh[index]
      if (found === undefined || !signalExactly(process, 'SIGSTOP')) continue
      // SECURITY: between the look and the stop it may have become another program; stopped it cannot.
      if (isStillPart(found, file)) this.#all.push(process)
      else if (process.was === undefined) signalExactly(process, 'SIGCONT')
    }
    await stepDone(this.#context, 'stopped')
  }
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
