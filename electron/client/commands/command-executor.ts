// Carries out accepted remote commands through the same services a person at the computer uses. Every command ends once and
// truthfully, also after a crash. Asks nobody at the computer, and never restarts it.
import type { CommandEnvelope, CommandResult } from '#shared/domain/command.ts'
import type { FinishedScan, RunningScan } from '#shared/domain/scan.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import { codeOf } from '#shared/errors.ts'
import type { PortalSync } from '../cloud/portal-sync.ts'
import type { CloudLink } from '../cloud/cloud-link.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, LogPort } from '../ports.ts'
import type { ScanService } from '../scans/scan-service.ts'
import type { ScanRequest } from '../scans/scan-areas.ts'
import type { SettingsService } from '../settings/settings-service.ts'
import type { Topics } from '../state/topics.ts'
import type { TreatmentService } from '../treatment/treatment-service.ts'
import type { CommandBook, CommandEntry, FinalStatus } from './command-book.ts'

export interface CommandExecutor {
  /** Begins a command that was just accepted. */
  accepted(envelope: CommandEnvelope): void
  /** Goes on with what an earlier run left unfinished. */
  resume(): void
  /** Remote control ends: nothing of it goes on. Resolves when every end is written down. */
  stopAll(by: 'device' | 'portal'): Promise<void>
}

export interface ExecutorDeps {
  readonly book: CommandBook
  readonly scans: ScanService
  readonly treatment: TreatmentService
  readonly settings: SettingsService
  readonly engine: Pick<EngineService, 'usable'>
  readonly sync: Pick<PortalSync, 'tell'>
  readonly link: Pick<CloudLink, 'emitProgress' | 'latestNow'>
  readonly topics: Topics
  readonly clock: Clock
  readonly log: LogPort
  readonly onScanStarted: (envelope: CommandEnvelope) => void
}

type Of<K extends CommandEnvelope['kind']> = Extract<CommandEnvelope, { kind: K }>
interface End {
  readonly status: FinalStatus
  readonly result: CommandResult
}

const maxAttempts = 3
const engineWaitMs = 300_000
const progressIntervalMs = 500
const stopWaitMs = 3_000

export function createCommandExecutor(deps: ExecutorDeps): CommandExecutor {
  const { book, scans, sync, log } = deps
  const jobs = new Map<string, Promise<void>>()
  let lastProgressMs = Number.NEGATIVE_INFINITY

  function begin(envelope: CommandEnvelope): void {
    const job = run(envelope)
      .catch((error: unknown) => log.error('command could not be recorded', { command: envelope.id, error: String(error) }))
      .finally(() => jobs.delete(envelope.id))
    jobs.set(envelope.id, job)
  }

  async function run(envelope: CommandEnvelope): Promise<void> {
    let end: End
    try {
      end = await carryOut(envelope)
    } catch (error) {
      end = failed(codeOf(error))
      if (end.result.error === 'internal') log.error('command failed', { command: envelope.id, error: String(error) })
    }
    await finish(envelope, end)
  }

  async function finish({ id }: CommandEnvelope, { status, result }: End): Promise<void> {
    if (!(await book.end(id, status, result))) return
    await sync.tell({ kind: 'command', commandId: id, status, result })
  }

  function carryOut(envelope: CommandEnvelope): Promise<End> {
    switch (envelope.kind) {
      case 'scan.start':
        return scan(envelope)
      case 'scan.control':
        return controlScan(envelope)
      case 'detections.act':
        return act(envelope)
      case 'problem.ignore':
        return ignore(envelope)
    }
  }

  const entryOf = (envelope: CommandEnvelope): CommandEntry | undefined => book.get(envelope.id)
  const running = ({ id }: CommandEnvelope) => sync.tell({ kind: 'command', commandId: id, status: 'running', result: null })

  async function scan(envelope: Of<'scan.start'>): Promise<End> {
    const before = whyNotStart(entryOf(envelope), deps.link.latestNow())
    if (before) return before
    await deps.engine.usable(engineWaitMs)
    const stopped = stoppedEnd(entryOf(envelope))
    if (stopped) return stopped
    if (scans.running()) return failed('already-running')
    const { attempts } = await book.attempt(envelope.id)
    const { finished } = await scans.start(scanRequest(envelope))
    deps.onScanStarted(envelope)
    await running(envelope)
    if (entryOf(envelope)?.stopBy) await scans.control('stop', entryOf(envelope)?.stopBy ?? 'device').catch(() => undefined)
    return endOfScan(await finished, attempts)
  }

  async function controlScan({ args }: Of<'scan.control'>): Promise<End> {
    const target = book.get(args.commandId)
    if (!target || target.ended || target.envelope.kind !== 'scan.start') return failed('scan-unknown')
    const { origin } = scans.running() ?? {}
    if (origin?.kind === 'remote' && origin.commandId === args.commandId) {
      await scans.control(args.action, 'portal')
      return done({})
    }
    if (args.action !== 'stop') return failed('scan-unknown')
    await book.stop(args.commandId, 'portal')
    return done({})
  }

  async function act(envelope: Of<'detections.act'>): Promise<End> {
    const { action, ids } = envelope.args
    if (action !== 'skip') await deps.engine.usable(engineWaitMs)
    const stopped = stoppedEnd(entryOf(envelope))
    if (stopped) return stopped
    const { attempts } = await book.attempt(envelope.id)
    await running(envelope)
    const acted = await deps.treatment.act(ids, action, originOf(envelope))
    return done({ acted, ...restartedNote(attempts) })
  }

  async function ignore({ args }: Of<'problem.ignore'>): Promise<End> {
    await deps.settings.ignoreProblem(args.key, args.ignored, deps.topics.get('protection').problems)
    return done({})
  }

  scans.onStop(async ({ origin }, by) => {
    if (origin.kind === 'remote' && book.get(origin.commandId)) await book.stop(origin.commandId, by)
  })
  scans.onProgress((view) => {
    if (view.origin.kind !== 'remote') return
    const now = deps.clock.monotonicMs()
    const moved = view.status === 'running' || view.status === 'estimating'
    if (moved && now - lastProgressMs < progressIntervalMs) return
    lastProgressMs = now
    deps.link.emitProgress(progressOf(view, view.origin.commandId))
  })

  return {
    accepted: begin,
    resume() {
      for (const { envelope, ended } of book.entries()) if (!ended && !jobs.has(envelope.id)) begin(envelope)
    },
    async stopAll(by) {
      const open = book.entries().filter(({ ended }) => !ended)
      await Promise.all(open.map(({ envelope }) => book.stop(envelope.id, by)))
      if (scans.running()?.origin.kind === 'remote') await scans.control('stop', by).catch(() => undefined)
      // What waits for the engine ends here; what runs ends by itself.
      const waiting = open.filter(({ envelope, attempts }) => envelope.kind === 'scan.start' && attempts === 0)
      await Promise.all(waiting.map(({ envelope }) => finish(envelope, cancelled(by))))
      const late = new Promise<void>((resolve) => deps.clock.after(stopWaitMs, resolve))
      await Promise.race([Promise.allSettled(jobs.values()), late])
    },
  }
}

function done(result: CommandResult): End {
  return { status: 'done', result }
}

function failed(error: NonNullable<CommandResult['error']>, detail?: string): End {
  return { status: 'failed', result: { error, ...(detail ? { detail } : {}) } }
}

function cancelled(by: 'device' | 'portal'): End {
  return { status: 'cancelled', result: { stoppedBy: by } }
}

function stoppedEnd(entry: CommandEntry | undefined): End | null {
  return entry?.stopBy ? cancelled(entry.stopBy) : null
}

/** A scan that was stopped is never started again; one that was interrupted only so often, and not after its expiry. */
function whyNotStart(entry: CommandEntry | undefined, latestNow: number): End | null {
  if (!entry) return failed('not-found')
  if (entry.stopBy) return cancelled(entry.stopBy)
  const expired = Date.parse(entry.envelope.expiresAt) <= latestNow
  if (entry.attempts === 0) return expired ? { status: 'expired', result: { error: 'command-expired' } } : null
  if (entry.attempts >= maxAttempts) return failed('aborted', `Interrupted ${entry.attempts} times`)
  return expired ? failed('command-expired', 'Interrupted, and expired before it could be started again') : null
}

function originOf({ id, issuedBy }: CommandEnvelope): Origin {
  return { kind: 'remote', commandId: id, account: issuedBy }
}

function scanRequest(envelope: Of<'scan.start'>): ScanRequest {
  const origin = originOf(envelope)
  return envelope.args.type === 'folder' ? { type: 'custom', paths: [envelope.args.path], origin } : { type: envelope.args.type, origin }
}

function restartedNote(attempts: number): Pick<CommandResult, 'detail'> {
  return attempts > 1 ? { detail: 'Started again after the app was interrupted' } : {}
}

function endOfScan(scan: FinishedScan, attempts: number): End {
  const result: CommandResult = {
    totals: scan.totals,
    objects: scan.counters.objects,
    files: scan.counters.files,
    notScanned: scan.counters.notScanned,
    durationMs: Math.max(0, Date.parse(scan.finishedAt) - Date.parse(scan.startedAt)),
    ...restartedNote(attempts),
  }
  switch (scan.outcome) {
    case 'completed':
      return done(result)
    case 'stopped':
      return { status: 'cancelled', result: { ...result, stoppedBy: scan.stoppedBy ?? 'device' } }
    case 'failed':
    case 'interrupted':
      return { status: 'failed', result: { ...result, error: 'engine-crash' } }
  }
}

function progressOf(view: RunningScan, commandId: string) {
  return {
    commandId: commandId as CommandEnvelope['id'],
    progress: view.progress,
    status: view.status === 'paused' ? ('paused' as const) : ('running' as const),
  }
}
