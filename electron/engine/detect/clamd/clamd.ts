// ClamAV's scanner service as the second engine of one scan thread: contents that we hold are streamed to it.
// Never trusts a plain OK beyond its limits, never waits without a bound, never asks anew at once who did not answer.
import { type ClamdSession, openSession } from './clamd-session.ts'
import { type ClamdSettings, findClamd } from './clamd-settings.ts'
import type { Question, SecondEngine, SecondOpinion } from './second-engine.ts'

export interface ClamdOptions {
  /** Default: looked for in the usual places. */
  readonly find?: () => ClamdSettings | null
  readonly times?: Partial<ClamdTimes>
}

/** All in ms. */
export interface ClamdTimes {
  /** For a connection, and again for what it says of itself. */
  readonly connectMs: number
  /** For an object of no size; large ones have longer, up to `longestAnswerMs`. */
  readonly answerMs: number
  readonly longestAnswerMs: number
  /** How long it is left alone at least after it did not answer. */
  readonly restMs: number
}

/** A file that waits for it takes less than what costs the engine process its life (engine.ts). */
export const usualTimes: ClamdTimes = {
  connectMs: 2000,
  answerMs: 20_000,
  longestAnswerMs: 25_000,
  restMs: 10_000,
}
/** What clamd takes for a megabyte when it is slow. */
const msPerByte = 200 / (1024 * 1024)
/** It is left alone for so many times as long as it kept us waiting: a service that hangs costs a tenth of a scan. */
const restFactor = 10
/** Connections that may end one after the other before it is left alone. */
const mostFailures = 2
const incomplete: SecondOpinion = { kind: 'incomplete' }

/** One for each thread: a connection of its own, opened when first asked. */
export function createClamd({ find = findClamd, times }: ClamdOptions = {}): SecondEngine {
  return new Clamd(find, { ...usualTimes, ...times })
}

class Clamd implements SecondEngine {
  version: string | null = null
  private readonly find: () => ClamdSettings | null
  private readonly times: ClamdTimes
  private settings: ClamdSettings | null = null
  private session: ClamdSession | null = null
  private opening: Promise<ClamdSession | null> | null = null
  private restsUntil = 0
  private failures = 0
  /** Less than the settings say, when it has refused a stream as too long. */
  private learnedBytes = Number.POSITIVE_INFINITY

  constructor(find: () => ClamdSettings | null, times: ClamdTimes) {
    this.find = find
    this.times = times
  }

  async ask(bytes: Buffer, question: Question = {}): Promise<SecondOpinion> {
    const until = performance.now() + Math.min(this.answerMs(bytes), question.withinMs ?? Number.POSITIVE_INFINITY)
    const isReused = this.session?.isOpen === true
    const opinion = await this.askOnce(bytes, question, until)
    // clamd closes what was idle for a while: that says nothing about this object.
    return opinion ?? (isReused ? await this.askOnce(bytes, question, until) : null) ?? incomplete
  }

  dispose(): void {
    this.session?.end()
    this.session = null
  }

  private answerMs({ length }: Buffer): number {
    return Math.min(this.times.longestAnswerMs, this.times.answerMs + length * msPerByte)
  }

  /** Null when the connection ended under it. */
  private async askOnce(bytes: Buffer, question: Question, until: number): Promise<SecondOpinion | null> {
    const used = await this.opened()
    const started = performance.now()
    if (used === null || this.settings === null || started >= until) return incomplete
    if (bytes.length > Math.min(this.settings.streamBytes, this.learnedBytes)) return incomplete
    try {
      const answer = await used.scan(bytes, until - started)
      this.failures = 0
      if (answer.includes('size limit exceeded')) this.refused(used, bytes.length)
      const tookMs = performance.now() - started
      return opinionOf(answer, isWithin(this.settings, { bytes: bytes.length, files: question.files ?? 0, tookMs }))
    } catch {
      if (used.timedOut) this.hung(used, started)
      else this.failed(used)
      return used.timedOut ? incomplete : null
    }
  }

  /** Several contents may be asked about at once: they share the connection. */
  private opened(): Promise<ClamdSession | null> {
    this.opening ??= this.open().finally(() => {
      this.opening = null
    })
    return this.opening
  }

  private async open(): Promise<ClamdSession | null> {
    if (this.session?.isOpen) return this.session
    const started = performance.now()
    if (started < this.restsUntil) return null
    const { connectMs } = this.times
    try {
      this.settings = this.find()
      if (this.settings === null) throw new Error('clamd is not there')
      const fresh = await openSession(this.settings.socketPath, connectMs)
      this.version = shownVersion(await fresh.version(connectMs))
      this.session = fresh
      return fresh
    } catch {
      this.rest(performance.now() - started)
      return null
    }
  }

  private rest(waitedMs: number): void {
    this.version = null
    this.session = null
    this.restsUntil = performance.now() + Math.max(this.times.restMs, waitedMs * restFactor)
  }

  /** It took the content and said nothing. That little time was left for an answer is not its fault. */
  private hung(used: ClamdSession, since: number): void {
    const waitedMs = performance.now() - since
    if (this.session !== used) return
    if (waitedMs >= this.times.answerMs / 4) this.rest(waitedMs)
    else this.session = null
  }

  /** It closed a connection: it may have refused one object, or be gone. */
  private failed(used: ClamdSession): void {
    if (this.session !== used) return
    this.session = null
    this.failures += 1
    if (this.failures >= mostFailures) this.rest(0)
  }

  /** It closes the connection after that. */
  private refused(used: ClamdSession, length: number): void {
    this.learnedBytes = Math.min(this.learnedBytes, length - 1)
    used.end()
  }
}

/**
 * False for what it may not have looked at to its end: it says OK then as well. Its own time is at most what we waited. How
 * deep it goes is not asked: what we open is sent member by member, and what only it can open says nothing of its depth.
 */
function isWithin(
  { fileBytes, scanMs, files }: ClamdSettings,
  asked: { readonly bytes: number; readonly files: number; readonly tookMs: number },
): boolean {
  return asked.bytes <= fileBytes && asked.tookMs < scanMs && asked.files < files
}

/** What clamd says of itself, for people; null when it does not answer. */
export async function askClamdVersion({ find = findClamd, times }: ClamdOptions = {}): Promise<string | null> {
  const { connectMs } = { ...usualTimes, ...times }
  try {
    const settings = find()
    if (settings === null) return null
    const session = await openSession(settings.socketPath, connectMs)
    try {
      return shownVersion(await session.version(connectMs))
    } finally {
      session.end()
    }
  } catch {
    return null
  }
}

/** Names that say that clamd did not look, or could not. */
const notLooked = /^Heuristics\.(?:Limits\.Exceeded|Encrypted)/

function opinionOf(answer: string, isWithinLimits: boolean): SecondOpinion {
  if (answer === 'stream: OK') return isWithinLimits ? { kind: 'nothing-found' } : incomplete
  const threat = /^stream: ([\x21-\x7e]{1,256}) FOUND$/.exec(answer)?.[1]
  if (threat === undefined || notLooked.test(threat)) return incomplete
  return { kind: 'found', threat }
}

/** Throws for what is no version: then it is not clamd that listens there. */
function shownVersion(answer: string): string {
  if (!/^ClamAV [\x20-\x7e]{1,200}$/.test(answer)) throw new Error('not clamd')
  return answer.slice(0, 120)
}
