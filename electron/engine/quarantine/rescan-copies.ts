// Looks at the copies again with new databases, a few at a time, oldest first: a copy in which nothing is found any more may
// have been a false alarm. Owns what counts as that; never restores anything, never gives a content a name.
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { QuarantineIndexEntry, QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import type { Rescan } from '../treat/context.ts'
import { withPlain } from './plain-copy.ts'
import type { Vault } from './vault.ts'

export interface RescanDeps {
  readonly dataDir: string
  readonly vault: Pick<Vault, 'open' | 'unlooked' | 'note' | 'get'>
  readonly rescan: Rescan
}

/** What the copies are looked at with. */
export interface LookedWith {
  readonly databases: string
  /** ClamAV is asked and answers. */
  readonly secondEngine: boolean
}

export interface RescanResult {
  readonly looked: number
  /** Copies that were not looked at with these databases yet. */
  readonly left: number
  /** Those of this time in which nothing is found any more. */
  readonly cleared: QuarantineItem[]
}

const mostAtOnce = 50
const longestMs = 2_000

/** Throws ProductError `disk-full` and the like when contents cannot be unsealed at all; what was looked at stays so. */
export async function rescanCopies(deps: RescanDeps, look: LookedWith): Promise<RescanResult> {
  const begun = performance.now()
  const waiting = deps.vault.unlooked(look.databases)
  const cleared: QuarantineItem[] = []
  let looked = 0
  for (const entry of waiting) {
    if (looked >= mostAtOnce || (looked > 0 && performance.now() - begun > longestMs)) break
    looked += 1
    const falseAlarm = await lookAt(deps, entry, look)
    if (falseAlarm === 'gone') continue
    deps.vault.note(entry.id, { lookedWith: look.databases, falseAlarm })
    if (falseAlarm !== undefined && entry.falseAlarm === undefined) cleared.push(deps.vault.get(entry.id))
  }
  return { looked, left: waiting.length - looked, cleared }
}

type FalseAlarm = QuarantineIndexEntry['falseAlarm']

/** What is to be noted; where nothing can be said, what was noted before. */
async function lookAt(deps: RescanDeps, entry: QuarantineIndexEntry, look: LookedWith): Promise<FalseAlarm | 'gone'> {
  // Nothing was ever found in these.
  if (entry.copyOf !== undefined) return undefined
  try {
    const copy = deps.vault.open(entry.id)
    try {
      if (!canTell(copy.metadata, look)) return entry.falseAlarm
      const seen = await withPlain(deps.dataDir, copy, deps.rescan)
      if (seen === null) return entry.falseAlarm
      if (seen.findings.length > 0 || !seen.findingsComplete) return undefined
      if (seen.coverage.kind !== 'full') return entry.falseAlarm
      return entry.falseAlarm ?? { at: new Date().toISOString(), answered: false }
    } finally {
      copy.close()
    }
  } catch (error) {
    if (!(error instanceof ProductError)) throw error
    if (error.code === 'not-found') return 'gone'
    // It is listed so, and there is nothing to look at.
    if (error.code === 'vault-damaged' || error.code === 'vault-key-lost') return entry.falseAlarm
    throw error
  }
}

/** What ClamAV found cannot go away by not asking it. */
function canTell({ detectors = [] }: QuarantineMetadata, { secondEngine }: LookedWith): boolean {
  return secondEngine || !detectors.includes('clamd')
}
