// An object that was not the scanned one any more: has the engine look at it again and records what it is now.
// Never treats; hands back what is to be treated.
import type { DetectionId } from '#shared/domain/ids.ts'
import type { TreatmentSettings } from '#shared/domain/policy.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import { codeOf } from '#shared/errors.ts'
import type { Ledger, LedgerEntry } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, LogPort } from '../ports.ts'
import { isoNow } from '../state/clock.ts'
import { decided } from './decided.ts'

export interface RescanDeps {
  readonly ledger: Ledger
  readonly engine: Pick<EngineService, 'call' | 'info'>
  readonly clock: Clock
  readonly log: LogPort
  readonly settings: () => TreatmentSettings
  readonly isAllowed: (sha256: string) => boolean
}

const cleanNote = 'Looked at again: nothing was found in its new content.'

/** The entries that are to be treated because of the new content. */
export async function rescan(deps: RescanDeps, id: DetectionId): Promise<readonly DetectionId[]> {
  const entry = deps.ledger.get(id)
  // What keeps changing under our hands is left for a person.
  if (entry?.detection.state !== 'changed' || entry.intent || entry.detection.scanType === 'rescan') return []
  try {
    return await lookedAt(deps, entry)
  } catch (error) {
    deps.log.warn('changed object not looked at again', { detection: id, code: codeOf(error) })
    return []
  }
}

async function lookedAt(deps: RescanDeps, { detection }: LedgerEntry): Promise<readonly DetectionId[]> {
  const { ledger, engine } = deps
  const origin = detection.history.at(-1)?.by ?? detection.foundBy
  const result = await engine.call('object.scan', { path: detection.path })
  const now = ledger.get(detection.id)
  if (now?.detection.rev !== detection.rev) return []
  if (result.kind === 'detected') return recorded(deps, { object: result.object, origin, before: now })
  const isGone = result.kind === 'not-scanned' && result.reason === 'vanished'
  const isClean = result.kind === 'nothing-found' && result.partial.length === 0
  if (isClean) await ledger.move(detection.id, 'gone', { by: origin, automatic: true, note: cleanNote })
  else if (isGone) await ledger.move(detection.id, 'gone', { by: origin, automatic: true })
  return []
}

interface Seen {
  readonly object: LedgerEntry['object']
  readonly origin: Origin
  readonly before: LedgerEntry
}

async function recorded(deps: RescanDeps, { object, origin, before }: Seen): Promise<readonly DetectionId[]> {
  const { ledger, engine, clock } = deps
  const settings = deps.settings()
  const found = decided(object, { settings, isAllowed: deps.isAllowed }, origin)
  const { id, scanId } = before.detection
  if (!found) {
    const note = 'Looked at again: its new content is allowed or excluded.'
    await ledger.move(id, 'gone', { by: origin, automatic: true, note })
    return []
  }
  const entries = await ledger.record([found], {
    at: isoNow(clock),
    origin,
    scanType: 'rescan',
    ...(scanId ? { scanId } : {}),
    excludedThreats: settings.excludedThreats,
    databaseVersion: engine.info()?.databases.version ?? '',
  })
  return entries.filter(({ intent }) => intent).map(({ detection }) => detection.id)
}
