// A treatment lab with Quarantine on top, for tests of restoring and looking again. Never touches anything outside its folder.
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import type { Finding } from '#shared/domain/object-report.ts'
import { ProductError } from '#shared/errors.ts'
import type { Rescan, Rescanned } from '../../treat/context.ts'
import { createLab, type Lab, type LabOptions, type OrderChange, reopenLab } from '../../treat/testing/treatment-lab.ts'
import { createQuarantine, type Quarantine } from '../quarantine.ts'
import type { RestoreOrder } from '../restore.ts'

export interface QuarantineLab {
  readonly lab: Lab
  readonly quarantine: Quarantine
  /** What a look at a content says from now on; null: nothing can be said. */
  say(what: Rescanned | null): void
  /** Treats a file; the id of its copy. */
  treated(file: string, change?: OrderChange): Promise<{ id: QuarantineId; detectionId: DetectionId }>
  /** To its old place unless said otherwise. */
  restore(id: QuarantineId, change?: Partial<RestoreOrder>): ReturnType<Quarantine['restore']>
  /** A new vault, treater and Quarantine over the same folder, as after a crash. */
  again(): QuarantineLab
  remove(): void
}

const finding: Finding = { member: [], threat: 'Lab.Marker', verdict: 'infected', detector: 'hash' }
export const nothingFound: Rescanned = { findings: [], findingsComplete: true, coverage: { kind: 'full' } }
export const stillFound: Rescanned = { ...nothingFound, findings: [finding] }

/** Says that nothing is found until it is told otherwise. */
export function quarantineLab(options: LabOptions = {}, lab: Lab = createLab(options)): QuarantineLab {
  let says: Rescanned | null = nothingFound
  const rescan: Rescan = () => Promise.resolve(says)
  const { dataDir, vault } = lab
  const quarantine = createQuarantine({ dataDir, vault, rescan, now: () => new Date() })
  const made: QuarantineLab = {
    lab,
    quarantine,
    say: (what) => {
      says = what
    },
    treated: async (file, change) => {
      const order = await lab.order(file, change)
      const outcome = await lab.treater.treat(order)
      if (!('quarantineId' in outcome) || outcome.quarantineId === undefined) throw new Error(outcome.status)
      return { id: outcome.quarantineId, detectionId: order.detectionId }
    },
    restore: (id, change) =>
      quarantine.restore({ id, target: null, evenIfDetected: false, makeFolder: false, ...change }),
    again: () => {
      quarantine.close()
      lab.vault.close()
      lab.treater.close()
      return quarantineLab(options, reopenLab(lab.root, options))
    },
    remove: () => {
      quarantine.close()
      lab.remove()
    },
  }
  return made
}

/** The code a promise fails with; `none` when it does not. */
export async function codeFrom(act: Promise<unknown>): Promise<string> {
  try {
    await act
    return 'none'
  } catch (error) {
    if (error instanceof ProductError) return error.code
    throw error
  }
}
