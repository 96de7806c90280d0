// A real engine process behind a real link, with everything that a scan told collected. Used by tests only.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import type { ScanArea, ScanOptions } from '#shared/domain/scan.ts'
import {
  defaultScannerConfig,
  type EngineConfig,
  type EngineContract,
  engineProtocolVersion,
} from '#shared/engine-protocol/engine-contract.ts'
import { createEngineLink, type EngineLink, type EngineLinkState } from '#shared/engine-protocol/engine-link.ts'
import type { CallInput, EventPayload } from '#shared/rpc/contract.ts'
import { toFilePath } from '../../engine/files/path-text.ts'
import { type ForkLauncher, forkLauncher } from '../fork-launcher.ts'

type Progress = EventPayload<EngineContract, 'scan.progress'>['progress']
type Finished = EventPayload<EngineContract, 'scan.finished'>

export interface ScanRecord {
  readonly scanId: ScanId
  readonly detected: DetectedObject[]
  readonly notScanned: NotScannedObject[]
  readonly progress: { readonly at: number; readonly progress: Progress }[]
  readonly finished: Promise<Finished>
}

export interface EngineRig {
  readonly link: EngineLink
  readonly launcher: ForkLauncher
  readonly config: EngineConfig
  readonly dataDir: string
  readonly states: EngineLinkState[]
  readonly logs: string[]
  scan(
    paths: readonly (string | Buffer)[],
    options?: Partial<ScanOptions>,
    how?: Partial<StartOptions>,
  ): Promise<ScanRecord>
  dispose(): Promise<void>
}

/** Of `scan.start`, beside the area and what the scan may do. */
type StartOptions = Pick<CallInput<EngineContract, 'scan.start'>, 'scanId' | 'expectedFiles' | 'resume' | 'ignoreCache'>

/** Starts an engine from a built entry; its data folder goes with it unless it was given. `env`: for the engine process. */
export function startRig(
  hostFile: string,
  config: Partial<EngineConfig> = {},
  env: Readonly<Record<string, string>> = {},
): EngineRig {
  const dataDir = config.dataDir ?? mkdtempSync(path.join(tmpdir(), 'engine-rig-'))
  const states: EngineLinkState[] = []
  const logs: string[] = []
  const launcher = forkLauncher({ hostFile, env, onLog: (line) => logs.push(line) })
  const complete: EngineConfig = {
    protocol: engineProtocolVersion,
    dataDir,
    databasesDir: null,
    vaultKey: randomBytes(32).toString('base64'),
    quarantineBytes: 1_000_000_000,
    retentionDays: 30,
    guardedDirs: [],
    scanner: defaultScannerConfig,
    workers: 2,
    ...config,
  }
  const link = createEngineLink({
    launcher,
    config: complete,
    onState: (state) => states.push(state),
    log: { warn: (text, facts) => logs.push(`${text} ${JSON.stringify(facts)}`) },
  })
  link.start()
  return {
    link,
    launcher,
    config: complete,
    dataDir,
    states,
    logs,
    scan: (paths, options = {}, how = {}) => startScan(link, paths, options, how),
    dispose: async () => {
      await link.stop()
      if (config.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function startScan(
  link: EngineLink,
  paths: readonly (string | Buffer)[],
  options: Partial<ScanOptions>,
  how: Partial<StartOptions>,
): Promise<ScanRecord> {
  const scanId = ScanId.parse(how.scanId ?? randomUUID())
  const area: ScanArea = { kind: 'paths', paths: paths.map((each) => toFilePath(Buffer.from(each))) }
  const record = watchScan(link, scanId)
  await link.client.call('scan.start', {
    scanId,
    area,
    options: { exclude: [], loadCeilingPercent: 100, ...options },
    expectedFiles: 0,
    resume: false,
    ignoreCache: false,
    ...how,
  })
  return record
}

/** CPU time that the engine process has used. */
export function cpuMs({ launcher }: EngineRig): number {
  const stat = readFileSync(`/proc/${launcher.pid()}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Bytes that the engine process has read, from whatever. */
export function bytesRead({ launcher }: EngineRig): number {
  return Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${launcher.pid()}/io`, 'utf8'))?.[1])
}

/** Collects what is told of one scan. */
export function watchScan({ client }: EngineLink, scanId: ScanId): ScanRecord {
  const record = { scanId, detected: [], notScanned: [], progress: [] } as Omit<ScanRecord, 'finished'>
  client.on('scan.detected', (told) => {
    if (told.scanId === scanId) record.detected.push(...told.objects)
  })
  client.on('scan.notScanned', (told) => {
    if (told.scanId === scanId) record.notScanned.push(...told.objects)
  })
  client.on('scan.progress', (told) => {
    if (told.scanId === scanId) record.progress.push({ at: Date.now(), progress: told.progress })
  })
  const finished = new Promise<Finished>((resolve) => {
    client.on('scan.finished', (told) => told.scanId === scanId && resolve(told))
  })
  return { ...record, finished }
}
