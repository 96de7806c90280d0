// Tells the portal what it has to know: facts through the outbox, in order, and the whole state when it changed.
// Owns pushing and reporting; what a fact is comes from ledger and commands.

import { brand } from '#shared/brand.ts'
import type { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import type { AppState, RestartTopic, TopicName } from '#shared/domain/app-state.ts'
import type { DeviceFacts, DeviceState } from '#shared/domain/device.ts'
import { rejectedCount } from '#shared/domain/rejected-parts.ts'
import { codeOf } from '#shared/errors.ts'
import type { AccountService } from '../account/account-service.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, DeviceFactsPort, LogPort, Timer } from '../ports.ts'
import type { LastCompleted } from '../scans/scan-records.ts'
import { type Debounced, debounced } from '../state/debounce.ts'
import type { Topics } from '../state/topics.ts'
import type { CloudLink } from './cloud-link.ts'
import type { Welcome } from './connection.ts'
import { originFor } from './facts.ts'
import type { Outbox } from './outbox.ts'

export interface PortalSync {
  /** A fact for the portal; dropped while there is no account. Never fails. */
  tell(body: OutboxBody): Promise<void>
  /** The connection is up: finds out where the portal is, then pushes and reports. */
  welcomed(welcome: Welcome): Promise<void>
  /** Waits until everything was told, also how this computer is now, at most so long. */
  drained(withinMs: number): Promise<void>
  /** The same for how this computer is now alone. */
  stateTold(withinMs: number): Promise<void>
  stop(): void
}

export interface PortalSyncDeps {
  readonly outbox: Outbox
  readonly link: CloudLink
  readonly account: Pick<AccountService, 'connected'>
  readonly engine: Pick<EngineService, 'info'>
  readonly device: DeviceFactsPort
  readonly topics: Topics
  readonly clock: Clock
  readonly log: LogPort
  /** Everything the portal must know of, as facts. */
  readonly allFacts: () => readonly OutboxBody[]
  readonly lastCompletedAt: () => LastCompleted
}

const reportIntervalMs = 500
const retryMs = 5_000
const reported: readonly TopicName[] = ['protection', 'scan', 'detections', 'quarantine', 'settings', 'restart']

export function createPortalSync(deps: PortalSyncDeps): PortalSync {
  return new PortalSyncObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class PortalSyncObject implements PortalSync {
  private readonly deps: PortalSyncDeps
  private readonly outbox: PortalSyncDeps['outbox']
  private readonly link: PortalSyncDeps['link']
  private readonly account: PortalSyncDeps['account']
  private readonly topics: PortalSyncDeps['topics']
  private readonly clock: PortalSyncDeps['clock']
  private readonly log: PortalSyncDeps['log']
  private readonly report: Debounced
  private rev = 0
  private reporting = false
  private sending: Promise<void> = Promise.resolve()
  private again = false
  private pushing: Promise<void> | null = null
  private aligned = false
  private retryTimer: Timer | null = null
  private reportTimer: Timer | null = null
  private alignTimer: Timer | null = null
  private writeTimer: Timer | null = null

  constructor(deps: PortalSyncDeps) {
    this.deps = deps
    this.outbox = deps.outbox
    this.link = deps.link
    this.account = deps.account
    this.topics = deps.topics
    this.clock = deps.clock
    this.log = deps.log
    this.report = debounced(this.clock, reportIntervalMs, () => void this.sendReport())
    this.outbox.onChange(() => {
      this.waitingShown()
      if (this.aligned) void this.push()
    })
    this.topics.onChange((changed) => {
      if (this.link.client() && reported.some((name) => name in changed)) this.report.soon()
    })
  }

  /** One at a time; what is asked for meanwhile is sent afterwards. */
  private readonly sendReport = (): Promise<void> => {
    if (this.reporting) this.again = true
    else this.sending = this.sendOnce()
    return this.sending
  }

  private readonly sendOnce = async (): Promise<void> => {
    const client = this.link.client()
    if (!client) return
    this.reporting = true
    try {
      this.rev += 1
      await client.call('state.report', this.state())
      this.link.synced()
    } catch (error) {
      this.log.warn('state not reported', { code: codeOf(error) })
      this.reportTimer?.cancel()
      this.reportTimer = this.clock.after(retryMs, () => void this.sendReport())
    } finally {
      this.reporting = false
      if (this.again) this.report.soon()
      this.again = false
    }
  }

  private readonly state = (): DeviceState => {
    const email = this.account.connected()?.email ?? ''
    const lastFullScanAt = this.deps.lastCompletedAt().full
    return deviceState(this.topics.snapshot(), { rev: this.rev, facts: deviceFacts(this.deps), email, lastFullScanAt })
  }

  private readonly push = (): Promise<void> => {
    if (this.pushing === null && this.hasWork()) this.pushing = this.pushAll()
    return this.pushing ?? Promise.resolve()
  }

  private readonly hasWork = () => this.aligned && this.link.client() !== null && this.outbox.next().length > 0

  private readonly pushAll = async (): Promise<void> => {
    try {
      while (this.hasWork()) await this.pushBatch()
    } catch (error) {
      this.log.warn('facts not told', { code: codeOf(error) })
      this.retryTimer?.cancel()
      this.retryTimer = this.clock.after(retryMs, () => void this.push())
    }
    // In the same turn as the last look at the outbox: what comes later begins a new run.
    this.pushing = null
  }

  private readonly pushBatch = async (): Promise<void> => {
    const client = this.link.client()
    const items = this.outbox.next()
    const epoch = this.outbox.epoch()
    if (!client) return
    const { storedSeq } = await client.call('outbox.push', { epoch, items: [...items] })
    if (this.outbox.epoch() !== epoch) return
    if (!(await this.outbox.stored(epoch, storedSeq)))
      return this.outbox.restart([...this.deps.allFacts(), { kind: 'epoch-complete' }])
    if (this.outbox.next()[0]?.seq === items[0]?.seq) throw new Error(`the portal stays at ${storedSeq}`)
    this.link.synced()
  }

  private readonly waitingShown = () => {
    const waiting = this.account.connected() ? this.outbox.waiting() : 0
    this.topics.update('cloud', (topic) =>
      topic.outboxWaiting === waiting ? topic : { ...topic, outboxWaiting: waiting },
    )
  }

  readonly tell: PortalSync['tell'] = async (body) => {
    if (!this.account.connected()) return
    await this.write(body)
  }

  /** What cannot be written down now stays in memory and is written as soon as the disk lets us. */
  private readonly write = async (...bodies: readonly OutboxBody[]): Promise<void> => {
    this.writeTimer?.cancel()
    this.writeTimer = null
    try {
      await this.outbox.put(...bodies)
    } catch (error) {
      this.log.error('fact could not be written down', { code: codeOf(error) })
      this.writeTimer = this.clock.after(retryMs, () => void this.write())
    }
  }

  readonly welcomed: PortalSync['welcomed'] = async (welcome) => {
    this.aligned = false
    this.alignTimer?.cancel()
    await this.align(welcome)
    await this.sendReport()
    await this.push()
  }

  /** Finds out what the portal has. Tried again as long as this connection lives. */
  private readonly align = async ({ outboxEpoch, outboxSeq }: Position): Promise<void> => {
    const client = this.link.client()
    try {
      await this.outbox.put(...this.deps.allFacts())
      if (!(await this.outbox.stored(outboxEpoch, outboxSeq))) await this.outbox.restart(this.deps.allFacts())
      await this.outbox.put({ kind: 'epoch-complete' })
    } catch (error) {
      this.log.error('not in step with the portal', { code: codeOf(error) })
      if (client === null || client !== this.link.client()) return
      this.alignTimer = this.clock.after(retryMs, () => void this.align({ outboxEpoch, outboxSeq }).then(this.push))
      return
    }
    if (client !== this.link.client()) return
    this.aligned = true
    this.waitingShown()
  }

  readonly drained: PortalSync['drained'] = async (withinMs) => {
    await this.within(withinMs, Promise.all([this.reportNow(), this.push()]))
  }

  readonly stateTold: PortalSync['stateTold'] = (withinMs) => this.within(withinMs, this.reportNow())

  /** What is under way may be older. */
  private readonly reportNow = (): Promise<void> => this.sending.then(this.sendReport)

  private readonly within = async (ms: number, work: Promise<unknown>): Promise<void> => {
    let timer: Timer | null = null
    const late = new Promise<void>((resolve) => {
      timer = this.clock.after(ms, resolve)
    })
    await Promise.race([work, late]).finally(() => timer?.cancel())
  }

  readonly stop: PortalSync['stop'] = () => {
    this.aligned = false
    this.report.cancel()
    for (const timer of [this.retryTimer, this.reportTimer, this.alignTimer, this.writeTimer]) timer?.cancel()
  }
}

function deviceFacts({ device, engine }: Pick<PortalSyncDeps, 'device' | 'engine'>): DeviceFacts {
  const info = engine.info()
  return {
    os: device.os.slice(0, 256),
    appName: brand.app,
    appVersion: device.appVersion.slice(0, 256),
    engineVersion: info?.engineVersion ?? '',
    databasesVersion: info?.databases.version ?? '',
    databasesReleasedAt: info?.databases.releasedAt ?? null,
    databasesRejected: rejectedCount(info?.databases.rejected ?? []),
  }
}

type Position = Pick<Welcome, 'outboxEpoch' | 'outboxSeq'>

interface Known extends Pick<DeviceState, 'rev' | 'facts' | 'lastFullScanAt'> {
  /** Of the account that is told. */
  readonly email: string
}

function restartAsked({ request }: RestartTopic): DeviceState['restart'] {
  return request && { commandId: request.commandId, stage: request.stage, againAt: request.againAt }
}

/** The state of the device, as the portal is told it, from the topics. Pure. */
function deviceState(state: AppState, known: Known): DeviceState {
  const { protection, scan, detections, quarantine, restart, settings } = state
  const { rev, facts, email, lastFullScanAt } = known
  const { running, last } = scan.value
  return {
    rev,
    facts,
    components: protection.value.components,
    problems: protection.value.problems,
    runningScan: running && { ...running, origin: originFor(running.origin, email) },
    lastScan: last && { ...last, origin: originFor(last.origin, email) },
    lastFullScanAt,
    unprocessedCount: detections.value.unprocessed,
    quarantineCount: quarantine.value.count,
    quarantineRetentionDays: settings.value.quarantine.retentionDays,
    restart: restartAsked(restart.value),
  }
}
