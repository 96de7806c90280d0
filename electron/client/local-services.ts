// Builds and joins the services that protect this computer by itself, with or without an account. Owns no behaviour of its own.
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { type Alerts, createAlerts } from './alerts/alerts.ts'
import { type AllowList, createAllowList } from './detections/allow-list.ts'
import { type CopyRescan, createCopyRescan } from './detections/copy-rescan.ts'
import { createLedger, type Ledger } from './detections/ledger.ts'
import { createQuarantineView, type QuarantineView } from './detections/quarantine-view.ts'
import { createEngineService, type EngineService } from './engine/engine-service.ts'
import { createFileProtection, type FileProtection, type FileProtectionDeps } from './on-access/file-protection.ts'
import type { ClientPorts, Clock, LogPort } from './ports.ts'
import { createProtectionService, type ProtectionService } from './protection/protection-service.ts'
import { createHistory, type History } from './reports/history.ts'
import { actedOnMany, allowedFromNow } from './reports/object-sentences.ts'
import { copiesRescanned } from './reports/sentences.ts'
import { createSettledLines, type SettledLines } from './reports/settled-lines.ts'
import { systemBoot } from './restart/boot.ts'
import { createRestartService, type RestartService } from './restart/restart-service.ts'
import type { FindingsDeps } from './scans/findings.ts'
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
  readonly copyRescan: CopyRescan
  readonly scans: ScanService
  readonly fileProtection: FileProtection
  readonly protection: ProtectionService
  readonly restarts: RestartService
  readonly alerts: Alerts
  readonly settledLines: SettledLines
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
  allowed.onChange(() => topics.update('quarantine', (topic) => ({ ...topic, allowed: allowed.count() })))
  const { restart: port, boot = systemBoot } = ports
  const restarts = createRestartService({ boot, port, storage, topics, history, clock, log })
  const engine = engineService(ports, { clock, storage, settings })
  const quarantine = createQuarantineView({ engine, ledger, settings, topics, history, clock, log })
  const records = createScanRecords(storage)
  const settledLines = createSettledLines({ clock, history, runningScan: () => scans.running()?.scanId })
  const told = { settledLines, quarantine, history }
  const treatment = treatmentFor({ ledger, engine, allowed, settings, clock, log, ...told })
  const parts = { settings, allowed, clock, engine, ledger, treatment }
  const alerts = createAlerts({ ...parts, restarts, boot, storage, topics, history, log })
  const findings = { ...parts, alerts: alerts.local }
  const notScanned = createNotScannedList(storage)
  const scans = createScanService({ ...findings, records, notScanned, topics, history, log, ports })
  notScanned.onWatched(() =>
    topics.update('scan', (topic) => ({ ...topic, notScanned: notScanned.newest() }), { lazy: true }),
  )
  const copyRescan = copyRescanFor({ engine, scans, clock, log, quarantine, history })
  const fileProtection = fileProtectionFor(ports, { ...findings, notScanned })
  const { lastCompletedAt } = scans
  const seen = { fileProtection, ledger, lastCompletedAt, engine, secrets }
  const protection = createProtectionService({ ...seen, storage, topics, clock })
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
    copyRescan,
    scans,
    fileProtection,
    protection,
    restarts,
    alerts,
    settledLines,
  }
}

type TreatmentParts = 'ledger' | 'engine' | 'allowed' | 'settings' | 'clock' | 'log' | 'settledLines' | 'quarantine'

function treatmentFor({
  settings,
  settledLines,
  quarantine,
  history,
  ...deps
}: Pick<LocalServices, TreatmentParts | 'history'>): TreatmentService {
  return createTreatmentService({
    ...deps,
    settings: () => settings.get().treatment,
    onSettled: (detection, isOneOfMany) => {
      quarantine.changed()
      if (isOneOfMany !== true) settledLines.add(detection)
    },
    onActed: (acted) => history.add(actedOnMany(acted)),
    onAllowed: (allowedPath, by) => history.add(allowedFromNow(allowedPath, by)),
    onTried: quarantine.changed,
  })
}

function copyRescanFor({
  quarantine,
  history,
  scans,
  ...deps
}: Pick<LocalServices, 'engine' | 'clock' | 'log' | 'quarantine' | 'history' | 'scans'>): CopyRescan {
  return createCopyRescan({
    ...deps,
    isScanning: () => scans.running() !== null,
    onChanged: quarantine.changed,
    onDone: (result) => history.add(copiesRescanned(result)),
  })
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
    quarantine: () => settings.get().quarantine,
    clamav: () => settings.get().clamav,
    isQuarantineUsed: () => hasCopies(ports.dataDir),
    onDamaged: storage.reportDamage,
  })
}

function fileProtectionFor(
  { log, watchedFolders, downloadFolders, dataDir, guardedDirs, watchFolders }: ClientPorts,
  services: FindingsDeps & Pick<FileProtectionDeps, 'notScanned'>,
): FileProtection {
  return createFileProtection({
    ...services,
    log,
    defaultFolders: watchedFolders,
    downloadFolders,
    ownFolders: [dataDir, ...guardedDirs],
    ...(watchFolders ? { watchFolders } : {}),
  })
}

/** Copies that were made with an earlier key, or the present one; they lie in folders of two hex digits. */
async function hasCopies(dataDir: string): Promise<boolean> {
  const names = await readdir(path.join(dataDir, 'quarantine'), { recursive: true }).catch(() => [])
  return names.some((name) => name.endsWith('.q'))
}
