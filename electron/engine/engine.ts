// The scanner engine as a library: databases, scan threads, scans, treatment and Quarantine behind one set of handlers.
// Front ends (engine process, tests) are equal customers. Never decides what is done with a finding, never logs a secret.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
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
import { engineBuild, engineVersion } from './databases/engine-version.ts'
import { loadNewest, rulesCacheFolder } from './databases/feed/newest-databases.ts'
import { ownDatabasesFolder } from './databases/own-databases.ts'
import type { Compiling } from './databases/rule-store.ts'
import { askClamdVersion } from './detect/clamd/clamd.ts'
import { toBytes } from './files/path-text.ts'
import { readLimits } from './limits/limits.ts'
import type { LookedWith } from './quarantine/rescan-copies.ts'
import { removeOldCheckpoints } from './scans/checkpoint.ts'
import { generationOf } from './scans/generation.ts'
import { objectScanResult } from './scans/object-result.ts'
import { type ScanRequest, ScanRun } from './scans/scan-run.ts'
import { createWorkerPool, type WorkerPool } from './scans/worker-pool.ts'
import type { OfferOptions } from './treat/elevation/offer.ts'
import { createTreatment, type Treatment, type TreatmentPorts } from './treatment.ts'
import { treatmentHandlers } from './treatment-handlers.ts'
import { leftOutFolders, scanPaths } from './walk/scan-area.ts'
import { walkArea } from './walk/walk.ts'

export interface EngineOptions {
  /** The built entry of a scan thread. */
  readonly workerFile: string
  /** Databases that ship with the product. */
  readonly seedDatabasesDir: string
  /** Folders of the product itself; what lies in them is never treated. */
  readonly installation: readonly string[]
  /** How a person can be asked for the rights of an administrator; absent: not at all. */
  readonly elevation?: OfferOptions
  readonly emit: Emit<EngineContract>
  /** Ends this process: a scan thread died or hangs. Whoever supervises it starts it anew. */
  readonly endProcess: (reason: string) => void
  readonly log: (line: string) => void
  readonly ports?: TreatmentPorts
  /** A file that takes longer than this costs the process its life, in ms. Default: as the limits allow. */
  readonly watchdogMs?: number
  /** What the second engine says of itself; null when it does not answer. */
  readonly askSecondEngine?: () => Promise<string | null>
}

export interface Engine {
  readonly handlers: Handlers<EngineContract>
}

/** What nobody resumed for so long is not resumed any more. */
const keepCheckpointsMs = 7 * 24 * 3_600_000

interface Configured {
  readonly config: EngineConfig
  readonly pool: WorkerPool
  readonly info: EngineInfo
  readonly recipes: LoadedDatabases['recipes']
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
    const fresh = await treatmentFor({ options, state, config, pool, recipes: () => state?.recipes ?? [] })
    const cache = state?.cache ?? openCleanCache(config.dataDir, { log: options.log })
    const info = engineInfo(pool, loaded, await secondEngineInfo(options, config))
    state = { config, pool, info, recipes: loaded.recipes, treatment: fresh, cache }
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
    const secondEngine = await secondEngineInfo(options, config)
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
      'object.scan': async ({ path, look = 'on-demand' }) =>
        objectScanResult(await configured().pool.scanObject(toBytes(path), look)),
      ...treatmentHandlers(treatment, () => lookedWith(configured().info)),
    },
  }
}

/** What was remembered with the same databases and settings; null where nothing can be. */
function cacheFor(
  { cache }: Configured,
  { generation, secondEngine }: { readonly generation: string; readonly secondEngine: SecondEngineInfo },
  ignore: boolean,
): ScanRequest['cache'] {
  if (cache === null) return null
  const name = JSON.stringify([generation, engineBuild, secondEngine])
  return { open: (begunAtMs) => cache.generation(name, begunAtMs), read: !ignore }
}

type StartRequest = CallRequest<EngineContract, 'scan.start'>

async function startScan(
  configured: Configured,
  { options, runs }: { readonly options: EngineOptions; readonly runs: Map<ScanId, ScanRun> },
  request: StartRequest,
): Promise<Record<string, never>> {
  const { config, info, pool } = configured
  if (runs.has(request.scanId)) throw new ProductError('already-running')
  const paths = scanPaths(request.area)
  const exclude = [...request.options.exclude.map(toBytes), ...leftOutFolders(config)]
  const generation = generationOf({
    version: info.databases.version,
    backend: info.patternBackend,
    config: config.scanner,
  })
  // It may have been started, stopped or updated since: what it says now decides what counts as looked at.
  const secondEngine = await secondEngineInfo(options, config)
  if (runs.has(request.scanId)) throw new ProductError('already-running')
  const run = new ScanRun(
    {
      scanId: request.scanId,
      walk: (cache) => walkArea(paths, { exclude, ...(cache === undefined ? {} : { cache }) }),
      cache: cacheFor(configured, { generation, secondEngine }, request.ignoreCache),
      generation,
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

function lookedWith({ databases, secondEngine }: EngineInfo): LookedWith {
  return { databases: databases.version, secondEngine: secondEngine.state === 'ready' }
}

interface TreatmentNeeds {
  readonly options: EngineOptions
  readonly state: Configured | null
  readonly config: EngineConfig
  readonly pool: WorkerPool
  readonly recipes: () => LoadedDatabases['recipes']
}

/** The one in use stays as long as its settings do; else it is closed after the last act that is under way in it. */
async function treatmentFor({ options, state, config, pool, recipes }: TreatmentNeeds): Promise<Treatment> {
  if (state && treatmentSettings(state.config) === treatmentSettings(config)) return state.treatment
  await state?.treatment.close()
  const { installation, elevation, ports = {} } = options
  return createTreatment({ config, installation, elevation, recipes, ports, rescan: (fd) => pool.scanOpen(fd) })
}

function treatmentSettings({ vaultKey, retentionDays, quarantineBytes, guardedDirs }: EngineConfig): string {
  return JSON.stringify([vaultKey, retentionDays, quarantineBytes, guardedDirs])
}

function startPool(options: EngineOptions, config: EngineConfig): WorkerPool {
  return createWorkerPool({
    workerFile: options.workerFile,
    size: config.workers,
    dataDir: config.dataDir,
    watchdogMs: options.watchdogMs,
    endProcess: options.endProcess,
    log: options.log,
  })
}

/** Throws ProductError `databases-unusable` or `databases-not-compiled`. */
function load(
  { seedDatabasesDir }: EngineOptions,
  { databasesDir, dataDir, scanner }: EngineConfig,
  compiling: Compiling,
): Promise<LoadedDatabases> {
  const how = {
    rulesCacheDir: rulesCacheFolder(dataDir),
    compiling,
    ifReadable: scanner.systemClamav ? [systemDatabasesFolder()] : [],
  }
  // A folder that was asked for is used alone.
  if (databasesDir !== null) return loadDatabases(databasesDir, { ...how, source: 'folder' })
  const own = ownDatabasesFolder(dataDir)
  return loadNewest({ dataDir, seedDatabasesDir }, { ...how, besides: existsSync(own) ? [own] : [] })
}

async function secondEngineInfo(
  { askSecondEngine = askClamdVersion }: EngineOptions,
  { scanner }: EngineConfig,
): Promise<SecondEngineInfo> {
  if (scanner.secondEngine === 'off') return noSecondEngine
  const version = await askSecondEngine()
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
