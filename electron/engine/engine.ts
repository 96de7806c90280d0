// The scanner engine as a library: databases, scan threads, scans, treatment and Quarantine behind one set of handlers.
// Front ends (engine process, tests) are equal customers. Never decides what is done with a finding, never logs a secret.
import { realpathSync } from 'node:fs'
import { availableParallelism, homedir } from 'node:os'
import path from 'node:path'
import type { ScanId } from '#shared/domain/ids.ts'
import {
  type EngineConfig,
  type EngineContract,
  type EngineInfo,
  engineProtocolVersion,
} from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import type { CallRequest, Emit, Handlers } from '#shared/rpc/contract.ts'
import { type LoadedDatabases, loadDatabases } from './databases/databases.ts'
import { engineVersion } from './databases/engine-version.ts'
import { toBytes } from './files/path-text.ts'
import { removeOldCheckpoints } from './scans/checkpoint.ts'
import { objectScanResult } from './scans/object-result.ts'
import { ScanRun } from './scans/scan-run.ts'
import { createWorkerPool, type WorkerPool } from './scans/worker-pool.ts'
import type { OpenVerdict } from './scans/worker-protocol.ts'
import { createTreatment, type Treatment, type TreatmentPorts } from './treatment.ts'
import { fullAreaPaths, quickAreaPaths } from './walk/areas.ts'
import { walkArea } from './walk/walk.ts'

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
}

export function createEngine(options: EngineOptions): Engine {
  const runs = new Map<ScanId, ScanRun>()
  let state: Configured | null = null

  function configured(): Configured {
    if (!state) throw new ProductError('engine-unavailable', 'not configured')
    return state
  }

  async function configure(config: EngineConfig): Promise<EngineInfo> {
    if (config.protocol !== engineProtocolVersion) throw new ProductError('update-needed', `${engineProtocolVersion}`)
    if (state && state.config.dataDir !== config.dataDir) throw new ProductError('bad-request', 'dataDir')
    const pool = state?.pool ?? startPool(options, config)
    // The new databases are loaded beside the old ones; if that fails the old ones stay.
    const loaded = await load(options, config)
    await pool.load(loaded)
    removeOldCheckpoints(config.dataDir, keepCheckpointsMs)
    const treatment = treatmentFor({ options, state, config, pool })
    state = { config, pool, info: engineInfo(pool, loaded), treatment }
    return state.info
  }

  function startScan(request: CallRequest<EngineContract, 'scan.start'>): Record<string, never> {
    const { config, pool } = configured()
    if (runs.has(request.scanId)) throw new ProductError('already-running')
    const paths = areaPaths(request.area)
    const exclude = [...request.options.exclude.map(toBytes), ...ownFolders(config.dataDir)]
    const run = new ScanRun(
      {
        scanId: request.scanId,
        walk: () => walkArea(paths, { exclude }),
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

  function controlScan({ scanId, action }: CallRequest<EngineContract, 'scan.control'>): Record<string, never> {
    const run = runs.get(scanId)
    if (!run) throw new ProductError('scan-unknown')
    run[action]()
    return {}
  }

  return {
    handlers: {
      'engine.configure': configure,
      'engine.info': () => configured().info,
      'scan.start': startScan,
      'scan.control': controlScan,
      'object.scan': async ({ path }) => objectScanResult(await configured().pool.scanObject(toBytes(path))),
      'treat.object': (order) => configured().treatment.treat(order),
      'treat.replayPending': async () => ({ results: await configured().treatment.replayPending() }),
      'treat.recover': async () => ({ results: await configured().treatment.recover() }),
      'quarantine.list': () => ({ items: configured().treatment.list() }),
      'quarantine.restore': (order) => configured().treatment.restore(order),
      'quarantine.delete': ({ ids }) => ({ deleted: configured().treatment.deleteCopies(ids) }),
    },
  }
}

interface TreatmentNeeds {
  readonly options: EngineOptions
  readonly state: Configured | null
  readonly config: EngineConfig
  readonly pool: WorkerPool
}

/** The one in use stays as long as its settings do: an act may be under way in it. */
function treatmentFor({ options, state, config, pool }: TreatmentNeeds): Treatment {
  const same = state?.config.vaultKey === config.vaultKey && state.config.retentionDays === config.retentionDays
  if (state && same) return state.treatment
  state?.treatment.close()
  return createTreatment({
    config,
    installation: options.installation,
    rescan: (source) => rescan(pool, source),
    ports: options.ports ?? {},
  })
}

function startPool(options: EngineOptions, config: EngineConfig): WorkerPool {
  return createWorkerPool({
    workerFile: options.workerFile,
    size: config.workers,
    watchdogMs: options.watchdogMs ?? defaultWatchdogMs,
    endProcess: options.endProcess,
  })
}

/** Throws ProductError `databases-unusable`. */
function load(options: EngineOptions, { databasesDir, dataDir }: EngineConfig): Promise<LoadedDatabases> {
  const updated = databasesDir?.startsWith(`${dataDir}/`)
  return loadDatabases(databasesDir ?? options.seedDatabasesDir, {
    source: databasesDir === null ? 'seed' : updated ? 'update' : 'folder',
    rulesCacheDir: path.join(dataDir, 'rules-cache'),
  })
}

function engineInfo(pool: WorkerPool, { info, rules }: LoadedDatabases): EngineInfo {
  return {
    protocol: engineProtocolVersion,
    engineVersion,
    patternBackend: rules.backend,
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

async function rescan(pool: WorkerPool, source: Buffer | number): Promise<OpenVerdict> {
  if (typeof source === 'number') return pool.scanOpen(source)
  const { kind } = await pool.scanObject(source)
  return kind === 'detected' ? 'infected' : kind
}

/** Own data is never scanned: Quarantine holds what was found. */
function ownFolders(dataDir: string): Buffer[] {
  const names = new Set([dataDir])
  try {
    names.add(realpathSync(dataDir))
  } catch {
    // Not there yet: nothing to leave out under another name.
  }
  return [...names].map((name) => Buffer.from(name))
}
