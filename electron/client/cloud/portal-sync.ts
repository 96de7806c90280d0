// Tells the portal what it has to know: facts through the outbox, in order, and the whole state when it changed.
// Owns pushing and reporting; what a fact is comes from ledger and commands.
import type { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import { brand } from '#shared/brand.ts'
import type { AppState, TopicName } from '#shared/domain/app-state.ts'
import type { DeviceFacts, DeviceState } from '#shared/domain/device.ts'
import { codeOf } from '#shared/errors.ts'
import type { AccountService } from '../account/account-service.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, DeviceFactsPort, LogPort, Timer } from '../ports.ts'
import { debounced } from '../state/debounce.ts'
import type { Topics } from '../state/topics.ts'
import type { CloudLink } from './cloud-link.ts'
import type { Welcome } from './connection.ts'
import type { Outbox } from './outbox.ts'

export interface PortalSync {
  /** A fact for the portal; dropped while there is no account. Never fails. */
  tell(body: OutboxBody): Promise<void>
  /** The connection is up: finds out where the portal is, then pushes and reports. */
  welcomed(welcome: Welcome): Promise<void>
  /** Waits until everything was told, at most so long. */
  drained(withinMs: number): Promise<void>
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
}

const reportIntervalMs = 500
const pushRetryMs = 5_000
const reported: readonly TopicName[] = ['protection', 'scan', 'detections', 'quarantine']

export function createPortalSync(deps: PortalSyncDeps): PortalSync {
  const { outbox, link, account, topics, clock, log } = deps
  const report = debounced(clock, reportIntervalMs, () => void sendReport())
  let rev = 0
  let reporting = false
  let again = false
  let pushing: Promise<void> | null = null
  let aligned = false
  let retryTimer: Timer | null = null

  async function sendReport(): Promise<void> {
    const client = link.client()
    if (!client) return
    if (reporting) {
      again = true
      return
    }
    reporting = true
    try {
      rev += 1
      await client.call('state.report', deviceState(topics.snapshot(), rev, deviceFacts(deps)))
      link.synced()
    } catch (error) {
      log.warn('state not reported', { code: codeOf(error) })
    } finally {
      reporting = false
      if (again) report.soon()
      again = false
    }
  }

  function push(): Promise<void> {
    pushing ??= pushAll().finally(() => {
      pushing = null
    })
    return pushing
  }

  async function pushAll(): Promise<void> {
    try {
      while (aligned && (await pushBatch())) link.synced()
    } catch (error) {
      log.warn('facts not told', { code: codeOf(error) })
      retryTimer?.cancel()
      retryTimer = clock.after(pushRetryMs, () => void push())
    }
  }

  /** False: nothing more to do now. */
  async function pushBatch(): Promise<boolean> {
    const client = link.client()
    const items = outbox.next()
    if (!client || items.length === 0) return false
    const epoch = outbox.epoch()
    const { storedSeq } = await client.call('outbox.push', { epoch, items: [...items] })
    if (outbox.epoch() !== epoch) return true
    if (!(await outbox.stored(epoch, storedSeq))) await outbox.restart(deps.allFacts())
    const moved = outbox.next()[0]?.seq !== items[0]?.seq
    if (!moved) throw new Error(`the portal stays at ${storedSeq}`)
    return true
  }

  const waitingShown = () => {
    const waiting = account.connected() ? outbox.waiting() : 0
    topics.update('cloud', (topic) => (topic.outboxWaiting === waiting ? topic : { ...topic, outboxWaiting: waiting }))
  }
  outbox.onChange(() => {
    waitingShown()
    if (aligned) void push()
  })
  topics.onChange((changed) => {
    if (link.client() && reported.some((name) => name in changed)) report.soon()
  })

  return {
    async tell(body) {
      if (!account.connected()) return
      await outbox.put(body).catch((error: unknown) => log.error('fact could not be written down', { code: codeOf(error) }))
    },
    async welcomed({ outboxEpoch, outboxSeq }) {
      aligned = false
      await outbox.put(...deps.allFacts())
      if (!(await outbox.stored(outboxEpoch, outboxSeq))) await outbox.restart(deps.allFacts())
      aligned = true
      waitingShown()
      await sendReport()
      await push()
    },
    async drained(withinMs) {
      const late = new Promise<void>((resolve) => clock.after(withinMs, resolve))
      await Promise.race([push(), late])
    },
    stop() {
      aligned = false
      report.cancel()
      retryTimer?.cancel()
    },
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
  }
}

/** The state of the device, as the portal is told it, from the topics. Pure. */
export function deviceState(state: AppState, rev: number, facts: DeviceFacts): DeviceState {
  const { protection, scan, detections, quarantine } = state
  const full = scan.value.lastByType.full
  return {
    rev,
    facts,
    components: protection.value.components,
    problems: protection.value.problems,
    runningScan: scan.value.running,
    lastScan: scan.value.last,
    lastFullScanAt: full?.outcome === 'completed' ? full.finishedAt : null,
    unprocessedCount: detections.value.unprocessed,
    quarantineCount: quarantine.value.count,
  }
}
