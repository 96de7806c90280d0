// Leads a treatment through what stands in its way: asks the table what it is, journals what is done about it, tries again, and
// puts everything back afterwards that was cleared for it. Never treats the object itself.
import type { RestartReason, TreatmentOutcome } from '#shared/domain/treatment.ts'
import type { ObstacleAct } from '#shared/files/treatment-lines.ts'
import { errnoOf } from '../../files/fs-errors.ts'
import { StepAborted, stepDone, type TreatContext } from '../context.ts'
import { openTarget, type Target } from '../target.ts'
import { forbiddingFlags } from './flags.ts'
import { mountedOver } from './mounted-over.ts'
import { noRights } from './no-rights.ts'
import type { Answer, Clearing, Obstacle, Stop } from './obstacle.ts'
import { putBackCleared } from './put-back.ts'
import { readOnlyVolume } from './read-only.ts'
import { swapFile } from './swap-file.ts'

/** The first that recognises what stands in the way answers. */
const table: readonly Obstacle[] = [forbiddingFlags, swapFile, readOnlyVolume, mountedOver, noRights]

/** Several may stand one behind the other: mounts on mounts, a flag on file and folder. */
const mostCleared = 8

/** Only a restart takes away what keeps the object. */
export class WaitsForRestart extends Error {
  readonly reason: RestartReason

  constructor(reason: RestartReason) {
    super(`waits for a restart: ${reason}`)
    this.name = 'WaitsForRestart'
    this.reason = reason
  }
}

/**
 * Acts, and again after each obstacle that was cleared; the target is closed then. `act` leaves the object as it was when it throws an errno error.
 * Throws what `act` throws, ProductError `needs-administrator`, `read-only-volume` or `no-permission`, or WaitsForRestart.
 */
export async function throughObstacles(
  context: TreatContext,
  target: Target,
  act: (target: Target) => Promise<TreatmentOutcome>,
): Promise<TreatmentOutcome> {
  const cleared: ObstacleAct[] = []
  let now = target
  let isAborted = false
  try {
    for (;;) {
      try {
        return await act(now)
      } catch (error) {
        const answer = error instanceof StepAborted ? undefined : answerTo(context, now, error)
        if (answer === undefined || cleared.length >= mostCleared) throw error
        if (answer.kind !== 'clear') throw errorOf(answer)
        cleared.push(answer.act)
        await clear(context, now, answer)
        if (answer.reopen) now = await reopened(now, target)
      }
    }
  } catch (error) {
    isAborted = error instanceof StepAborted
    throw error
  } finally {
    // A file system is made read-only only when no removed file is open on it any more.
    now.close()
    target.close()
    // A crash puts nothing back: the next start does.
    if (!isAborted) await putBackCleared(context.ports.machine, target.order, cleared)
  }
}

function answerTo({ ports }: TreatContext, target: Target, error: unknown): Answer | undefined {
  const errno = errnoOf(error) ?? (error instanceof Error ? errnoOf(error.cause) : undefined)
  if (errno === undefined) return undefined
  const { machine } = ports
  for (const obstacle of table) {
    const answer = obstacle({ errno, target, machine })
    if (answer !== undefined) return answer
  }
  return undefined
}

async function clear(context: TreatContext, target: Target, { act, clear, otherwise }: Clearing): Promise<void> {
  context.log.add({ kind: 'clearing', detectionId: target.order.detectionId, act })
  await stepDone(context, 'clearing')
  try {
    clear()
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    throw errorOf(otherwise)
  }
  await stepDone(context, 'cleared')
}

/** The object as it lies there now; its content was checked again. */
async function reopened(before: Target, first: Target): Promise<Target> {
  const { order } = before
  if (before !== first) before.close()
  return openTarget(order)
}

function errorOf(stop: Stop): Error {
  return stop.kind === 'failed' ? stop.error : new WaitsForRestart(stop.reason)
}
