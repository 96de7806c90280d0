// ClamAV's scanner service as the second engine of one scan thread: contents that we hold are streamed to it.
// Never trusts a plain OK beyond its limits, never waits without a bound, never asks anew at once who did not answer.
import { type ClamdSession, openSession } from './clamd-session.ts'
import { type ClamdSettings, findClamd } from './clamd-settings.ts'
import type { SecondEngine, SecondOpinion } from './second-engine.ts'

export interface ClamdOptions {
  /** Default: looked for in the usual places. */
  readonly find?: () => ClamdSettings | null
  readonly connectMs?: number
  /** For one object of no size; large ones have longer. */
  readonly answerMs?: number
  /** How long it is left alone after it did not answer. */
  readonly restMs?: number
}

const defaults = { connectMs: 2000, answerMs: 120_000, restMs: 10_000 }
/** What clamd takes for a megabyte at the very slowest. */
const msPerByte = 1000 / (1024 * 1024)
/** Connections that may end one after the other before it is left alone. */
const mostFailures = 2
const incomplete: SecondOpinion = { kind: 'incomplete' }

/** One for each thread: a connection of its own, opened when first asked. */
export function createClamd(options: ClamdOptions = {}): SecondEngine {
  const { connectMs, answerMs, restMs } = { ...defaults, ...options }
  const find = options.find ?? findClamd
  let settings: ClamdSettings | null = null
  let session: ClamdSession | null = null
  let opening: Promise<ClamdSession | null> | null = null
  let version: string | null = null
  let restsUntil = 0
  let failures = 0
  /** Less than the settings say, when it has refused a stream as too long. */
  let learnedBytes = Number.POSITIVE_INFINITY

  async function open(): Promise<ClamdSession | null> {
    if (session?.isOpen) return session
    if (performance.now() < restsUntil) return null
    try {
      settings = find()
      if (settings === null) throw new Error('clamd is not there')
      const fresh = await openSession(settings.socketPath, connectMs)
      version = shownVersion(await fresh.version(connectMs))
      session = fresh
      return fresh
    } catch {
      rest()
      return null
    }
  }

  /** Several contents may be asked about at once: they share the connection. */
  function opened(): Promise<ClamdSession | null> {
    opening ??= open().finally(() => {
      opening = null
    })
    return opening
  }

  function rest(): void {
    version = null
    session = null
    restsUntil = performance.now() + restMs
  }

  /** It closed a connection: it may have refused one object, or be gone. */
  function failed(used: ClamdSession): void {
    if (session !== used) return
    session = null
    failures += 1
    if (failures >= mostFailures) rest()
  }

  /** Null when the connection ended under it. */
  async function askOnce(bytes: Buffer): Promise<SecondOpinion | null> {
    const used = await opened()
    if (used === null || settings === null) return incomplete
    if (bytes.length > Math.min(settings.streamBytes, learnedBytes)) return incomplete
    try {
      const answer = await used.scan(bytes, answerMs + bytes.length * msPerByte)
      failures = 0
      if (answer.includes('size limit exceeded')) refused(used, bytes.length)
      return opinionOf(answer, bytes.length <= settings.fileBytes)
    } catch {
      failed(used)
      return used.timedOut ? incomplete : null
    }
  }

  /** It closes the connection after that. */
  function refused(used: ClamdSession, length: number): void {
    learnedBytes = Math.min(learnedBytes, length - 1)
    used.end()
  }

  return {
    get version() {
      return version
    },
    ask: async (bytes) => {
      const isReused = session?.isOpen === true
      const opinion = await askOnce(bytes)
      // clamd closes what was idle for a while: that says nothing about this object.
      return opinion ?? (isReused ? await askOnce(bytes) : null) ?? incomplete
    },
    dispose: () => {
      session?.end()
      session = null
    },
  }
}

/** What clamd says of itself, for people; null when it does not answer. */
export async function askClamdVersion(options: ClamdOptions = {}): Promise<string | null> {
  const { connectMs } = { ...defaults, ...options }
  try {
    const settings = (options.find ?? findClamd)()
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
