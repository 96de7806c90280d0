// The scanner engine as a library: databases, scan threads, scans, treatment and Quarantine behind one set of handlers.
// Front ends (engine process, tests) are equal customers. Never decides what is done with a finding, never logs a secret.
import { existsSync, realpathSync } from 'node:fs'
import { availableParallelism, homedir } from 'node:os'
import path from 'node:path'
import type { ScanId } from '#shared/domain/ids.ts'
import { noSecondEngine, type SecondEngineInfo } from '#shared/domain/second-engine.ts'
import {
  type EngineConfig,
  type EngineContract,
  type EngineInfo,
  engineProtocolVersion,
} from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import type { CallRequest, Emit, Handlers } from '#shared/rpc/contract.ts'
import { type CleanCache, openCleanCache } from './cache/clean-cache.ts'
import { systemDatabasesFolder } from './databases/clamav/system-databases.ts'
import { type LoadedDatabases, loadDatabases } from './databases/databases.ts'
import { engineVersion } from './databases/engine-version.ts'
import { ownDatabasesFolder } from './databases/own-databases.ts'
import type { Compiling } from './databases/rule-store.ts'
import { askClamdVersion } from './detect/clamd/clamd.ts'
import { toBytes } from './files/path-text.ts'
import { readLimits } from './limits/limits.ts'
import { removeOldCheckpoints } from './scans/checkpoint.ts'
import { objectScanResult } from './scans/object-result.ts'
import { ScanRun } from './scans/scan-run.ts'
import { createWorkerPool, type WorkerPool } from './scans/worker-pool.ts'
import { createTreatment, type Treatment, type TreatmentPorts } from './treatment.ts'
import { fullAreaPaths, quickAreaPaths } from './walk/areas.ts'
import { type WalkOptions, walkArea } from './walk/walk.ts'

export interface EngineOptions {
  /** The built entry of a scan thread. */
  readonly workerFile: string
  /** Databases that ship with the product. */
  readonly seedDatabasesDir: string
  /** Folders of the product itself; what lies in them is never treated. */
  readonly installation: readonly string[]
  readonly emit: Emit<EngineContract>
  /** Ends this process: a scan thread died or hangs. Whoever supervises it starts it anew. */
  readonly endProcess: (reason: string) => void
  readonly log: (line: string) => void
  readonly ports?: TreatmentPorts
  /** A file that takes longer than this costs the process its life, in ms. */
  readonly watchdogMs?: number
}

export interface Engine {
  readonly handlers: Handlers<EngineContract>
}

/** Above the scanner's own limits for one file (60 s, and 30 s for one pattern scan). */
const defaultWatchdogMs = 120_000
/** What nobody resumed for so long is not resumed any more. */
const keepCheckpointsMs = 7 * 24 * 3_600_000

interface Configured {
  readonly config: EngineConfig
  readonly pool: WorkerPool
  readonly info: EngineInfo
  readonly treatment: Treatment
  /** Null where none can be kept. */
  readonly cache: CleanCache | null
}

export function createEngine(options: EngineOptions): Engine {
  const runs = new Map<ScanId, ScanRun>()
  let state: Configured | null = null
  /** Where large rule sets are compiled; this process, once it was asked to. */
  let compiling: Compiling = 'elsewhere'
  /** The last change of the configuration, done or under way. */
  let configuring: Promise<unknown> = Promise.resolve()

  function configured(): Configured {
    if (!state) throw new ProductError('engine-unavailable', 'not configured')
    return state
  }

  /** The treatment to use; not the one that is about to be replaced. */
  async function treatment(): Promise<Treatment> {
    await configuring
    return configured().treatment
  }

  /** One change after the other. */
  function configureInTurn(config: EngineConfig): Promise<EngineInfo> {
    const next = configuring.then(() => configure(config))
    configuring = next.catch(() => undefined)
    return next
  }

  async function configure(config: EngineConfig): Promise<EngineInfo> {
    if (config.protocol !== engineProtocolVersion) throw new ProductError('update-needed', `${engineProtocolVersion}`)
    if (state && state.config.dataDir !== config.dataDir) throw new ProductError('bad-request', 'dataDir')
    readLimits(config.scanner.limits)
    const pool = state?.pool ?? startPool(options, config)
    // The new databases are loaded beside the old ones; if that fails the old ones stay.
    const loaded = await load(options, config, compiling)
    await pool.load(loaded, config.scanner)
    removeOldCheckpoints(config.dataDir, keepCheckpointsMs)
    const fresh = await treatmentFor({ options, state, config, pool })
    const cache = state?.cache ?? openCleanCache(config.dataDir, { log: options.log })
    const info = engineInfo(pool, loaded, await secondEngineInfo(config))
    state = { config, pool, info, treatment: fresh, cache }
    return state.info
  }

  async function compile(config: EngineConfig): Promise<Record<string, never>> {
    compiling = 'here'
    await load(options, config, compiling)
    options.log(`compiled rules, process ${process.pid}`)
    return {}
  }

  /** A service can be started and stopped at any time: it is asked again. */
  async function freshInfo(): Promise<EngineInfo> {
    const { config } = configured()
    const secondEngine = await secondEngineInfo(config)
    if (state?.config === config) state = { ...state, info: { ...state.info, secondEngine } }
    return configured().info
  }

  function controlScan({ scanId, action }: CallRequest<EngineContract, 'scan.control'>): Record<string, never> {
    const run = runs.get(scanId)
    if (!run) throw new ProductError('scan-unknown')
    run[action]()
    return {}
  }

  return {
    handlers: {
      'engine.configure': configureInTurn,
      'databases.compile': compile,
      'engine.info': freshInfo,
      'scan.start': (request) => startScan(configured(), { options, runs }, request),
      'scan.control': controlScan,
      'object.scan': async ({ path }) => objectScanResult(await configured().pool.scanObject(toBytes(path))),
      ...treatmentHandlers(treatment),
    },
  }
}

/** What was remembered with the same databases and settings; null where nothing can be. */
function cacheFor({ config, info, cache }: Configured, ignore: boolean): WalkOptions['cache'] | null {
  if (cache === null) return null
  const { secondEngine, limits } = config.scanner
  const settings = JSON.stringify([info.databases.version, info.engineVersion, info.secondEngine, secondEngine, limits])
  return { generation: cache.generation(settings), read: !ignore }
}

type StartRequest = CallRequest<EngineContract, 'scan.start'>

function startScan(
  configured: Configured,
  { options, runs }: { readonly options: EngineOptions; readonly runs: Map<ScanId, ScanRun> },
  request: StartRequest,
): Record<string, never> {
  const { config, pool } = configured
  if (runs.has(request.scanId)) throw new ProductError('already-running')
  const paths = areaPaths(request.area)
  const exclude = [...request.options.exclude.map(toBytes), ...ownFolders(config)]
  const run = new ScanRun(
    {
      scanId: request.scanId,
      walk: (cache) => walkArea(paths, { exclude, ...(cache === undefined ? {} : { cache }) }),
      cache: cacheFor(configured, request.ignoreCache),
      loadCeilingPercent: request.options.loadCeilingPercent,
      expectedFiles: request.expectedFiles,
      resume: request.resume,
    },
    {
      pool,
      emit: options.emit,
      dataDir: config.dataDir,
      cores: availableParallelism(),
      log: options.log,
      onEnded: (scanId) => runs.delete(scanId),
    },
  )
  runs.set(request.scanId, run)
  // After the answer, so that a caller knows the scan before its first event.
  setImmediate(() => run.start())
  return {}
}

type TreatmentCalls = `treat.${string}` | `quarantine.${string}`

function treatmentHandlers(
  treatment: () => Promise<Treatment>,
): Pick<Handlers<EngineContract>, Extract<keyof Handlers<EngineContract>, TreatmentCalls>> {
  return {
    'treat.object': async (order) => (await treatment()).treat(order),
    'treat.replayPending': async () => ({ results: await (await treatment()).replayPending() }),
    'treat.recover': async () => ({ results: await (await treatment()).recover() }),
    'quarantine.list': async () => ({ items: (await treatment()).list() }),
    'quarantine.restore': async (order) => (await treatment()).restore(order),
    'quarantine.delete': async ({ ids }) => ({ deleted: (await treatment()).deleteCopies(ids) }),
  }
}

interface TreatmentNeeds {
  readonly options: EngineOptions
  readonly state: Configured | null
  readonly config: EngineConfig
  readonly pool: WorkerPool
}

/** The one in use stays as long as its settings do; else it is closed after the last act that is under way in it. */
async function treatmentFor({ options, state, config, pool }: TreatmentNeeds): Promise<Treatment> {
  if (state && treatmentSettings(state.config) === treatmentSettings(config)) return state.treatment
  await state?.treatment.close()
  return createTreatment({
    config,
    installation: options.installation,
    rescan: (fd) => pool.scanOpen(fd),
    ports: options.ports ?? {},
  })
}

function treatmentSettings({ vaultKey, retentionDays, guardedDirs }: EngineConfig): string {
  return JSON.stringify([vaultKey, retentionDays, guardedDirs])
}

function startPool(options: EngineOptions, config: EngineConfig): WorkerPool {
  return createWorkerPool({
    workerFile: options.workerFile,
    size: config.workers,
    watchdogMs: options.watchdogMs ?? defaultWatchdogMs,
    endProcess: options.endProcess,
  })
}

/** Throws ProductError `databases-unusable` or `databases-not-compiled`. */
function load(
  options: EngineOptions,
  { databasesDir, dataDir, scanner }: EngineConfig,
  compiling: Compiling,
): Promise<LoadedDatabases> {
  const own = ownDatabasesFolder(dataDir)
  const updated = databasesDir?.startsWith(`${dataDir}/`)
  return loadDatabases(databasesDir ?? options.seedDatabasesDir, {
    source: databasesDir === null ? 'seed' : updated ? 'update' : 'folder',
    rulesCacheDir: path.join(dataDir, 'rules-cache'),
    compiling,
    // A folder that was asked for is used alone.
    besides: databasesDir === null && existsSync(own) ? [own] : [],
    ifReadable: scanner.systemClamav ? [systemDatabasesFolder()] : [],
  })
}

async function secondEngineInfo({ scanner }: EngineConfig): Promise<SecondEngineInfo> {
  if (scanner.secondEngine === 'off') return noSecondEngine
  const version = await askClamdVersion()
  return { state: version === null ? 'unavailable' : 'ready', version }
}

function engineInfo(pool: WorkerPool, { info, rules }: LoadedDatabases, secondEngine: SecondEngineInfo): EngineInfo {
  return {
    protocol: engineProtocolVersion,
    engineVersion,
    patternBackend: rules.backend,
    secondEngine,
    workers: pool.size,
    databases: info,
  }
}

function areaPaths(area: CallRequest<EngineContract, 'scan.start'>['area']): Buffer[] {
  if (area.kind === 'quick') return [...quickAreaPaths(homedir())]
  if (area.kind === 'full') return [...fullAreaPaths()]
  const paths = area.paths.map(toBytes)
  // A relative path would depend on where the engine process happens to run.
  if (paths.some((each) => each[0] !== 0x2f)) throw new ProductError('bad-path', 'not absolute')
  return paths
}

/** Own data is never scanned: Quarantine holds what was found. Nor is what we were told to leave alone. */
function ownFolders({ dataDir, guardedDirs }: EngineConfig): Buffer[] {
  const folders = [dataDir, ...guardedDirs]
  return [...new Set(folders.flatMap((folder) => [folder, ...realNames(folder)]))].map((name) => Buffer.from(name))
}

function realNames(folder: string): string[] {
  try {
    return [realpathSync(folder)]
  } catch {
    // Not there yet: nothing to leave out under another name.
    return []
  }
}
