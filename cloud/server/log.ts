// The portal's log: JSON lines on stderr, so that stdout carries nothing but the addresses a person needs.
// Never holds a secret, a proof, a token or a whole mail address.
import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** The log of a running portal. */
export function createLog(level: string, destination: DestinationStream = pino.destination(2)): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: describeError } },
    destination,
  )
}

/** SECURITY: database errors repeat the values of their query; only the kind of an error and where it arose are kept. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) }
  const code = 'code' in error ? { code: String(error.code) } : {}
  const stack = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: error.name,
    ...code,
    message: error.message.split('\n', 1)[0]?.slice(0, 200),
    stack: stack.slice(0, 12).join('\n'),
    ...cause,
  }
}

/** `a***@example.com`: enough to follow a case, not enough to collect addresses. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return at < 1 ? '***' : `${email.charAt(0)}***${email.slice(at)}`
}
