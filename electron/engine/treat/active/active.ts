// An active object treated as one unit: its processes are stopped, its autostart entries removed, the file dealt with, the
// processes ended, and everything looked at once more. When the file stays, all of it is undone.
// Owns the order of these steps; the file itself is somebody else's (carry-out.ts).
import type { TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import type { TreatmentLine } from '#shared/files/treatment-lines.ts'
import { toBytes } from '../../files/path-text.ts'
import { StepAborted, stepDone, type TreatContext } from '../context.ts'
import { isModuleFile } from '../obstacles/kernel-module.ts'
import type { HeldFile } from '../processes.ts'
import { Besides, isEntryLine, quietly } from './besides.ts'
import { heldFileOf, moduleOf } from './plan.ts'
import { StoppedProcesses } from './stopped.ts'
import { actsOf } from './texts.ts'

/** The steps that the treatment of the file has to call in between. */
export interface Active {
  /** After the copy of the file is stored. May be called again. */
  removeEntries(): Promise<void>
  /** After the file was moved away, before anybody asks who still holds it. */
  endProcesses(): Promise<void>
  /** True when a line was taken out that made every program load the file. */
  wasPreloaded(): boolean
  /** Once more, while the removed file is still open: what started or was written meanwhile. */
  lookAgain(): Promise<void>
}

/** True when the object is what runs, not something in a container; a compressed kernel module is loaded as it is. */
export function isItself({ object }: TreatmentOrder): boolean {
  return object.findings.some(({ member }) => member.length === 0) || isModuleFile(toBytes(object.path))
}

/** Treats the file by `act`, and with it everything that is active because of it. Throws what `act` throws. */
export async function treatActive(
  context: TreatContext,
  order: TreatmentOrder,
  act: (active: Active) => Promise<TreatmentOutcome>,
): Promise<TreatmentOutcome> {
  const unit = new ActiveUnit(context, order)
  try {
    await unit.stop()
    const outcome = await act(unit)
    return isDealtWith(outcome) ? await unit.finish(outcome) : await unit.undo(outcome)
  } catch (error) {
    if (!(error instanceof StepAborted)) await unit.undo(undefined)
    throw error
  }
}

/** The same for a treatment that a crash interrupted. */
export interface InterruptedActive {
  endProcesses(): Promise<void>
  /** `outcome`: how the file was settled; undefined: it is as it was. Gives it back with what was done besides. */
  settle(outcome: TreatmentOutcome | undefined): Promise<TreatmentOutcome | undefined>
}

/** `lines`: those of the journal since the order was begun last. */
export function resumeActive(
  context: TreatContext,
  order: TreatmentOrder,
  lines: readonly TreatmentLine[],
): InterruptedActive {
  const unit = new ActiveUnit(context, order, lines)
  const isDone = lines.some((line) => line.kind === 'besides-done')
  return {
    endProcesses: () => unit.endProcesses(),
    settle: async (outcome) => {
      if (outcome !== undefined && isDealtWith(outcome)) return unit.finishInterrupted(outcome)
      if (isDone) await unit.finishInterrupted(undefined)
      else await unit.undo(undefined)
      return outcome
    },
  }
}

/** The file is gone from where it could start, or cannot be moved before a restart. */
function isDealtWith({ status }: TreatmentOutcome): boolean {
  return status === 'deleted' || status === 'disinfected' || status === 'at-restart'
}

class ActiveUnit implements Active {
  readonly #context: TreatContext
  readonly #order: TreatmentOrder
  readonly #file: HeldFile
  readonly #processes: StoppedProcesses
  readonly #besides: Besides
  #hasLookedAgain = false
  /** The kernel module that was loaded from the file. */
  #module: string | undefined

  constructor(context: TreatContext, order: TreatmentOrder, lines: readonly TreatmentLine[] = []) {
    this.#context = context
    this.#order = order
    this.#file = heldFileOf(order.object)
    const stopped = lines.flatMap((line) => (line.kind === 'stopping' ? line.processes : []))
    const entries = lines.flatMap((line) => (isEntryLine(line) ? [line] : []))
    this.#processes = new StoppedProcesses(context, order.detectionId, stopped)
    this.#besides = new Besides(context, order, entries)
  }

  stop(): Promise<void> {
    return this.#processes.stop(this.#file)
  }

  async removeEntries(): Promise<void> {
    this.#module ??= await moduleOf(this.#context.ports.machine, this.#order)
    await this.#besides.remove({ path: toBytes(this.#order.object.path), inode: this.#file, module: this.#module })
  }

  wasPreloaded(): boolean {
    return this.#besides.wasPreloaded
  }

  async endProcesses(): Promise<void> {
    await this.#processes.end()
    if (this.#processes.any) await stepDone(this.#context, 'ended')
  }

  /** Where nothing was active nothing can have come back. What goes wrong here does not undo what is done. */
  async lookAgain(): Promise<void> {
    if (this.#hasLookedAgain || !(this.#processes.any || this.#besides.any)) return
    this.#hasLookedAgain = true
    await quietly(async () => {
      await this.stop()
      await this.removeEntries()
      await this.endProcesses()
    })
  }

  async finish(outcome: TreatmentOutcome): Promise<TreatmentOutcome> {
    await this.endProcesses()
    await this.lookAgain()
    return this.#finish(outcome)
  }

  /** The inode may belong to another file by now: entries are looked for by the place alone, processes not at all. */
  async finishInterrupted(outcome: TreatmentOutcome | undefined): Promise<TreatmentOutcome | undefined> {
    await this.endProcesses()
    await this.#besides.finish()
    if (outcome === undefined) return undefined
    await quietly(() => this.#besides.remove({ path: toBytes(this.#order.object.path) }))
    return this.#finish(outcome)
  }

  /** Everything goes on as before; what was ended or changed by others cannot be brought back, and is said. */
  async undo<T extends TreatmentOutcome | undefined>(outcome: T): Promise<T> {
    await this.#besides.undo()
    this.#processes.letGo()
    return outcome === undefined ? outcome : this.#withActs(outcome)
  }

  async #finish(outcome: TreatmentOutcome): Promise<TreatmentOutcome> {
    if (this.#besides.any) {
      await quietly(async () => {
        this.#context.log.add({ kind: 'besides-done', detectionId: this.#order.detectionId })
        await stepDone(this.#context, 'besides-done')
      })
    }
    await this.#besides.finish()
    return this.#withActs(outcome)
  }

  #withActs<T extends TreatmentOutcome>(outcome: T): T {
    const acts = actsOf(this.#processes.ended, this.#besides.removed, this.#besides.left)
    return acts === undefined || !('status' in outcome) || !takesActs(outcome) ? outcome : { ...outcome, acts }
  }
}

function takesActs({ status }: TreatmentOutcome): boolean {
  return status === 'disinfected' || status === 'deleted' || status === 'at-restart' || status === 'failed'
}
