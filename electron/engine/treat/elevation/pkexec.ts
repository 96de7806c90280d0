// Starts the helper as administrator: polkit asks the person at the computer, the request goes in and the answer comes out on the
// helper's standard streams. Owns the process; decides nothing.
import { spawn } from 'node:child_process'
import type { ErrorCode } from '#shared/errors.ts'
import { toFilePath } from '../../files/path-text.ts'
import { canElevate, type OfferOptions, pkexecPath } from './offer.ts'
import { HelperAnswer, type HelperRequest } from './request.ts'

/** The way to more rights. */
export interface Elevation {
  /** True when a person can be asked now. */
  isOffered(): boolean
  /** Asks the person and waits for the helper. Never rejects. */
  run(request: HelperRequest): Promise<HelperAnswer>
}

/** A person may take a while; nobody is asked for ever. */
const answerWithinMs = 5 * 60_000
const mostAnswerBytes = 256 * 1024

export function pkexecElevation(options: OfferOptions): Elevation {
  return {
    isOffered: () => canElevate(options),
    run: (request) => startHelper([pkexecPath, '--disable-internal-agent', options.helper], request),
  }
}

/** Runs the program with the path as its last argument, for the person to see. */
export function startHelper(
  [program = '', ...args]: readonly string[],
  request: HelperRequest,
  env: NodeJS.ProcessEnv = process.env,
): Promise<HelperAnswer> {
  const shown = toFilePath(Buffer.from(request.path, 'base64')).text
  return new Promise((resolve) => {
    const child = spawn(program, [...args, shown], { stdio: ['pipe', 'pipe', 'ignore'], env, timeout: answerWithinMs })
    let out = ''
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (text: string) => {
      out += text
      // Whatever that is, it is no answer.
      if (out.length > mostAnswerBytes) child.stdout.destroy()
    })
    child.once('error', () => resolve(refused('not-available')))
    child.once('close', (code) => resolve(answerIn(out, code)))
    // It ends without reading when the person says no.
    child.stdin.on('error', () => undefined)
    child.stdin.end(JSON.stringify(request))
  })
}

function answerIn(out: string, code: number | null): HelperAnswer {
  const parsed = HelperAnswer.safeParse(jsonIn(out))
  if (parsed.success) return parsed.data
  // pkexec's own: the question was closed, or nobody may answer it.
  return refused(code === 126 || code === 127 || code === null ? 'needs-administrator' : 'io-error')
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const refused = (code: ErrorCode): HelperAnswer => ({ kind: 'refused', code })
