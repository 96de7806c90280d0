// Starts the helper as administrator: polkit asks the person at the computer, the request goes in and the answer comes out on the
// helper's standard streams. Owns the process; decides nothing.
// SECURITY: the request is given to a helper that says it is there, never before: one that nobody waits for any more gets none.
import { spawn } from 'node:child_process'
import type { ErrorCode } from '#shared/errors.ts'
import { toFilePath } from '../../files/path-text.ts'
import { startTimeOf } from '../processes.ts'
import type { HelperProcess } from './at-work.ts'
import { canElevate, type OfferOptions, pkexecPath } from './offer.ts'
import { type Answered, HelperAnswer, type HelperRequest, readyLine } from './request.ts'

/** The way to more rights. */
export interface Elevation {
  /** True when a person can be asked now. */
  isOffered(): boolean
  /**
   * Asks the person and waits for the helper. `asked` is called right before the request is given to it; what it throws keeps it
   * from being given, and is thrown. Rejects with nothing else.
   */
  run(request: HelperRequest, asked: (helper: HelperProcess) => void): Promise<Answered>
}

/** A person may take a while; nobody is asked for ever. The helper itself has all the time it needs. */
const questionWithinMs = 5 * 60_000
const mostAnswerBytes = 256 * 1024

export function pkexecElevation(options: OfferOptions): Elevation {
  return {
    isOffered: () => canElevate(options),
    run: (request, asked) =>
      startHelper([pkexecPath, '--disable-internal-agent', options.helper], { request, asked, env: process.env }),
  }
}

export interface HelperStart {
  readonly request: HelperRequest
  readonly asked: Parameters<Elevation['run']>[1]
  readonly env: NodeJS.ProcessEnv
  /** Default: five minutes. */
  readonly questionMs?: number
}

/** Runs the program with the path as its last argument, for the person to see. */
export function startHelper([program = '', ...args]: readonly string[], start: HelperStart): Promise<Answered> {
  const { request, asked, env, questionMs = questionWithinMs } = start
  const shown = toFilePath(Buffer.from(request.path, 'base64')).text
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, shown], { stdio: ['pipe', 'pipe', 'ignore'], env })
    const closed = new Promise<void>((over) => child.once('close', () => over()))
    let out = ''
    let isAsked = false
    const end = (answer: HelperAnswer): void => {
      clearTimeout(question)
      // It sees that nobody needs it any more, puts back what it has to, and ends.
      resolve({
        answer,
        release: async () => {
          child.stdin.end()
          if (isAsked) await closed
        },
      })
    }
    const question = setTimeout(() => {
      // It may be root's by now, and not ours to end: without a request it does nothing.
      child.stdin.destroy()
      child.kill()
      end(refused('needs-administrator'))
    }, questionMs)
    const ask = (): void => {
      clearTimeout(question)
      try {
        const pid = child.pid ?? 0
        asked({ pid, startTime: startTimeOf(pid) })
        isAsked = true
        child.stdin.write(`${JSON.stringify(request)}\n`)
      } catch (error) {
        child.stdin.destroy()
        reject(error)
      }
    }
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (text: string) => {
      out += text
      const [first, answer, rest] = out.split('\n', 3)
      if (!isAsked && answer !== undefined && first === readyLine && child.stdin.writable) ask()
      if (isAsked && rest !== undefined) end(answerIn(answer))
      // Whatever that is, it is no answer.
      if (out.length > mostAnswerBytes) child.stdout.destroy()
    })
    // Not only when it cannot be started: also when it may not be ended.
    child.on('error', () => end(refused('not-available')))
    child.once('close', (code) => end(refused(isAsked ? 'io-error' : whyNotAsked(code))))
    // It ends without reading when the person says no.
    child.stdin.on('error', () => undefined)
  })
}

/** pkexec's own answers: the question was closed, or nobody may answer it. */
function whyNotAsked(code: number | null): ErrorCode {
  return code === 126 || code === 127 || code === null ? 'needs-administrator' : 'io-error'
}

function answerIn(line: string | undefined): HelperAnswer {
  const parsed = HelperAnswer.safeParse(jsonIn(line ?? ''))
  return parsed.success ? parsed.data : refused('io-error')
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const refused = (code: ErrorCode): HelperAnswer => ({ kind: 'refused', code })
