// The HTTP server with everything that protects it: limits, headers, rate limits, cookies, CSRF, the transport rules, and
// the OpenAPI text. Owns the numbers; routes are registered by others.
import cookie from '@fastify/cookie'
import csrf from '@fastify/csrf-protection'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { brand } from '#shared/brand.ts'
import { ProductError } from '#shared/errors.ts'
import { keyed } from '../accounts/tokens.ts'
import type { PortalContext } from '../context.ts'
import { answerError } from './errors.ts'
import { csrfCookieName } from './session-cookie.ts'
import type { TransportGuard } from './transport-guard.ts'

/** Every bound of the HTTP interface. */
export const httpLimits = {
  bodyBytes: 65_536,
  headerBytes: 16_384,
  headersMs: 15_000,
  requestMs: 30_000,
  idleMs: 120_000,
  keepAliveMs: 65_000,
  /** Requests a minute from one network address. */
  perMinute: 1200,
  /** Of those, requests a minute to one route that needs no session. */
  openPerMinute: 120,
} as const

export interface HttpServerOptions {
  readonly context: PortalContext
  readonly guard: TransportGuard
  readonly trustedProxies: readonly string[]
  /** Whether the portal is used over https; fixed by its public address. */
  readonly secure: boolean
}

export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { context, trustedProxies } = options
  const app: FastifyInstance = Fastify({
    loggerInstance: context.log as FastifyBaseLogger,
    // Addresses of requests carry tokens; one own line a request without them is enough.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: httpLimits.bodyBytes,
    requestTimeout: httpLimits.requestMs,
    connectionTimeout: httpLimits.idleMs,
    keepAliveTimeout: httpLimits.keepAliveMs,
    http: { headersTimeout: httpLimits.headersMs, maxHeaderSize: httpLimits.headerBytes },
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    forceCloseConnections: true,
    return503OnClosing: false,
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answerError)
  app.decorateRequest('signedIn', null)
  acceptEmptyJson(app)
  await protect(app, options)
  await describeRoutes(app)
  app.get('/healthz', { schema: { hide: true }, config: { rateLimit: false } }, () => ({ ok: true }))
  return app
}

async function protect(app: FastifyInstance, { context, guard, secure }: HttpServerOptions): Promise<void> {
  app.addHook('onRequest', async (request) => {
    if (request.url === '/healthz') return
    const { remoteAddress } = request.socket
    if (!guard({ remoteAddress, headers: request.headers })) throw new ProductError('forbidden', 'transport')
  })
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')
  })
  app.addHook('onResponse', async (request, reply) => {
    const ms = Math.round(reply.elapsedTime)
    request.log.debug(
      { method: request.method, route: request.routeOptions.url, status: reply.statusCode, ms },
      'request',
    )
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    strictTransportSecurity: secure ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: false,
  })
  await app.register(rateLimit, {
    max: httpLimits.perMinute,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, { ttl }) => new ProductError('too-many-requests', String(ttl)),
  })
  await app.register(cookie)
  await app.register(csrf, {
    sessionPlugin: '@fastify/cookie',
    cookieKey: csrfCookieName(context.publicUrl()),
    cookieOpts: { path: '/', httpOnly: true, sameSite: 'strict' },
    csrfOpts: { hmacKey: keyed(context.serverSecret, 'csrf/v1', '').toString('base64'), userInfo: true },
    getToken: (request) => String(request.headers['x-csrf-token'] ?? ''),
    getUserInfo: (request) => request.signedIn?.sessionId ?? '',
  })
}

async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: brand.portal,
        version: '1',
        description:
          'Requests of a signed-in page that change something carry the token of GET /api/session in the header x-csrf-token.',
      },
    },
    transform: jsonSchemaTransform,
  })
  app.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger())
}

/** A client that names JSON and sends nothing means nothing; it is no mistake worth refusing. */
function acceptEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parse(request, String(body), done)
  })
}
