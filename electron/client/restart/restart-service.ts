// Restarts of the computer: the one a person here asks for, and the one an owner asks for from the portal, which only the
// person at the computer can grant. Owns that request while it is open, also over an end of the app, and notices afterwards that
// the computer was restarted. Never restarts by itself.
import type { CommandId } from '#shared/domain/ids.ts'
import type { RestartAnswer, RestartAsked, RestartRequest } from '#shared/domain/restart.ts'
import { codeOf, ProductError } from '#shared/errors.ts'
import { RestartFile } from '#shared/files/restart-file.ts'
import type { BootPort, Clock, LogPort, RestartPort, Timer } from '../ports.ts'
import type { History } from '../reports/history.ts'
import {
  restartAsked,
  restartDeclined,
  restartDropped,
  restartExpired,
  restarted,
  restartPostponed,
  restartRefused,
  restartWithdrawn,
} from '../reports/restart-sentences.ts'
import { isoNow } from '../state/clock.ts'
import type { Topics } from '../state/topics.ts'
import type { Storage } from '../storage/storage.ts'

export interface RestartAsk {
  readonly commandId: CommandId
  readonly account: string
  readonly askedAt: string
  /** Asked from time to time while the person has not answered. */
  readonly isExpired: () => boolean
}

/** How a request ended. */
export type RestartEnd =
  | { readonly kind: 'restarted'; readonly at: string }
  | { readonly kind: 'declined' }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'expired' }

export interface RestartService {
  load(): Promise<void>
  /** The person here wants it now. Throws `restart-refused`. */
  now(): Promise<void>
  /** Asks the person; resolves when it ended. The same command again, after a restart, has been granted. Throws `restart-already-asked`. */
  ask(ask: RestartAsk): Promise<RestartEnd>
  /** Throws `not-found` when nothing is asked, `restart-refused`. */
  answer(answer: RestartAnswer): Promise<void>
  /** The person wants to be asked now about what was put off. */
  askAgain(): void
  /** The person agreed, and the computer is being restarted for this request. */
  isGranted(commandId: string): boolean
  /** Takes a request back that was not granted. */
  withdraw(commandId: string): void
  /** Remote control ends: whatever is asked is taken back. */
  withdrawAll(): void
  /** Called before the computer is restarted, for what must be told first. */
  beforeRestart(listener: () => Promise<void>): void
  stop(): void
}

export interface RestartDeps {
  readonly boot: BootPort
  /** Undefined: this app never restarts a computer. */
  readonly port: RestartPort | undefined
  readonly storage: Storage
  readonly topics: Topics
  readonly history: History
  readonly clock: Clock
  readonly log: LogPort
}

interface Open {
  readonly ask: RestartAsk
  readonly end: (end: RestartEnd) => void
}

const lookEveryMs = 60_000
/** A computer that has not gone down by then was stopped from it: the person is asked again. */
const restartWithinMs = 5 * 60_000

export function createRestartService(deps: RestartDeps): RestartService {
  return new RestartServiceObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class RestartServiceObject implements RestartService {
  private readonly deps: RestartDeps
  private file: RestartFile = { version: 1, request: null }
  private save: (value: RestartFile) => Promise<void> = async () => undefined
  private open: Open | null = null
  private timer: Timer | null = null
  private underWay: Promise<void> | null = null
  private prepare: () => Promise<void> = async () => undefined

  constructor(deps: RestartDeps) {
    this.deps = deps
  }

  readonly load: RestartService['load'] = async () => {
    const opened = await this.deps.storage.openDocument('restart.json', RestartFile)
    this.save = opened.save
    this.file = opened.value ?? this.file
  }

  readonly ask: RestartService['ask'] = async (ask) => {
    if (this.open) throw new ProductError('restart-already-asked')
    const { boot, clock, history } = this.deps
    const known = this.file.request?.commandId === ask.commandId ? this.file.request : null
    if (known && known.bootToken !== boot.token()) {
      history.add(restarted(ask.account))
      return { kind: 'restarted', at: isoNow(clock) }
    }
    const ended = new Promise<RestartEnd>((resolve) => {
      this.open = { ask, end: resolve }
    })
    const isOpen = () => this.open?.ask === ask
    if (!known) {
      // First, so that an answer to it never stands before it.
      history.add(restartAsked(ask.account))
      await this.keep(ask.commandId, null)
      // Taken back meanwhile.
      if (!isOpen()) return ended
    }
    this.show(ask, known?.againAt ?? null)
    if (ask.isExpired()) this.expire()
    return ended
  }

  /** What cannot be kept is asked all the same; only a restart would not be noticed then. */
  private readonly keep = async (commandId: CommandId, againAt: string | null): Promise<void> => {
    const known = this.file.request
    const bootToken = known?.commandId === commandId ? known.bootToken : this.deps.boot.token()
    this.file = { version: 1, request: { commandId, bootToken, againAt } }
    await this.save(this.file).catch((error: unknown) =>
      this.deps.log.error('restart request not recorded', { code: codeOf(error) }),
    )
  }

  private readonly show = ({ commandId, account, askedAt }: RestartAsk, againAt: string | null): void => {
    const isLater = againAt !== null && Date.parse(againAt) > this.deps.clock.now()
    const later = { stage: isLater ? 'postponed' : 'waiting', againAt: isLater ? againAt : null } as const
    this.deps.topics.update('restart', (topic) => ({
      ...topic,
      request: { commandId, account: account.slice(0, 256), askedAt, ...later },
    }))
    this.lookIn(lookEveryMs)
  }

  private readonly request = (): RestartRequest | null => this.deps.topics.get('restart').request

  private readonly change = (change: Partial<RestartAsked>): void =>
    this.deps.topics.update('restart', (topic) =>
      topic.request ? { ...topic, request: { ...topic.request, ...change } } : topic,
    )

  private readonly lookIn = (ms: number): void => {
    this.timer?.cancel()
    this.timer = this.deps.clock.after(ms, this.look)
  }

  /** Whether it expired, and whether it is time to ask again. A computer that slept meanwhile is not late. */
  private readonly look = (): void => {
    const { open } = this
    const request = this.request()
    if (!open || !request) return
    const isGranted = request.stage === 'restarting'
    if (!isGranted && open.ask.isExpired()) {
      this.expire()
      return
    }
    const isDue = request.againAt !== null && Date.parse(request.againAt) <= this.deps.clock.now()
    if (isDue || isGranted) this.change({ stage: 'waiting', againAt: null })
    const next = this.request()?.againAt ?? null
    const leftMs = next === null ? lookEveryMs : Date.parse(next) - this.deps.clock.now()
    this.lookIn(Math.max(0, Math.min(lookEveryMs, leftMs)))
  }

  /** The window goes without an answer: the history says why. */
  private readonly expire = (): void => {
    if (this.open) this.deps.history.add(restartExpired(this.open.ask.account))
    this.end({ kind: 'expired' })
  }

  private readonly end = (end: RestartEnd): void => {
    const { open } = this
    this.timer?.cancel()
    this.open = null
    this.deps.topics.update('restart', (topic) => (topic.request ? { ...topic, request: null } : topic))
    open?.end(end)
  }

  readonly answer: RestartService['answer'] = async (answer) => {
    const { open } = this
    const { history, clock } = this.deps
    if (!open || this.request()?.stage === 'restarting') throw new ProductError('not-found')
    const { account, commandId } = open.ask
    switch (answer.kind) {
      case 'now':
        return this.now()
      case 'decline':
        history.add(restartDeclined(account))
        return this.end({ kind: 'declined' })
      case 'postpone': {
        const againAt = new Date(clock.now() + answer.minutes * 60_000).toISOString()
        history.add(restartPostponed(account, answer.minutes))
        this.change({ stage: 'postponed', againAt })
        this.lookIn(Math.min(lookEveryMs, answer.minutes * 60_000))
        // Last: while that is written the person may decide otherwise, or the request may end.
        await this.keep(commandId, againAt)
      }
    }
  }

  readonly askAgain: RestartService['askAgain'] = () => {
    if (this.request()?.stage === 'postponed') this.change({ stage: 'waiting', againAt: null })
  }

  readonly now: RestartService['now'] = () => {
    this.underWay ??= this.restart().finally(() => {
      this.underWay = null
    })
    return this.underWay
  }

  private readonly restart = async (): Promise<void> => {
    const { port, log, history } = this.deps
    this.change({ stage: 'restarting', againAt: null })
    if (this.open) this.lookIn(restartWithinMs)
    try {
      await this.prepare().catch((error: unknown) => log.warn('not told before the restart', { code: codeOf(error) }))
      if (!port) throw new ProductError('restart-refused')
      await port.restart()
    } catch (error) {
      log.error('the computer was not restarted', { code: codeOf(error), error: String(error) })
      history.add(restartRefused())
      this.change({ stage: 'refused', againAt: null })
      if (this.open) this.lookIn(lookEveryMs)
      throw error instanceof ProductError ? error : new ProductError('restart-refused', undefined, { cause: error })
    }
  }

  readonly isGranted: RestartService['isGranted'] = (commandId) =>
    this.open?.ask.commandId === commandId && this.request()?.stage === 'restarting'

  readonly withdraw: RestartService['withdraw'] = (commandId) => {
    if (this.open?.ask.commandId !== commandId || this.isGranted(commandId)) return
    this.deps.history.add(restartWithdrawn(this.open.ask.account))
    this.end({ kind: 'withdrawn' })
  }

  readonly withdrawAll: RestartService['withdrawAll'] = () => {
    if (!this.open) return
    this.deps.history.add(restartDropped(this.open.ask.account))
    this.end({ kind: 'withdrawn' })
  }

  readonly beforeRestart: RestartService['beforeRestart'] = (listener) => {
    this.prepare = listener
  }

  readonly stop: RestartService['stop'] = () => {
    this.timer?.cancel()
    this.timer = null
  }
}
