// Keeps the topics `protection`, `detections` and `restart` true: gathers facts from the other services and derives.
// Never changes anything but these topics.
import { protectionStatus } from '#shared/domain/device.ts'
import type { Ledger } from '../detections/ledger.ts'
import { detectionsTopic, restartTopic } from '../detections/listing.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, EngineState, SecretsPort, Timer } from '../ports.ts'
import { isoNow } from '../state/clock.ts'
import { debounced } from '../state/debounce.ts'
import { componentsWith } from '../state/initial-state.ts'
import type { Topics } from '../state/topics.ts'
import type { Storage } from '../storage/storage.ts'
import { deriveProblems } from './problems.ts'

export interface ProtectionService {
  start(installedAt: string): void
  stop(): void
  /** Something it depends on changed. */
  changed(): void
  /** Brings the topics up to date now. */
  flush(): void
}

export interface ProtectionDeps {
  readonly ledger: Ledger
  readonly engine: EngineService
  readonly secrets: SecretsPort
  readonly storage: Storage
  readonly topics: Topics
  readonly clock: Clock
}

const settleMs = 50
/** Problems that come with time alone are noticed this late at most. */
const lookAgainMs = 10 * 60_000

export function createProtectionService({ ledger, engine, secrets, storage, topics, clock }: ProtectionDeps): ProtectionService {
  let installedAt = isoNow(clock)
  let engineFailedAt: string | null = null
  let weakSecretsSince: string | null = null
  let started = false
  let timer: Timer | null = null
  const refresh = debounced(clock, settleMs, derive)

  function derive(): void {
    if (!started) return
    const detections = [...ledger.entries()].map(({ detection }) => detection)
    topics.update('detections', (before) => sameOr(before, detectionsTopic(detections)))
    topics.update('restart', (before) => sameOr(before, restartTopic(detections)))
    followConditions()
    const scans = Object.values(topics.get('scan').lastByType)
    const completed = scans.flatMap((scan) => (scan?.outcome === 'completed' ? [scan.finishedAt] : [])).sort()
    const databases = engine.info()?.databases ?? null
    const problems = deriveProblems({
      now: clock.now(),
      installedAt,
      detections,
      databases,
      lastScanAt: completed.at(-1) ?? null,
      engineFailedAt,
      weakSecretsSince,
      damagedFiles: storage.damaged(),
      ignored: topics.get('settings').ignoredProblems,
    })
    topics.update('protection', (before) =>
      sameOr(before, {
        ...before,
        problems,
        status: protectionStatus(problems),
        components: componentsWith(componentStates[engine.state()]),
        engine: engine.state(),
        databases: databases && {
          version: databases.version,
          releasedAt: databases.releasedAt,
          source: databases.source,
          signatures: databases.hashSignatures + databases.rules,
        },
        patternBackend: engine.info()?.patternBackend ?? null,
        secretStorage: secrets.kind(),
      }),
    )
  }

  function followConditions(): void {
    engineFailedAt = engine.state() === 'failed' ? (engineFailedAt ?? isoNow(clock)) : stillFailing(engineFailedAt)
    weakSecretsSince = secrets.kind() === 'file' ? (weakSecretsSince ?? isoNow(clock)) : null
  }

  /** A failed engine is tried again every minute: the problem stays until it really runs. */
  const stillFailing = (since: string | null) => (engine.state() === 'ready' ? null : since)

  function lookAgain(): void {
    derive()
    timer = clock.after(lookAgainMs, lookAgain)
  }

  ledger.onChange(refresh.soon)
  engine.onState(() => refresh.soon())
  storage.onDamage(refresh.soon)

  return {
    start(at) {
      installedAt = at
      started = true
      lookAgain()
    },
    stop() {
      started = false
      timer?.cancel()
      refresh.cancel()
    },
    changed: refresh.soon,
    flush: refresh.flush,
  }
}

const componentStates: Record<EngineState, 'on' | 'off' | 'failed'> = { ready: 'on', starting: 'off', restarting: 'off', failed: 'failed' }

/** The old value when nothing differs, so that no revision is used up. */
function sameOr<T>(before: T, after: T): T {
  return JSON.stringify(before) === JSON.stringify(after) ? before : after
}
