// Registers routes from the shared definitions: what comes in and what goes out is validated by the same schemas, session
// and CSRF token are checked where the route asks for a signed-in page. Owns the helper; handlers are beside it.
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { z } from 'zod'
import { ApiError } from '#shared/cloud-protocol/http-api.ts'
import { ProductError } from '#shared/errors.ts'
import type { Sessions, SignedIn } from '../accounts/sessions.ts'
import { requireSession, type SessionCookie } from './session-cookie.ts'

/** A row of shared/cloud-protocol/http-api.ts. */
export interface RouteDefinition {
  readonly method: string
  readonly path: string
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly answer: z.ZodType
}

type Part<R, K extends string> = R extends { readonly [key in K]: infer S extends z.ZodType } ? z.output<S> : undefined

export interface RouteInput<R> {
  readonly params: Part<R, 'params'>
  readonly query: Part<R, 'query'>
  readonly body: Part<R, 'body'>
}

export interface Caller {
  readonly networkAddress: string
  readonly reply: FastifyReply
}

type Answer<R extends RouteDefinition> = Promise<z.input<R['answer']>> | z.input<R['answer']>

export interface Routes {
  /** For everybody. */
  open<R extends RouteDefinition>(definition: R, handler: (input: RouteInput<R>, caller: Caller) => Answer<R>): void
  /** For a signed-in page; what changes something needs the CSRF token as well. */
  signedIn<R extends RouteDefinition>(
    definition: R,
    handler: (input: RouteInput<R>, who: SignedIn, caller: Caller) => Answer<R>,
  ): void
}

export interface RoutesOptions {
  readonly sessions: Sessions
  readonly cookie: () => SessionCookie
  /** Requests a minute from one network address to one of the open routes. */
  readonly openPerMinute: number
}

export function createRoutes(app: FastifyInstance, { sessions, cookie, openPerMinute }: RoutesOptions): Routes {
  return {
    open: (definition, handler) => {
      app.route({
        ...common(definition),
        config: { rateLimit: { max: openPerMinute, timeWindow: 60_000 } },
        handler: (request, reply) => handler(inputOf(request), callerOf(request, reply)),
      })
    },
    signedIn: (definition, handler) => {
      const authenticate = async (request: FastifyRequest) => {
        await requireSession(sessions, cookie(), request)
      }
      const changes = definition.method !== 'GET'
      app.route({
        ...common(definition),
        // Before validation, so that a stranger learns nothing about what a route accepts.
        preValidation: changes ? [authenticate, app.csrfProtection] : [authenticate],
        handler: (request, reply) => {
          if (!request.signedIn) throw new ProductError('unauthenticated')
          return handler(inputOf(request), request.signedIn, callerOf(request, reply))
        },
      })
    },
  }
}

function common({ method, path, params, query, body, answer }: RouteDefinition) {
  return {
    method: method as HTTPMethods,
    url: path,
    schema: {
      ...(params ? { params } : {}),
      ...(query ? { querystring: query } : {}),
      ...(body ? { body } : {}),
      response: { 200: answer, '4xx': ApiError, '5xx': ApiError },
    },
  }
}

/** The compilers have validated these parts by the definition's schemas; Fastify's types cannot follow that here. */
function inputOf<R>(request: FastifyRequest): RouteInput<R> {
  return { params: request.params, query: request.query, body: request.body } as RouteInput<R>
}

function callerOf(request: FastifyRequest, reply: FastifyReply): Caller {
  return { networkAddress: request.ip, reply }
}
