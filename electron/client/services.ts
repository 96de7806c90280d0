// Builds the services of the client and joins them: first what protects this computer by itself, then what lets an owner
// manage it from afar. Owns no behaviour of its own.

import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import type { Detection } from '#shared/domain/detection.ts'
import { ProductError } from '#shared/errors.ts'
import { type AccountService, type Connected, createAccountService } from './account/account-service.ts'
import { createDeviceKey } from './account/device-key.ts'
import { type CloudLink, type CloudLinkHooks, createCloudLink } from './cloud/cloud-link.ts'
import { connectSocket } from './cloud/connect-socket.ts'
import { allFacts, detectionFact } from './cloud/facts.ts'
import { createOutbox, type Outbox } from './cloud/outbox.ts'
import { createPortalSync, type PortalSync } from './cloud/portal-sync.ts'
import { type CommandBook, createCommandBook } from './commands/command-book.ts'
import { type CommandExecutor, createCommandExecutor } from './commands/command-executor.ts'
import { answerOffer } from './commands/command-intake.ts'
import { commandTitle } from './commands/command-text.ts'
import { type AllowList, createAllowList } from './detections/allow-list.ts'
import { createLedger, type Ledger } from './detections/ledger.ts'
import { createQuarantineView, type QuarantineView } from './detections/quarantine-view.ts'
import { createEngineService, type EngineService } from './engine/engine-service.ts'
import type { ClientPorts, Clock, LogPort } from './ports.ts'
import { createProtectionService, type ProtectionService } from './protection/protection-service.ts'
import { createHistory, type History } from './reports/history.ts'
import { allowedFromNow, treated } from './reports/sentences.ts'
import { createNotScannedList } from './scans/not-scanned.ts'
import { createScanRecords } from './scans/scan-records.ts'
import { createScanService, type ScanService } from './scans/scan-service.ts'
import { createSettingsService, type SettingsService } from './settings/settings-service.ts'
import { systemClock } from './state/clock.ts'
import { initialState } from './state/initial-state.ts'
import { createTopics, type Topics } from './state/topics.ts'
import { nodeDisk } from './storage/disk.ts'
import { createStorage, type Storage } from './storage/storage.ts'
import { createTreatmentService, type TreatmentService } from './treatment/treatment-service.ts'

export interface LocalServices {
  readonly log: LogPort
  readonly clock: Clock
  readonly storage: Storage
  readonly topics: Topics
  readonly settings: SettingsService
  readonly history: History
  readonly ledger: Ledger
  readonly allowed: AllowList
  readonly engine: EngineService
  readonly treatment: TreatmentService
  readonly quarantine: QuarantineView
  readonly scans: ScanService
  readonly protection: ProtectionService
}

export interface RemoteServices {
  readonly outbox: Outbox
  readonly book: CommandBook
  readonly account: AccountService
  readonly link: CloudLink
  readonly sync: PortalSync
  readonly executor: CommandExecutor
  /** Remote control ends here and now; local protection goes on. */
  endRemoteControl(by: 'device' | 'portal'): Promise<void>
}

/** What protects this computer, with or without an account. */
export function createLocalServices(ports: ClientPorts): LocalServices {
  const { log, secrets } = ports
  const clock = ports.clock ?? systemClock
  const storage = createStorage({ dataDir: ports.dataDir, disk: ports.disk ?? nodeDisk, clock, log })
  const topics = createTopics(initialState(ports.portalUrl, ports.device), clock)
  const settings = createSettingsService({
    port: ports.settings,
    topics,
    log,
    onDamaged: () => storage.reportDamage('settings.json'),
  })
  const history = createHistory({ storage, topics, clock, log })
  const ledger = createLedger({ storage, clock })
  const allowed = createAllowList({ storage, clock })
  const engine = engineService(ports, { clock, storage, settings })
  const quarantine = createQuarantineView({ engine, ledger, topics, clock, log })
  const records = createScanRecords(storage)
  const onSettled = settledReporter(clock, history, () => scans.running() !== null, quarantine)
  const treatment = createTreatmentService({
    ledger,
    engine,
    allowed,
    settings: () => settings.get().treatment,
    clock,
    log,
    onSettled,
    onAllowed: (allowedPath) => history.add(allowedFromNow(allowedPath)),
  })
  const scans = createScanService({
    engine,
    ledger,
    allowed,
    treatment,
    records,
    notScanned: createNotScannedList(storage),
    settings,
    topics,
    history,
    clock,
    log,
    ports,
  })
  const protection = createProtectionService({
    ledger,
    lastCompletedAt: scans.lastCompletedAt,
    engine,
    secrets,
    storage,
    topics,
    clock,
  })
  return {
    log,
    clock,
    storage,
    topics,
    settings,
    history,
    ledger,
    allowed,
    engine,
    treatment,
    quarantine,
    scans,
    protection,
  }
}

function engineService(
  ports: ClientPorts,
  { clock, storage, settings }: Pick<LocalServices, 'clock' | 'storage' | 'settings'>,
): EngineService {
  return createEngineService({
    ports,
    secrets: ports.secrets,
    clock,
    log: ports.log,
    retentionDays: () => settings.get().quarantine.retentionDays,
    isQuarantineUsed: () => hasCopies(ports.dataDir),
    onDamaged: storage.reportDamage,
  })
}

/** What lets an owner manage this computer from the portal. */
export function createRemoteServices(ports: ClientPorts, local: LocalServices): RemoteServices {
  const { clock, storage, topics, history, engine, scans, treatment, settings } = local
  const { log, device, portalUrl } = ports
  const outbox = createOutbox({ storage, clock })
  const book = createCommandBook({ storage, clock })
  const key = createDeviceKey(ports.secrets)
  const detections = () => [...local.ledger.entries()].map(({ detection }) => detection)
  const facts = (audience: Connected | null) => allFacts(detections(), book.entries(), audience)
  const onEnrolled = (audience: Connected) => outbox.restart(facts(audience))
  const account = createAccountService({ portalUrl, storage, key, device, topics, history, clock, onEnrolled })
  const link = createCloudLink({
    portalUrl,
    connect: ports.connectSocket ?? connectSocket,
    account,
    key,
    appVersion: device.appVersion,
    topics,
    clock,
    log,
    hooks: linkHooks(ports, clock, () => remote),
  })
  const sync = createPortalSync({
    outbox,
    link,
    account,
    engine,
    device,
    topics,
    clock,
    log,
    allFacts: () => facts(account.connected()),
    lastCompletedAt: scans.lastCompletedAt,
  })
  const onScanStarted = remoteScanNotice(ports, local)
  const executor = createCommandExecutor({
    book,
    scans,
    treatment,
    settings,
    engine,
    account,
    sync,
    link,
    topics,
    clock,
    log,
    onScanStarted,
  })

  const endRemoteControl = async (by: 'device' | 'portal'): Promise<void> => {
    await executor.stopAll(by)
    await sync.drained(drainWithinMs)
    sync.stop()
  }
  const remote: RemoteServices = { outbox, book, account, link, sync, executor, endRemoteControl }
  tellDetections(local.ledger, account, sync)
  return remote
}

/** What follows from what the portal says. `remote` exists by the time anything is said. */
function linkHooks({ log }: ClientPorts, clock: Clock, remote: () => RemoteServices): CloudLinkHooks {
  const failed = (what: string) => (error: unknown) => log.error(what, { error: String(error) })
  return {
    onWelcome: (welcome) => {
      const { account, link, sync } = remote()
      if (!account.connected()) return void leave(account, link).catch(failed('leave not told'))
      account.told({ deviceName: welcome.name, email: welcome.account }).catch(failed('name not kept'))
      sync.welcomed(welcome).catch(failed('not in step with the portal'))
    },
    onOffer: async (envelope) => {
      const { account, book, executor, link } = remote()
      // SECURITY: from the first step of a disconnection on, nothing is taken any more.
      if (!executor.isOpen()) throw new ProductError('unauthenticated')
      const context = { deviceId: account.connected()?.deviceId ?? null, latestNow: link.latestNow() }
      const answer = await answerOffer(book, envelope, context)
      // Begun only after the answer is on its way.
      if (answer.kind === 'accepted') clock.after(0, () => executor.accepted(envelope))
      return answer
    },
    onRenamed: (name) => remote().account.told({ deviceName: name }),
    onEnded: (reason) => {
      const { account, link, endRemoteControl } = remote()
      link.stop()
      account
        .left()
        .then(() => account.ended(reason))
        .then(() => endRemoteControl('portal'))
        .catch(failed('end of connection not recorded'))
    },
  }
}

/** Tells a portal that was away when this computer was disconnected. Tried again with every connection. */
async function leave(account: AccountService, link: CloudLink): Promise<void> {
  if (!account.leaving()) return
  await link.client()?.call('link.leave', {})
  await account.left()
  link.stop()
}

function tellDetections(ledger: Ledger, account: AccountService, sync: PortalSync): void {
  ledger.onChange((change) => {
    const email = account.connected()?.email ?? ''
    const body: OutboxBody =
      change.kind === 'changed'
        ? detectionFact(change.detection, { email })
        : { kind: 'detection-removed', detectionId: change.id }
    void sync.tell(body)
  })
}

/** Copies that were made with an earlier key, or the present one. */
async function hasCopies(dataDir: string): Promise<boolean> {
  const names = await readdir(path.join(dataDir, 'quarantine')).catch(() => [])
  return names.some((name) => name.endsWith('.q'))
}

/** How long the last facts may take on their way to the portal. */
const drainWithinMs = 2_000
const settledLines = 10
const settledWindowMs = 10_000

/** History lines for single acts. A scan tells its own sum, and of many at once only the first are named. */
function settledReporter(clock: Clock, history: History, isScanning: () => boolean, quarantine: QuarantineView) {
  let windowStart = Number.NEGATIVE_INFINITY
  let lines = 0
  return (detection: Detection): void => {
    quarantine.changed()
    const now = clock.monotonicMs()
    if (now - windowStart > settledWindowMs) {
      windowStart = now
      lines = 0
    }
    lines += 1
    if (lines <= settledLines && !(isScanning() && detection.state !== 'at-restart')) history.add(treated(detection))
  }
}

/** Silent unless the setting asks for a notification; the history always says who asked. */
function remoteScanNotice({ notifications }: ClientPorts, { settings }: LocalServices) {
  return (envelope: Parameters<typeof commandTitle>[0]): void => {
    if (!settings.get().notifyOnRemoteScan) return
    notifications?.show({
      title: `${commandTitle(envelope)} started`,
      body: `Started remotely by ${envelope.issuedBy}.`,
    })
  }
}
