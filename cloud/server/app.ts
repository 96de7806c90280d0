// Builds the whole portal from its parts; the order below is the order of start, and backwards that of stop. Never reads the
// environment and never prints: main.ts does.
import path from 'node:path'
import cookieParser from '@fastify/cookie'
import type { FastifyInstance } from 'fastify'
import { createAccounts } from './accounts/account-service.ts'
import { forgetOldLinks } from './accounts/links.ts'
import { createSessions } from './accounts/sessions.ts'
import { type Bus, createBus } from './bus.ts'
import { type Clock, systemClock } from './clock.ts'
import { createCommands } from './commands/command-service.ts'
import { isLoopbackUrl, type PortalConfig } from './config.ts'
import type { PortalContext } from './context.ts'
import { createDetections } from './detections/detection-list.ts'
import { createDevices } from './devices/device-service.ts'
import { createGateway } from './gateway/gateway.ts'
import { registerAccountRoutes } from './http/account-routes.ts'
import { registerDeviceRoutes } from './http/device-routes.ts'
import { createRoutes } from './http/routes.ts'
import { createHttpServer, httpLimits } from './http/server.ts'
import { sessionCookie } from './http/session-cookie.ts'
import { createTransportGuard } from './http/transport-guard.ts'
import { registerWebPage } from './http/web-page.ts'
import { type Job, startJobs } from './jobs.ts'
import type { Log } from './log.ts'
import { forgetOldMail } from './mail/outbox.ts'
import { registerOutboxPage } from './mail/outbox-page.ts'
import { fileTransport, type MailTransport, nowhere, smtpTransport } from './mail/transport.ts'
import { startMailWorker } from './mail/worker.ts'
import { openStorage } from './storage/database.ts'
import { loadServerSecret } from './storage/server-secret.ts'

export interface PortalDeps {
  readonly config: PortalConfig
  readonly log: Log
  /** Folder of the SQL migrations. */
  readonly migrations: string
  /** Folder of the built web page. */
  readonly webRoot: string
  readonly clock?: Clock
  readonly bus?: Bus
  /** Contents a new embedded database starts with instead of being made from nothing. */
  readonly seed?: Blob
}

export interface Portal {
  readonly http: FastifyInstance
  /** Starts to listen; answers with the address people use. */
  listen(): Promise<string>
  /** Address of the mail outbox page with its token, where there is one. Known once the portal listens. */
  outboxUrl(): string | null
  close(): Promise<void>
}

/** Builds a portal: database open and migrated, background work running, not listening yet. */
export async function createPortal(deps: PortalDeps): Promise<Portal> {
  const { config, log, clock = systemClock } = deps
  const bus = deps.bus ?? createBus((error) => log.error({ err: error }, 'news could not be passed on'))
  const storage = await openStorage({
    databaseUrl: config.databaseUrl,
    folder: config.dataDir && path.join(config.dataDir, 'db'),
    migrations: deps.migrations,
    onError: (error) => log.error({ err: error }, 'database connection failed'),
    ...(deps.seed ? { seed: deps.seed } : {}),
  })
  try {
    const address = { url: config.publicUrl ?? `http://localhost:${config.port}` }
    const serverSecret = await loadServerSecret(storage.db)
    const context: PortalContext = { db: storage.db, clock, log, bus, serverSecret, publicUrl: () => address.url }
    return await assemble(deps, context, { address, closeStorage: storage.close })
  } catch (error) {
    await storage.close()
    throw error
  }
}

interface Base {
  readonly address: { url: string }
  readonly closeStorage: () => Promise<void>
}

async function assemble(
  { config, webRoot }: PortalDeps,
  context: PortalContext,
  { address, closeStorage }: Base,
): Promise<Portal> {
  const mail = startMailWorker(context, mailTransport(config))
  const sessions = createSessions(context)
  const accounts = createAccounts(context, mail.wake)
  const devices = createDevices(context)
  const commands = createCommands(context, devices)
  const guard = createTransportGuard({ publicUrl: context.publicUrl, trustedProxies: config.trustedProxies })
  const cookie = () => sessionCookie(context.publicUrl())

  const secure = address.url.startsWith('https:')
  const http = await createHttpServer({ context, guard, trustedProxies: config.trustedProxies, secure })
  const routes = createRoutes(http, { sessions, cookie, openPerMinute: httpLimits.openPerMinute })
  registerAccountRoutes(routes, { accounts, sessions, cookie })
  registerDeviceRoutes(routes, {
    context,
    accounts,
    devices,
    commands,
    detections: createDetections(context),
  })
  const outboxToken = hasOutboxPage(config) ? registerOutboxPage(http, outboxFolder(config)) : null
  await registerWebPage(http, { root: webRoot, publicUrl: context.publicUrl })

  const sessionToken = (cookies = '') => cookieParser.parse(cookies)[cookie().name]
  const gateway = createGateway(http.server, { context, devices, sessions, guard, sessionToken })
  const jobs = startJobs(context.clock, context.log, [
    { name: 'heartbeat', everyMs: 20_000, run: () => devices.touch(gateway.connected()) },
    { name: 'offline devices', everyMs: 5_000, run: devices.sweep },
    { name: 'expired commands', everyMs: 30_000, run: commands.expire },
    { name: 'ended sessions', everyMs: 60_000, run: gateway.recheckPages },
    cleaning(context, [accounts.guard.forgetOld, sessions.forgetOld, commands.forgetOld]),
  ])
  mail.wake()

  return {
    http,
    listen: async () => {
      await http.listen({ port: config.port, host: isLoopbackUrl(address.url) ? '127.0.0.1' : '0.0.0.0' })
      const bound = http.server.address()
      if (config.publicUrl === null && bound !== null && typeof bound === 'object')
        address.url = `http://localhost:${bound.port}`
      return address.url
    },
    outboxUrl: () => (outboxToken === null ? null : `http://localhost:${portOf(http)}/outbox?token=${outboxToken}`),
    close: async () => {
      await jobs.stop()
      await gateway.close()
      await http.close()
      devices.stop()
      await mail.stop()
      await closeStorage()
    },
  }
}

function cleaning({ db, clock }: PortalContext, others: readonly (() => Promise<void>)[]): Job {
  return {
    name: 'cleaning',
    everyMs: 3_600_000,
    run: async () => {
      await forgetOldLinks(db, clock.now())
      await forgetOldMail(db, clock.now())
      for (const forget of others) await forget()
    },
  }
}

function mailTransport(config: PortalConfig): MailTransport {
  if (config.smtpUrl !== null) return smtpTransport(config.smtpUrl, config.mailFrom)
  return config.dataDir === null ? nowhere : fileTransport(outboxFolder(config), config.mailFrom)
}

/** SECURITY: only while there is no mail server and nobody but this computer can reach the portal. */
function hasOutboxPage(config: PortalConfig): boolean {
  return (
    config.smtpUrl === null && config.dataDir !== null && (config.publicUrl === null || isLoopbackUrl(config.publicUrl))
  )
}

function outboxFolder(config: PortalConfig): string {
  return path.join(config.dataDir ?? '', 'outbox')
}

function portOf(http: FastifyInstance): number {
  const bound = http.server.address()
  return bound !== null && typeof bound === 'object' ? bound.port : 0
}
