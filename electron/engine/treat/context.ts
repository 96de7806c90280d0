// What every step of a treatment needs, in one value; and the hook through which tests end a treatment at any step.
// Never acts.
import type { DetectedObject, Finding } from '#shared/domain/object-report.ts'
import type { CureRecipe } from '#shared/files/cure-recipe.ts'
import type { Vault } from '../quarantine/vault.ts'
import type { AutostartPort } from './active/autostart/port.ts'
import type { Elevation } from './elevation/pkexec.ts'
import type { Guard } from './guard.ts'
import type { Machine } from './obstacles/machine.ts'
import type { PendingList } from './pending.ts'
import type { TreatmentLog } from './treatment-log.ts'

/** What a second look says; `container` is left out for what is none. */
export type Rescanned = Pick<DetectedObject, 'findingsComplete' | 'coverage' | 'container'> & {
  readonly findings: readonly Finding[]
}

/** Looks at an open file with the databases in use. Null: nothing can be said about it. */
export type Rescan = (fd: number) => Promise<Rescanned | null>

export interface TreatPorts {
  /** Changes exactly when the machine restarts. */
  bootToken(): string
  /** True when this process may be ended; asked only about those that run the treated file, and what they started. */
  mayEnd(pid: number): boolean
  now(): Date
  readonly guard: Guard
  readonly machine: Machine
  readonly autostart: AutostartPort
  /** The way to more rights; absent: there is none. */
  readonly elevation?: Elevation
  /** Called after each named step; what it throws ends the treatment there, as a crash would. For tests. */
  readonly onStep?: (name: StepName) => void | Promise<void>
}

export type StepName =
  | 'intent'
  | 'opened'
  | 'storing'
  | 'stored'
  | 'stopping'
  | 'stopped'
  | 'entry-planned'
  | 'entry-stored'
  | 'entry-written'
  | 'entry-changed'
  | 'ended'
  | 'besides-done'
  | 'elevating'
  | 'clearing'
  | 'cleared'
  | 'defusing'
  | 'defused'
  | 'lock-planned'
  | 'locked'
  | 'cure-planned'
  | 'cured-written'
  | 'cured-rescanned'
  | 'grab-planned'
  | 'grabbed'
  | 'verified'
  | 'cured-placed'
  | 'removing'
  | 'holders'
  | 'removed'
  | 'outcome'

export interface TreatContext {
  readonly dataDir: string
  /** Where copies are kept. */
  readonly vault: Pick<Vault, 'put' | 'verify' | 'delete' | 'hold' | 'release'>
  readonly rescan: Rescan
  /** For disinfection, of the databases in use. */
  readonly recipes: () => readonly CureRecipe[]
  readonly ports: TreatPorts
  readonly log: TreatmentLog
  readonly pending: PendingList
}

/** A treatment ended in the middle: nothing may be undone here, recovery does it. */
export class StepAborted extends Error {
  constructor(where: string, cause: unknown) {
    super(`treatment ended at ${where}`, { cause })
    this.name = 'StepAborted'
  }
}

/**
 * What was begun can be neither finished nor undone now, or nobody can tell what is there: the object may be away from its name.
 * Its copy stays, the order stays open, and recovery tries again at every start and from time to time.
 */
export class Unfinished extends StepAborted {
  constructor(cause: unknown) {
    super('an act that could not be taken back', cause)
    this.name = 'Unfinished'
  }
}

/** Marks a step as done. Throws StepAborted when the hook throws. */
export async function stepDone(context: TreatContext, name: StepName): Promise<void> {
  try {
    await context.ports.onStep?.(name)
  } catch (error) {
    throw new StepAborted(name, error)
  }
}
