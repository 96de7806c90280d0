// The socket server: namespaces for devices and pages, limits, and the way of the portal's news to both. Owns socket.io;
// nothing else touches it.
import type { Server as HttpServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { deviceMessageMaxBytes, deviceNamespace, portalSideContract } from '#shared/cloud-protocol/device-contract.ts'
import { pageNamespace } from '#shared/cloud-protocol/page-contract.ts'
import { codeOf, ProductError } from '#shared/errors.ts'
import { createPeer } from '#shared/rpc/peer.ts'
import { answerContract } from '#shared/rpc/serve.ts'
import type { Sessions } from '../accounts/sessions.ts'
import type { PortalEvent } from '../bus.ts'
import type { PortalContext } from '../context.ts'
import type { Devices } from '../devices/device-service.ts'
import type { TransportGuard } from '../http/transport-guard.ts'
import { admit, type Links } from './device-gate.ts'
import { type DeviceLink, portalHandlers } from './device-link.ts'
import { guardedChannel } from './guarded-channel.ts'
import { createPageLinks } from './page-links.ts'

export interface GatewayDeps {
  readonly context: PortalContext
  readonly devices: Devices
  readonly sessions: Sessions
  readonly guard: TransportGuard
  /** The session token in a request's cookies. */
  readonly sessionToken: (cookies: string | undefined) => string | undefined
}

export interface Gateway {
  /** Ids of the devices connected to this process. */
  connected(): string[]
  recheckPages(): Promise<void>
  /** Closes every connection and waits until what they held is stored. */
  close(): Promise<void>
}

export function createGateway(httpServer: HttpServer, deps: GatewayDeps): Gateway {
  const { context, sessions } = deps
  const io = new Server(httpServer, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: deviceMessageMaxBytes,
    connectTimeout: 10_000,
    pingInterval: 20_000,
    pingTimeout: 20_000,
    // SECURITY: no connection state recovery (it would skip authentication), no other origins, the http rules apply.
    allowRequest: (request, decide) =>
      decide(null, deps.guard({ remoteAddress: request.socket.remoteAddress, headers: request.headers })),
  })
  io.use((_socket, next) => next(new Error('unknown-call')))
  const links: Links = new Map()
  const pages = createPageLinks(context, sessions)
  const closing = new Set<Promise<void>>()
  const answer = deviceAnswers(deps)
  io.of(deviceNamespace).on('connection', (socket) => {
    const done = serveDevice(deps, links, answer, socket)
    closing.add(done)
    void done.finally(() => closing.delete(done))
  })
  const pageSpace = io.of(pageNamespace)
  pageSpace.use((socket, next) => {
    const token = deps.sessionToken(socket.handshake.headers.cookie)
    findSession(sessions, token).then((who) => {
      socket.data = { token, who }
      next(who === undefined ? new Error('unauthenticated') : undefined)
    }, next)
  })
  pageSpace.on('connection', (socket) => pages.add(socket, socket.data.token, socket.data.who))
  const unsubscribe = context.bus.subscribe((event) => {
    pages.tell(event)
    tellDevice(links, event)
  })
  return {
    connected: () => [...links.keys()],
    recheckPages: pages.recheck,
    close: async () => {
      for (const name of [deviceNamespace, pageNamespace]) io.of(name).disconnectSockets(true)
      await Promise.all(closing)
      unsubscribe()
      io.engine.close()
    },
  }
}

type DeviceAnswer = (name: string, input: unknown, link: DeviceLink, signal: AbortSignal) => Promise<unknown>

/** One set of handlers for all devices; the link is handed to each call. */
function deviceAnswers({ context, devices }: GatewayDeps): DeviceAnswer {
  const handlers = portalHandlers(context, devices)
  return (name, input, link, signal) => answerContract(portalSideContract, handlers, link)(name, input, signal)
}

/** Lives as long as the connection, and until everything it held is stored. Never rejects. */
async function serveDevice(deps: GatewayDeps, links: Links, answer: DeviceAnswer, socket: Socket): Promise<void> {
  const { context, devices } = deps
  const { channel, fault } = guardedChannel(socket, context.clock, context.log)
  let link: DeviceLink | undefined
  const peer = createPeer(channel, {
    maxConcurrent: 16,
    onFault: ({ kind, error }) => {
      if (kind === 'malformed') fault(kind)
      else context.log.error({ err: error, deviceId: link?.deviceId }, 'call of a device failed')
    },
    answer: async (name, input, signal) => {
      const current = link
      if (!current) throw new ProductError('unauthenticated')
      try {
        return await answer(name, input, current, signal)
      } catch (error) {
        if (codeOf(error) === 'bad-request' || codeOf(error) === 'unknown-call') fault(codeOf(error))
        throw error
      }
    },
  })
  const gone = new Promise<void>((resolve) => peer.onClose(resolve))
  try {
    const onLink = (admitted: DeviceLink) => {
      link = admitted
    }
    await admit({ context, devices, links }, { peer, fault, onLink })
  } catch (error) {
    if (codeOf(error) === 'internal') context.log.error({ err: error }, 'device could not be admitted')
    peer.close()
  }
  await gone
  await closeLink(link).catch((error: unknown) =>
    context.log.error({ err: error }, 'end of a connection could not be stored'),
  )
}

async function closeLink(link: DeviceLink | undefined): Promise<void> {
  await link?.close()
}

async function findSession(sessions: Sessions, token: string | undefined) {
  return token === undefined ? undefined : sessions.find(token)
}

function tellDevice(links: Links, event: PortalEvent): void {
  if (event.kind === 'command.planned') links.get(event.deviceId)?.delivery.kick()
  if (event.kind === 'link.end') links.get(event.deviceId)?.end(event.reason)
  if (event.kind === 'device.renamed') links.get(event.deviceId)?.renamed(event.name)
}
