// The few requests the app makes to the portal over HTTP. Every failure becomes one of the codes that the sign-in window
// has a sentence for. Never logs a body.
import type { z } from 'zod'
import { ApiError } from '#shared/cloud-protocol/http-api.ts'
import { type ErrorCode, ProductError } from '#shared/errors.ts'

interface Route<B extends z.ZodType, A extends z.ZodType> {
  readonly path: string
  readonly body: B
  readonly answer: A
}

const timeoutMs = 20_000
const answerMaxBytes = 100_000
/** Codes that mean something to the person at the computer; any other is an error of the portal. */
const passedOn: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'wrong-credentials',
  'not-activated',
  'slow-down',
  'mail-not-sent',
  'update-needed',
  'cloned-device',
  'clock-wrong',
  'portal-address-wrong',
])

/** POSTs to one route. Throws `portal-unreachable`, `portal-error`, or what the portal said. */
export async function post<B extends z.ZodType, A extends z.ZodType>(
  origin: string,
  route: Route<B, A>,
  body: z.input<B>,
): Promise<z.output<A>> {
  const response = await request(`${origin}${route.path}`, JSON.stringify(body))
  if (response.status < 200 || response.status >= 300) throw refusal(response)
  const parsed = route.answer.safeParse(response.json)
  if (!parsed.success) throw new ProductError('portal-error', 'answer')
  return parsed.data
}

interface Answer {
  readonly status: number
  readonly json: unknown
}

async function request(url: string, body: string): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await response.text()
    return { status: response.status, json: text.length > answerMaxBytes ? null : parse(text) }
  } catch (error) {
    throw new ProductError('portal-unreachable', undefined, { cause: error })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function refusal({ status, json }: Answer): ProductError {
  const parsed = ApiError.safeParse(json)
  if (!parsed.success) return new ProductError('portal-error', String(status))
  const { code, detail } = parsed.data
  if (code === 'too-many-requests') return new ProductError('slow-down', detail)
  return passedOn.has(code) ? new ProductError(code, detail) : new ProductError('portal-error', code)
}
