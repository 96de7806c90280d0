// Keeps the topics `protection`, `detections` and `restart` true: gathers facts from the other services and derives.
// Never changes anything but these topics.
import { protectionStatus } from '#shared/domain/device.ts'
import { noSecondEngine } from '#shared/domain/second-engine.ts'
import { shortened } from '#shared/domain/shortened.ts'
import type { Ledger } from '../detections/ledger.ts'
import { detectionsTopic, pendingRestarts } from '../detections/listing.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { FileProtection } from '../on-access/file-protection.ts'
import type { Clock, EngineState, SecretsPort, Timer } from '../ports.ts'
import type { LastCompleted } from '../scans/scan-records.ts'
import { isoNow } from '../state/clock.ts'
import { type Debounced, debounced } from '../state/debounce.ts'
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
  readonly lastCompletedAt: () => LastCompleted
  readonly engine: EngineService
  readonly fileProtection: FileProtection
  readonly secrets: SecretsPort
  readonly storage: Storage
  readonly topics: Topics
  readonly clock: Clock
}

const settleMs = 50
/** Problems that come with time alone are noticed this late at most. */
const lookAgainMs = 10 * 60_000

export function createProtectionService(deps: ProtectionDeps): ProtectionService {
  return new ProtectionServiceObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class ProtectionServiceObject implements ProtectionService {
  private readonly ledger: ProtectionDeps['ledger']
  private readonly lastCompletedAt: ProtectionDeps['lastCompletedAt']
  private readonly engine: ProtectionDeps['engine']
  private readonly fileProtection: ProtectionDeps['fileProtection']
  private readonly secrets: ProtectionDeps['secrets']
  private readonly storage: ProtectionDeps['storage']
  private readonly topics: ProtectionDeps['topics']
  private readonly clock: ProtectionDeps['clock']
  private installedAt: string
  private engineFailedAt: string | null = null
  private weakSecretsSince: string | null = null
  private offSince: string | null = null
  private silentSince: string | null = null
  private started = false
  private timer: Timer | null = null
  private readonly refresh: Debounced

  constructor({ ledger, lastCompletedAt, engine, fileProtection, secrets, storage, topics, clock }: ProtectionDeps) {
    this.ledger = ledger
    this.lastCompletedAt = lastCompletedAt
    this.engine = engine
    this.fileProtection = fileProtection
    this.secrets = secrets
    this.storage = storage
    this.topics = topics
    this.clock = clock
    this.installedAt = isoNow(this.clock)
    this.refresh = debounced(this.clock, settleMs, this.derive)
    this.ledger.onChange(this.refresh.soon)
    this.engine.onState(() => this.refresh.soon())
    this.fileProtection.onChange(this.refresh.soon)
    this.storage.onDamage(this.refresh.soon)
  }

  private readonly derive = (): void => {
    if (!this.started) return
    const detections = [...this.ledger.entries()].map(({ detection }) => detection)
    this.topics.update('detections', (before) => sameOr(before, detectionsTopic(detections)))
    this.topics.update('restart', (before) => sameOr(before, { ...before, pending: pendingRestarts(detections) }))
    this.followConditions()
    const completed = Object.values(this.lastCompletedAt())
      .flatMap((at) => at ?? [])
      .sort()
    const databases = this.engine.info()?.databases ?? null
    const problems = deriveProblems({
      now: this.clock.now(),
      installedAt: this.installedAt,
      detections,
      falseAlarms: this.topics.get('quarantine').falseAlarms,
      databases,
      lastScanAt: completed.at(-1) ?? null,
      engineFailedAt: this.engineFailedAt,
      weakSecretsSince: this.weakSecretsSince,
      fileProtectionOffSince: this.offSince,
      fileProtectionIncompleteSince: this.fileProtection.incompleteSince(),
      secondEngineSilentSince: this.silentSince,
      damagedFiles: this.storage.damaged(),
      ignored: this.topics.get('settings').ignoredProblems,
    })
    this.topics.update('protection', (before) =>
      sameOr(before, {
        ...before,
        problems,
        status: protectionStatus(problems),
        components: componentsWith(componentStates[this.engine.state()], this.fileProtectionState()),
        engine: this.engine.state(),
        databases: databases && {
          version: databases.version,
          releasedAt: databases.releasedAt,
          source: databases.source,
          signatures: databases.hashSignatures + databases.rules,
          // A parser's whole message is for the command line; a window shows the gist of up to 200.
          rejected: databases.rejected.map((part) => ({ ...part, problem: shortened(part.problem, 300) })),
        },
        patternBackend: this.engine.info()?.patternBackend ?? null,
        secondEngine: this.engine.info()?.secondEngine ?? noSecondEngine,
        secretStorage: this.secrets.kind(),
      }),
    )
  }

  /** Without an engine nothing is checked, whatever is watched. */
  private readonly fileProtectionState = () => {
    const state = this.fileProtection.state()
    if (state === 'starting') return 'off'
    return state === 'on' ? componentStates[this.engine.state()] : state
  }

  private readonly followConditions = (): void => {
    this.engineFailedAt =
      this.engine.state() === 'failed'
        ? (this.engineFailedAt ?? isoNow(this.clock))
        : this.stillFailing(this.engineFailedAt)
    const isWanted = this.fileProtection.state() === 'on' || this.fileProtection.state() === 'starting'
    this.offSince = isWanted ? null : (this.offSince ?? isoNow(this.clock))
    const isSilent = this.engine.info()?.secondEngine.state === 'unavailable'
    this.silentSince = isSilent ? (this.silentSince ?? isoNow(this.clock)) : null
    this.weakSecretsSince = this.secrets.kind() === 'file' ? (this.weakSecretsSince ?? isoNow(this.clock)) : null
  }

  /** A failed engine is tried again every minute: the problem stays until it really runs. */
  private readonly stillFailing = (since: string | null) => (this.engine.state() === 'ready' ? null : since)

  private readonly lookAgain = (): void => {
    this.derive()
    if (this.topics.get('settings').clamav.ask) void this.askEngine()
    this.timer = this.clock.after(lookAgainMs, this.lookAgain)
  }

  /** Whether the second engine answers can change without anybody telling. */
  private readonly askEngine = async (): Promise<void> => {
    try {
      await this.engine.call('engine.info', {})
      this.refresh.soon()
    } catch {
      // An engine that does not run is a problem of its own.
    }
  }

  readonly start: ProtectionService['start'] = (at) => {
    this.installedAt = at
    this.started = true
    this.lookAgain()
  }

  readonly stop: ProtectionService['stop'] = () => {
    this.started = false
    this.timer?.cancel()
    this.refresh.cancel()
  }

  readonly changed: ProtectionService['changed'] = (...given) => this.refresh.soon(...given)

  readonly flush: ProtectionService['flush'] = (...given) => this.refresh.flush(...given)
}

const componentStates: Record<EngineState, 'on' | 'off' | 'failed'> = {
  ready: 'on',
  starting: 'off',
  restarting: 'off',
  failed: 'failed',
}

/** The old value when nothing differs, so that no revision is used up. */
function sameOr<T>(before: T, after: T): T {
  return JSON.stringify(before) === JSON.stringify(after) ? before : after
}
