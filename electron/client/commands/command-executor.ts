// Carries out accepted remote commands through the same services a person at the computer uses. Every command ends once and
// truthfully, also after a crash. Asks nobody at the computer but
// about a restart of it, and never restarts it itself.
import type { CommandEnvelope } from '#shared/domain/command.ts'
import type { RunningScan } from '#shared/domain/scan.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import { codeOf } from '#shared/errors.ts'
import type { AccountService } from '../account/account-service.ts'
import type { CloudLink } from '../cloud/cloud-link.ts'
import type { PortalSync } from '../cloud/portal-sync.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, LogPort } from '../ports.ts'
import type { RestartService } from '../restart/restart-service.ts'
import type { ScanRequest } from '../scans/scan-areas.ts'
import type { ScanService } from '../scans/scan-service.ts'
import type { SettingsService } from '../settings/settings-service.ts'
import type { Topics } from '../state/topics.ts'
import type { TreatmentService } from '../treatment/treatment-service.ts'
import type { CommandBook, CommandEntry } from './command-book.ts'
import {
  type CommandEnd,
  cancelled,
  done,
  type EnvelopeOf,
  endOfScan,
  failed,
  restartedNote,
  whyNotStart,
} from './command-ends.ts'
import { askToRestart, cancelRestart } from './restart-commands.ts'

export interface CommandExecutor {
  /** Begins a command that was just accepted. */
  accepted(envelope: CommandEnvelope): void
  /** Goes on with what an earlier run left unfinished. */
  resume(): void
  /** Remote control begins (again). */
  open(): void
  /** False from the first step of its end on. */
  isOpen(): boolean
  /** Remote control ends: nothing of it goes on. Resolves when every end is written down. */
  stopAll(by: 'device' | 'portal'): Promise<void>
}

export interface ExecutorDeps {
  readonly book: CommandBook
  readonly scans: ScanService
  readonly treatment: TreatmentService
  readonly settings: SettingsService
  readonly engine: Pick<EngineService, 'usable'>
  readonly restarts: RestartService
  readonly account: Pick<AccountService, 'connected'>
  readonly sync: Pick<PortalSync, 'tell'>
  readonly link: Pick<CloudLink, 'emitProgress' | 'latestNow'>
  readonly topics: Topics
  readonly clock: Clock
  readonly log: LogPort
  readonly onScanStarted: (envelope: CommandEnvelope) => void
  /** Tells the portal how this computer is now; never fails, and never takes long. */
  readonly stateTold: () => Promise<void>
}

const engineWaitMs = 300_000
const progressIntervalMs = 500
const stopWaitMs = 3_000

export function createCommandExecutor(deps: ExecutorDeps): CommandExecutor {
  return new CommandExecutorObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class CommandExecutorObject implements CommandExecutor {
  private readonly deps: ExecutorDeps
  private readonly book: ExecutorDeps['book']
  private readonly scans: ExecutorDeps['scans']
  private readonly sync: ExecutorDeps['sync']
  private readonly log: ExecutorDeps['log']
  private readonly jobs = new Map<string, Promise<void>>()
  private closed = false
  private lastProgressMs = Number.NEGATIVE_INFINITY

  constructor(deps: ExecutorDeps) {
    this.deps = deps
    this.book = deps.book
    this.scans = deps.scans
    this.sync = deps.sync
    this.log = deps.log
    this.scans.onStop(async ({ origin }, by) => {
      if (origin.kind === 'remote' && this.book.get(origin.commandId)) await this.stopWritten(origin.commandId, by)
    })
    this.scans.onProgress((view) => {
      if (view.origin.kind !== 'remote') return
      const now = this.deps.clock.monotonicMs()
      const moved = view.status === 'running' || view.status === 'estimating'
      if (moved && now - this.lastProgressMs < progressIntervalMs) return
      this.lastProgressMs = now
      this.deps.link.emitProgress(progressOf(view, view.origin.commandId))
    })
  }

  /** Stopping works also where it cannot be written down. */
  private readonly stopWritten = (id: string, by: 'device' | 'portal'): Promise<void> =>
    this.book
      .stop(id, by)
      .catch((error: unknown) => this.log.error('stop not recorded', { command: id, error: String(error) }))

  private readonly begin = (envelope: CommandEnvelope): void => {
    const job = this.run(envelope)
      .catch((error: unknown) =>
        this.log.error('command could not be recorded', { command: envelope.id, error: String(error) }),
      )
      .finally(() => this.jobs.delete(envelope.id))
    this.jobs.set(envelope.id, job)
  }

  private readonly run = async (envelope: CommandEnvelope): Promise<void> => {
    let end: CommandEnd
    try {
      end = this.whyNot(envelope) ?? (await this.carryOut(envelope))
    } catch (error) {
      end = failed(codeOf(error))
      if (end.result.error === 'internal')
        this.log.error('command failed', { command: envelope.id, error: String(error) })
    }
    await this.finish(envelope, end)
  }

  /** SECURITY: a computer that is not connected to the account any more carries nothing out. */
  private readonly whyNot = (envelope: CommandEnvelope): CommandEnd | null => {
    if (!this.mayRun(envelope)) return cancelled(this.entryOf(envelope)?.stopBy ?? 'device')
    const { clockSkewMs } = this.deps.topics.get('cloud')
    return whyNotStart(this.entryOf(envelope), this.deps.link.latestNow(), clockSkewMs)
  }

  private readonly mayRun = ({ deviceId }: CommandEnvelope) =>
    !this.closed && this.deps.account.connected()?.deviceId === deviceId

  private readonly finish = async ({ id }: CommandEnvelope, { status, result }: CommandEnd): Promise<void> => {
    if (!(await this.book.end(id, status, result))) return
    // First what came of it: nobody is offered again what has just been done.
    await this.deps.stateTold()
    await this.sync.tell({ kind: 'command', commandId: id, status, result })
  }

  private readonly carryOut = (envelope: CommandEnvelope): Promise<CommandEnd> => {
    switch (envelope.kind) {
      case 'scan.start':
        return this.scan(envelope)
      case 'scan.control':
        return this.controlScan(envelope)
      case 'detections.act':
        return this.act(envelope)
      case 'problem.ignore':
        return this.ignore(envelope)
      case 'device.restart':
        return askToRestart(envelope, this.restartDeps())
      case 'restart.cancel':
        return cancelRestart(envelope, this.restartDeps())
    }
  }

  private readonly entryOf = (envelope: CommandEnvelope): CommandEntry | undefined => this.book.get(envelope.id)

  private readonly running = ({ id }: CommandEnvelope) =>
    this.sync.tell({ kind: 'command', commandId: id, status: 'running', result: null })

  private readonly scan = async (envelope: EnvelopeOf<'scan.start'>): Promise<CommandEnd> => {
    await this.deps.engine.usable(engineWaitMs)
    const stopped = this.whyNot(envelope)
    if (stopped) return stopped
    if (this.scans.running()) return failed('already-running')
    const { attempts } = await this.book.attempt(envelope.id)
    const { finished } = await this.scans.start(scanRequest(envelope))
    // Once it has ended, another scan may begin at any time.
    const end = finished.then((scan) => endOfScan(scan, attempts, this.scans.gaps()))
    this.deps.onScanStarted(envelope)
    await this.running(envelope)
    if (this.entryOf(envelope)?.stopBy || !this.mayRun(envelope))
      await this.scans.control('stop', this.entryOf(envelope)?.stopBy ?? 'device').catch(() => undefined)
    return end
  }

  private readonly controlScan = async ({ args }: EnvelopeOf<'scan.control'>): Promise<CommandEnd> => {
    const target = this.book.get(args.commandId)
    if (!target || target.ended || target.envelope.kind !== 'scan.start') return failed('scan-unknown')
    const { origin } = this.scans.running() ?? {}
    if (origin?.kind === 'remote' && origin.commandId === args.commandId) {
      await this.scans.control(args.action, 'portal')
      return done({})
    }
    if (args.action !== 'stop') return failed('scan-unknown')
    await this.book.stop(args.commandId, 'portal')
    return done({})
  }

  private readonly act = async (envelope: EnvelopeOf<'detections.act'>): Promise<CommandEnd> => {
    const { action, ids } = envelope.args
    if (action !== 'skip') await this.deps.engine.usable(engineWaitMs)
    const stopped = this.whyNot(envelope)
    if (stopped) return stopped
    const { attempts } = await this.book.attempt(envelope.id)
    await this.running(envelope)
    const stopBy = () => this.entryOf(envelope)?.stopBy ?? (this.mayRun(envelope) ? null : 'device')
    const isStopped = () => stopBy() !== null
    const how = { origin: originOf(envelope), isStopped }
    const { failures: _each, ...acted } = await this.deps.treatment.act(ids, action, how)
    const by = stopBy()
    if (by && acted.done + acted.failed + acted.needRestart < new Set(ids).size)
      return { status: 'cancelled', result: { stoppedBy: by, acted } }
    return done({ acted, ...restartedNote(attempts) })
  }

  private readonly ignore = async ({ args }: EnvelopeOf<'problem.ignore'>): Promise<CommandEnd> => {
    await this.deps.settings.ignoreProblem(args.key, args.ignored, this.deps.topics.get('protection').problems)
    return done({})
  }

  private readonly restartDeps = () => ({
    book: this.book,
    restarts: this.deps.restarts,
    link: this.deps.link,
    running: this.running,
    skewMs: () => this.deps.topics.get('cloud').clockSkewMs,
  })

  readonly accepted: CommandExecutor['accepted'] = (...given) => this.begin(...given)

  readonly resume: CommandExecutor['resume'] = () => {
    for (const { envelope, ended } of this.book.entries())
      if (!ended && !this.jobs.has(envelope.id)) this.begin(envelope)
  }

  readonly open: CommandExecutor['open'] = () => {
    this.closed = false
  }

  readonly isOpen: CommandExecutor['isOpen'] = () => !this.closed

  readonly stopAll: CommandExecutor['stopAll'] = async (by) => {
    this.closed = true
    const open = this.book.entries().filter(({ ended }) => !ended)
    await Promise.all(open.map(({ envelope }) => this.stopWritten(envelope.id, by)))
    this.deps.restarts.withdrawAll()
    if (this.scans.running()?.origin.kind === 'remote') await this.scans.control('stop', by).catch(() => undefined)
    // What waits for the engine ends here; what runs ends by itself.
    const waiting = open.filter(({ envelope, attempts }) => envelope.kind === 'scan.start' && attempts === 0)
    await Promise.all(waiting.map(({ envelope }) => this.finish(envelope, cancelled(by)).catch(() => undefined)))
    const late = new Promise<void>((resolve) => this.deps.clock.after(stopWaitMs, resolve))
    await Promise.race([Promise.allSettled(this.jobs.values()), late])
  }
}

function originOf({ id, issuedBy }: CommandEnvelope): Origin {
  return { kind: 'remote', commandId: id, account: issuedBy }
}

function scanRequest(envelope: EnvelopeOf<'scan.start'>): ScanRequest {
  const origin = originOf(envelope)
  return envelope.args.type === 'folder'
    ? { type: 'custom', paths: [envelope.args.path], origin }
    : { type: envelope.args.type, origin }
}

function progressOf(view: RunningScan, commandId: string) {
  return {
    commandId: commandId as CommandEnvelope['id'],
    progress: view.progress,
    status: view.status === 'paused' ? ('paused' as const) : ('running' as const),
  }
}
