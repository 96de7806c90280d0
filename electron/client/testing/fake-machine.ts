// A computer with infected files and a scripted engine in memory. The computer outlives the engine and the app, so that
// tests can stop and start both. Used by tests only.
import { createHash, randomUUID } from 'node:crypto'
import type { QuarantineId, ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import { noCounters } from '#shared/domain/scan.ts'
import type { ActivePlan, PendingResult, TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import type { ThreatVerdict } from '#shared/domain/verdict.ts'
import {
  type EngineConfig,
  type EngineContract,
  type EngineInfo,
  engineContract,
  type ObjectLook,
  type ObjectScanResult,
} from '#shared/engine-protocol/engine-contract.ts'
import { type ErrorCode, ProductError } from '#shared/errors.ts'
import type { CallDefinition, ContractClient } from '#shared/rpc/contract.ts'
import type { ConnectEngine, EngineState } from '../ports.ts'
import { type FakeCopies, fakeCopies, quarantineHandlers } from './fake-quarantine.ts'
import type { Power } from './memory-ports.ts'

export const testInfo: EngineInfo = {
  protocol: 1,
  engineVersion: '1.0',
  patternBackend: 'wasm',
  secondEngine: { state: 'off', version: null },
  workers: 2,
  databases: {
    version: 'v1',
    releasedAt: '2026-02-01T00:00:00Z',
    hashSignatures: 3,
    rules: 2,
    recipes: 0,
    rejected: [],
    source: 'seed',
  },
}

export function infected(
  path: string,
  options: { verdict?: ThreatVerdict; threat?: string; content?: string } = {},
): DetectedObject {
  const sha256 = createHash('sha256')
    .update(options.content ?? path)
    .digest('hex')
  return {
    path: { text: path },
    identity: { dev: '1', ino: '2', size: 68, mtimeNs: '1', ctimeNs: '1', birthtimeNs: '1', nlink: 1, sha256 },
    findings: [
      { member: [], threat: options.threat ?? 'Eicar-Test', verdict: options.verdict ?? 'infected', detector: 'eicar' },
    ],
    findingsComplete: true,
    coverage: { kind: 'full' },
  }
}

type Handler = (input: never) => Promise<unknown>
type Emit = (name: string, payload: unknown) => void

export interface FakeMachine extends FakeCopies {
  readonly files: Map<string, DetectedObject>
  /** Every order that really changed something, by detection. */
  readonly acted: string[]
  readonly scans: { scanId: ScanId; input: unknown }[]
  readonly controls: string[]
  readonly configs: EngineConfig[]
  readonly orders: TreatmentOrder[]
  /** What looking at one file again says. */
  look: (path: string, kind?: ObjectLook) => ObjectScanResult
  /** Calls of this name fail with this, once for each entry. */
  readonly failures: Map<string, ErrorCode[]>
  /** How the engine treats a file; default: deletes it. */
  treat: (order: TreatmentOrder) => TreatmentOutcome | Promise<TreatmentOutcome>
  /** What would be treated with an object; default: the file alone, which nothing runs. */
  plan: (object: DetectedObject) => ActivePlan
  /** How it does with the rights of an administrator; default: the same. */
  elevate: (order: TreatmentOrder) => TreatmentOutcome | Promise<TreatmentOutcome>
  /** What recover and replayPending answer. */
  recovered: PendingResult[]
  replayed: PendingResult[]
  /** False: scans stay open until `finishScan`. */
  autoFinish: boolean
  /** What every scan could not look at. */
  notScanned: NotScannedObject[]
  /** What each scan has told, as its checkpoint keeps it: a scan that goes on tells it again. */
  readonly told: Map<ScanId, DetectedObject[]>
  emit: Emit
  setState: (state: EngineState) => void
  finishScan(scanId: ScanId, outcome?: 'completed' | 'stopped' | 'failed'): void
  connect(power?: Power): ConnectEngine
}

export function fakeMachine(paths: readonly (string | DetectedObject)[] = []): FakeMachine {
  const done = new Map<string, TreatmentOutcome>()
  const machine: FakeMachine = {
    files: new Map(paths.map((path) => (typeof path === 'string' ? [path, infected(path)] : [path.path.text, path]))),
    ...fakeCopies(),
    acted: [],
    scans: [],
    controls: [],
    configs: [],
    orders: [],
    failures: new Map(),
    look: (path) => {
      const object = machine.files.get(path)
      return object ? { kind: 'detected', object } : { kind: 'nothing-found', partial: [] }
    },
    treat: (order) => deleteFile(machine, order),
    elevate: (order) => deleteFile(machine, order),
    plan: fileAlone,
    recovered: [],
    replayed: [],
    autoFinish: true,
    notScanned: [],
    told: new Map(),
    emit: () => undefined,
    setState: () => undefined,
    finishScan(scanId, outcome = 'completed') {
      const counters = { ...noCounters, objects: 10, files: 10, bytes: 1000 }
      machine.emit('scan.finished', { scanId, outcome, counters, durationMs: 5 })
    },
    connect:
      (power = { on: true }) =>
      (config, { onState }) => {
        machine.configs.push(config)
        const listeners = new Set<{ name: string; run: (payload: never) => void }>()
        const emit: Emit = (name, payload) => {
          if (!power.on) return
          for (const listener of listeners) if (listener.name === name) listener.run(structuredClone(payload) as never)
        }
        const handlers = engineHandlers(machine, done, emit)
        machine.emit = emit
        machine.setState = onState
        const client = {
          call: async (name: string, input: unknown) => {
            await pause()
            if (!power.on) throw new ProductError('peer-gone')
            const failure = machine.failures.get(name)?.shift()
            if (failure) throw new ProductError(failure)
            const answer = await handlers[name]?.(parsedInput(name, input) as never)
            await pause()
            if (!power.on) throw new ProductError('peer-gone')
            return structuredClone(answer)
          },
          on: (name: string, run: (payload: never) => void) => {
            const listener = { name, run }
            listeners.add(listener)
            return () => listeners.delete(listener)
          },
        } as unknown as ContractClient<EngineContract>
        return {
          client,
          start: () => setTimeout(() => power.on && onState('ready'), 1),
          stop: () => undefined,
          info: () => testInfo,
          configure: async (config) => {
            machine.configs.push(config)
            return testInfo
          },
        }
      },
  }
  return machine
}

const fileAlone = ({ path, findings }: DetectedObject): ActivePlan => ({
  processes: [],
  autostart: [],
  files: [{ path, threat: findings[0]?.threat ?? '' }],
})

/** As the other side of the line would see it. */
function parsedInput(name: string, input: unknown): unknown {
  const calls: Readonly<Record<string, CallDefinition>> = engineContract.calls
  return calls[name]?.input.parse(structuredClone(input))
}

const pause = () => new Promise<void>((resolve) => setImmediate(resolve))

function engineHandlers(
  machine: FakeMachine,
  done: Map<string, TreatmentOutcome>,
  emit: Emit,
): Record<string, Handler> {
  return {
    'scan.start': async (input: { scanId: ScanId; resume: boolean }) => {
      machine.scans.push({ scanId: input.scanId, input })
      setTimeout(() => runScan(machine, input, emit), 2)
      return {}
    },
    'scan.control': async (input: { scanId: ScanId; action: string }) => {
      machine.controls.push(input.action)
      if (input.action === 'stop') setTimeout(() => machine.finishScan(input.scanId, 'stopped'), 1)
      return {}
    },
    'treat.active': async ({ objects }: { objects: DetectedObject[] }) => ({
      active: objects.flatMap((object, index) =>
        machine.plan(object).processes.some(({ runs }) => runs) ? [index] : [],
      ),
    }),
    'treat.plan': async ({ object }: { object: DetectedObject }) => machine.plan(object),
    'treat.elevate': async (order: TreatmentOrder) => {
      machine.orders.push(order)
      return machine.elevate(order)
    },
    'treat.object': async (order: TreatmentOrder) => {
      machine.orders.push(order)
      const key = `${order.detectionId} ${order.verb}`
      const before = done.get(key)
      if (before) return before
      const outcome = await machine.treat(order)
      if (outcome.status !== 'failed' && outcome.status !== 'backup-failed') done.set(key, outcome)
      machine.acted.push(order.detectionId)
      return outcome
    },
    'object.scan': async ({ path, look }: { path: { text: string }; look?: ObjectLook }) =>
      machine.look(path.text, look),
    'treat.recover': async () => ({ results: machine.recovered.splice(0) }),
    'treat.replayPending': async () => ({ results: machine.replayed.splice(0) }),
    ...quarantineHandlers(machine, ({ originalPath: { text } }) => machine.files.set(text, infected(text))),
  } as unknown as Record<string, Handler>
}

function runScan(machine: FakeMachine, { scanId, resume }: { scanId: ScanId; resume: boolean }, emit: Emit): void {
  const counters = { ...noCounters, objects: 5, files: 5, bytes: 500 }
  emit('scan.progress', { scanId, progress: { percent: 50, counters, currentPath: '/home', leftMs: 10 } })
  const before = resume ? (machine.told.get(scanId) ?? []) : []
  const objects = [...new Set([...before, ...machine.files.values()])]
  machine.told.set(scanId, objects)
  if (objects.length > 0) emit('scan.detected', { scanId, objects })
  if (machine.notScanned.length > 0) emit('scan.notScanned', { scanId, objects: machine.notScanned })
  if (machine.autoFinish) machine.finishScan(scanId)
}

/** A copy first, then gone: what the real engine does to a wholly infected file. */
export function deleteFile(machine: FakeMachine, order: TreatmentOrder): TreatmentOutcome {
  const path = order.object.path.text
  if (!machine.files.delete(path)) return { status: 'gone' }
  const quarantineId = randomUUID() as QuarantineId
  machine.quarantine.push({
    id: quarantineId,
    detectionId: order.detectionId,
    originalPath: order.object.path,
    threat: order.object.findings[0]?.threat ?? '',
    sizeBytes: order.object.identity.size,
    storedAt: '2026-03-01T10:00:00Z',
    expiresAt: '2026-04-01T10:00:00Z',
    origin: order.origin,
    restorable: true,
  })
  return { status: 'deleted', quarantineId, otherLinks: 0 }
}
