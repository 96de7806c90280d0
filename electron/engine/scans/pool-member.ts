// One scan thread as the pool sees it, and who is to blame when one of them ends the process.
// Never gives a thread work.
import { Worker } from 'node:worker_threads'
import type { ObjectDeaths } from './object-deaths.ts'
import { clearSlot, markTimeout } from './slot.ts'
import {
  cell,
  controlCells,
  type Delivery,
  type FromWorker,
  reading,
  type ToWorker,
  type WorkerBatch,
  type WorkerSetup,
} from './worker-protocol.ts'

/** A running scan as the pool sees it. */
export interface BatchSource {
  /** Share of its time a worker may be busy with this scan, in thousandths. */
  duty(): number
  /** The next files for a worker; null when there are none now. */
  take(worker: number): WorkerBatch | null
  /** Results in order; after `ended` the paths without a result come back to the source. */
  deliver(batch: WorkerBatch, delivery: Delivery): void
}

export interface Member {
  readonly worker: Worker
  readonly control: Int32Array
  readonly objectSlotFile: string
  batch: WorkerBatch | null
  source: BatchSource | null
  /** Single objects that it was given and has not answered. */
  objects: number
}

export interface MemberEvents {
  readonly onMessage: (message: FromWorker) => void
  /** The thread is gone. */
  readonly onDeath: (reason: string) => void
}

/** Starts the thread. */
export function startMember(
  workerFile: string,
  index: number,
  deaths: ObjectDeaths,
  { onMessage, onDeath }: MemberEvents,
): Member {
  const memory = new SharedArrayBuffer(controlCells * 4)
  const objectSlotFile = deaths.slotFile(index)
  const setup: WorkerSetup = { index, control: memory, objectSlotFile }
  const worker = new Worker(workerFile, { workerData: setup })
  worker.on('message', onMessage)
  worker.on('error', (error) => onDeath(`worker ${index}: ${error.message}`))
  worker.on('exit', (code) => onDeath(`worker ${index} ended with ${code}`))
  return { worker, control: new Int32Array(memory), objectSlotFile, batch: null, source: null, objects: 0 }
}

export function tell(member: Member, message: ToWorker): void {
  member.worker.postMessage(message)
}

export function leastBusy(members: readonly Member[]): Member {
  const load = (member: Member) => member.objects * 2 + (member.batch ? 1 : 0)
  return members.reduce((best, member) => (load(member) < load(best) ? member : best))
}

/**
 * One thread ends the process: what the others read is not to blame, nor what this one had put aside for a single object.
 * `isTimeout`: it hangs.
 */
export function blame(members: readonly Member[], guilty: Member, isTimeout: boolean): void {
  const isObject = Atomics.load(guilty.control, cell.reading) === reading.object
  for (const member of members) {
    for (const file of slotsOf(member)) {
      if (member !== guilty || (file === member.objectSlotFile) !== isObject) quietly(() => clearSlot(file))
      else if (isTimeout) quietly(() => markTimeout(file))
    }
  }
}

function slotsOf({ batch, objectSlotFile }: Member): string[] {
  return batch === null ? [objectSlotFile] : [batch.slotFile, objectSlotFile]
}

/** A slot that was never written to is not there. */
function quietly(act: () => void): void {
  try {
    act()
  } catch {
    return
  }
}
