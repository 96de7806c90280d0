// Treatment and Quarantine of one configured engine: opened at the first call that needs them, so that a scan that only
// reads never touches the store of a running app. Owns no rule of its own: treat/ and quarantine/ act.
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { ActivePlan, PendingResult, TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import type { EngineConfig } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import type { CureRecipe } from '#shared/files/cure-recipe.ts'
import { createQuarantine, type Quarantine } from './quarantine/quarantine.ts'
import { createVault, type Vault } from './quarantine/vault.ts'
import { machineAutostart } from './treat/active/autostart/port.ts'
import { planActive } from './treat/active/plan.ts'
import { bootToken } from './treat/boot-token.ts'
import type { Rescan, TreatPorts } from './treat/context.ts'
import type { OfferOptions } from './treat/elevation/offer.ts'
import { pkexecElevation } from './treat/elevation/pkexec.ts'
import { createGuard } from './treat/guard.ts'
import { createMachine } from './treat/obstacles/machine.ts'
import { createTreater, type Treater } from './treat/treat.ts'

/** The outside of treatment; what is left out is the real machine. */
export type TreatmentPorts = Partial<TreatPorts>

export interface TreatmentOptions {
  readonly config: EngineConfig
  /** Folders of the product itself; never treated. */
  readonly installation: readonly string[]
  readonly elevation?: OfferOptions | undefined
  /** Looks at an open file again. */
  readonly rescan: Rescan
  /** Recipes for disinfection of the databases in use. */
  readonly recipes: () => readonly CureRecipe[]
  readonly ports: TreatmentPorts
}

export interface Treatment {
  /** Looks only. */
  plan(object: DetectedObject): Promise<ActivePlan>
  treat(order: TreatmentOrder): Promise<TreatmentOutcome>
  elevate(order: TreatmentOrder): Promise<TreatmentOutcome>
  replayPending(): Promise<PendingResult[]>
  recover(): Promise<PendingResult[]>
  /** Asks Quarantine for something. */
  quarantine<T>(ask: (quarantine: Quarantine) => T | Promise<T>): Promise<T>
  /** Waits for what is under way. Every later call fails with ProductError `engine-unavailable`. */
  close(): Promise<void>
}

export function createTreatment(options: TreatmentOptions): Treatment {
  const { config } = options
  const { rescan, recipes } = options
  const ports = { ...realPorts(options), ...options.ports }
  const running = new Set<Promise<unknown>>()
  let opened: { readonly vault: Vault; readonly treater: Treater; readonly quarantine: Quarantine } | null = null
  let closed = false

  function open() {
    if (closed) throw new ProductError('engine-unavailable', 'closed')
    if (opened) return opened
    const vault = createVault({
      dataDir: config.dataDir,
      masterKey: Buffer.from(config.vaultKey, 'base64'),
      retentionDays: config.retentionDays,
      limits: { totalBytes: config.quarantineBytes },
      now: ports.now,
    })
    const { dataDir } = config
    const treater = createTreater({ dataDir, vault, rescan, recipes, ports })
    opened = {
      vault,
      treater,
      quarantine: createQuarantine({ dataDir, vault, rescan, now: ports.now, autostart: ports.autostart }),
    }
    // After the treater: it holds the copies that wait for a restart.
    vault.purge()
    return opened
  }

  /** Begins at once; counted until it ends. */
  async function under<T>(act: (use: ReturnType<typeof open>) => Promise<T>): Promise<T> {
    const work = act(open())
    running.add(work)
    try {
      return await work
    } finally {
      running.delete(work)
    }
  }

  return {
    plan: (object) => planActive(ports, object),
    treat: (order) => under(({ treater }) => treater.treat(order)),
    elevate: (order) => under(({ treater }) => treater.elevate(order)),
    replayPending: () => under(({ treater }) => treater.replayPending()),
    recover: () =>
      under(async ({ treater, quarantine }) => {
        await quarantine.recover()
        return treater.recover()
      }),
    quarantine: (ask) => under(async ({ quarantine }) => ask(quarantine)),
    close: async () => {
      while (running.size > 0) await Promise.allSettled(running)
      closed = true
      opened?.treater.close()
      opened?.quarantine.close()
      opened?.vault.close()
      opened = null
    },
  }
}

function realPorts({ config, installation, elevation }: TreatmentOptions): TreatPorts {
  return {
    bootToken,
    mayEnd: endsOwnProcesses,
    now: () => new Date(),
    machine: createMachine(),
    autostart: machineAutostart(),
    ...(elevation === undefined ? {} : { elevation: pkexecElevation(elevation) }),
    guard: createGuard({ installation, dataDirs: [config.dataDir, ...config.guardedDirs] }),
  }
}

/** Root's processes are ended only by root itself: the kernel says so, and trying would only leave a trace. */
function endsOwnProcesses(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const owner = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])
    const { uid } = userInfo()
    return uid === 0 || owner === uid
  } catch {
    return false
  }
}
