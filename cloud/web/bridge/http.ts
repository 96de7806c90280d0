// One typed request per route of shared/cloud-protocol/http-api.ts: path and query built, CSRF token sent, answer
// validated, every failure a ProductError. Owns the wire; never keeps an answer.
import type { z } from 'zod'
import { ApiError } from '#shared/cloud-protocol/http-api.ts'
import { ProductError } from '#shared/errors.ts'

/** The shape every route definition has. */
export interface Route {
  readonly method: string
  readonly path: string
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly answer: z.ZodType
}

type Part<R extends Route, K extends 'params' | 'query' | 'body'> =
  R extends Record<K, infer S extends z.ZodType> ? { readonly [P in K]: z.input<S> } : unknown

/** What a route wants: its params, query and body, where it has them. */
export type RequestParts<R extends Route> = Part<R, 'params'> & Part<R, 'query'> & Part<R, 'body'>

interface AnyParts {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

const timeoutMs = 15_000
let csrfToken: string | undefined
let onUnauthenticated: () => void = () => undefined

/** The token of the session, sent with every change. Kept in memory only. */
export function setCsrfToken(token: string | undefined): void {
  csrfToken = token
}

/** Told when the portal says that the session is over. */
export function whenUnauthenticated(listener: () => void): void {
  onUnauthenticated = listener
}

/** Asks the portal. Rejects with a ProductError only. */
export async function request<R extends Route>(route: R, parts: RequestParts<R>): Promise<z.output<R['answer']>> {
  const token = csrfToken
  const response = await send(route, parts as AnyParts)
  const json: unknown = await response.json().catch(() => ({}))
  if (!response.ok) throw failure(response.status, json, token)
  const parsed = route.answer.safeParse(json)
  if (!parsed.success) throw new ProductError('bad-response', route.path)
  return parsed.data as z.output<R['answer']>
}

/** Path with its `:names` filled in, and the query. */
export function routeUrl(path: string, parts: AnyParts): string {
  const filled = path.replace(/:([A-Za-z]+)/g, (_all, name: string) =>
    encodeURIComponent(String(parts.params?.[name] ?? '')),
  )
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parts.query ?? {})) if (value !== undefined) query.set(name, String(value))
  const text = query.toString()
  return text === '' ? filled : `${filled}?${text}`
}

async function send(route: Route, parts: AnyParts): Promise<Response> {
  const headers = new Headers({ accept: 'application/json' })
  if (parts.body !== undefined) headers.set('content-type', 'application/json')
  if (route.method !== 'GET' && csrfToken !== undefined) headers.set('x-csrf-token', csrfToken)
  try {
    return await fetch(routeUrl(route.path, parts), {
      method: route.method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(timeoutMs),
      ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
    })
  } catch (error) {
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError'
    throw new ProductError(timedOut ? 'deadline-exceeded' : 'portal-unreachable')
  }
}

/** `token`: of the session that was asked in. A late answer to one that is over says nothing about the one after it. */
function failure(status: number, json: unknown, token: string | undefined): ProductError {
  const parsed = ApiError.safeParse(json)
  if (!parsed.success) return new ProductError(status >= 500 ? 'portal-error' : 'bad-response', String(status))
  if (parsed.data.code === 'unauthenticated' && token === csrfToken) onUnauthenticated()
  return new ProductError(parsed.data.code, parsed.data.detail)
}
