// Keeps one line to the portal while the computer is connected to an account: connects, waits longer after each failure,
// shows its state in the topic `cloud`. Never decides about accounts, commands or what is told.
import { deviceNamespace, type PortalSideContract } from '#shared/cloud-protocol/device-contract.ts'
import type { CloudTopic } from '#shared/domain/app-state.ts'
import type { CommandEnvelope } from '#shared/domain/command.ts'
import { codeOf, type ErrorCode, ProductError } from '#shared/errors.ts'
import type { ContractClient, EventPayload } from '#shared/rpc/contract.ts'
import type { SocketLike } from '#shared/rpc/socket-channel.ts'
import type { AccountService, EndReason } from '../account/account-service.ts'
import type { DeviceKey } from '../account/device-key.ts'
import type { Clock, ConnectSocket, LogPort, Timer } from '../ports.ts'
import { isoNow } from '../state/clock.ts'
import type { Topics } from '../state/topics.ts'
import { backOffMs } from './back-off.ts'
import { type Connection, openConnection, type OfferAnswer, type Welcome } from './connection.ts'
import { portalOrigin } from './portal-address.ts'

export interface CloudLink {
  /** Connects and stays connected until `stop`. */
  start(): void
  stop(): void
  /** Tries at once instead of waiting. */
  retry(): void
  /** Null unless online. */
  client(): ContractClient<PortalSideContract> | null
  emitProgress(progress: EventPayload<PortalSideContract, 'command.progress'>): void
  /** The later of this computer's clock and the portal's time. */
  latestNow(): number
  /** Something reached the portal. */
  synced(): void
}

export interface CloudLinkHooks {
  readonly onWelcome: (welcome: Welcome) => void
  readonly onOffer: (envelope: CommandEnvelope) => Promise<OfferAnswer>
  readonly onRenamed: (name: string) => Promise<void>
  readonly onEnded: (reason: EndReason) => void
}

export interface CloudLinkDeps {
  readonly portalUrl: string
  readonly connect: ConnectSocket
  readonly account: Pick<AccountService, 'connected' | 'installation'>
  readonly key: DeviceKey
  readonly appVersion: string
  readonly topics: Topics
  readonly clock: Clock
  readonly log: LogPort
  readonly hooks: CloudLinkHooks
  readonly random?: () => number
}

const handshakeMs = 20_000
/** Online for this long: the next failure is a new one. */
const stableMs = 10_000

export function createCloudLink(deps: CloudLinkDeps): CloudLink {
  const { topics, clock, log, hooks, account } = deps
  let wanted = false
  let attempt = 0
  let timer: Timer | null = null
  let socket: SocketLike | null = null
  let connection: Connection | null = null
  let online = false
  let onlineSinceMs = 0
  let failure: ErrorCode = 'portal-unreachable'
  let portalClock: { readonly portalMs: number; readonly atMs: number } | null = null

  const show = (change: Partial<CloudTopic>) => topics.update('cloud', (topic) => ({ ...topic, ...change }))

  function open(): void {
    timer?.cancel()
    timer = null
    if (!wanted || socket) return
    failure = 'portal-unreachable'
    show({ link: 'connecting', nextTryInMs: null, offlineSince: topics.get('cloud').offlineSince ?? isoNow(clock) })
    let mine: SocketLike
    try {
      mine = deps.connect(`${portalOrigin(deps.portalUrl)}${deviceNamespace}`)
    } catch (error) {
      failure = codeOf(error)
      return lost(null)
    }
    socket = mine
    mine.on('connect', () => connected(mine))
    mine.on('connect_error', () => lost(mine))
    timer = clock.after(handshakeMs, () => lost(mine))
  }

  function connected(mine: SocketLike): void {
    const who = account.connected()
    if (socket !== mine || !who) return lost(mine)
    const { deviceId } = who
    const { installationId } = account.installation()
    const identity = { deviceId, installationId, portalOrigin: portalOrigin(deps.portalUrl), appVersion: deps.appVersion, key: deps.key }
    failure = 'portal-error'
    connection = openConnection(
      mine,
      identity,
      {
        onPortalTime: (portalTime) => {
          portalClock = { portalMs: Date.parse(portalTime), atMs: clock.monotonicMs() }
          show({ clockSkewMs: Math.round(clock.now() - portalClock.portalMs) })
        },
        onProtocolMismatch: () => {
          failure = 'update-needed'
        },
        onWelcome: (welcome) => welcomed(mine, welcome),
        onOffer: (envelope) => (online ? hooks.onOffer(envelope) : Promise.reject(new ProductError('unauthenticated'))),
        onRenamed: hooks.onRenamed,
        onEnded: (reason) => {
          if (socket === mine) hooks.onEnded(reason)
        },
        onClose: () => lost(mine),
      },
      log,
    )
  }

  function welcomed(mine: SocketLike, welcome: Welcome): void {
    if (socket !== mine) return
    timer?.cancel()
    timer = null
    online = true
    onlineSinceMs = clock.monotonicMs()
    failure = 'portal-unreachable'
    show({ link: 'online', offlineSince: null, nextTryInMs: null, lastError: null, lastSyncAt: isoNow(clock) })
    hooks.onWelcome(welcome)
  }

  /** The connection, or the try to get one, is over. */
  function lost(mine: SocketLike | null): void {
    if (mine && socket !== mine) return
    drop()
    if (!wanted) return
    if (online && clock.monotonicMs() - onlineSinceMs >= stableMs) attempt = 0
    const wasOnline = online
    online = false
    // A portal that speaks another language will not learn ours soon.
    const delayMs = backOffMs(failure === 'update-needed' ? 10 : attempt, (deps.random ?? Math.random)())
    attempt += 1
    show({
      link: failure === 'update-needed' ? 'update-needed' : 'waiting',
      offlineSince: wasOnline ? isoNow(clock) : (topics.get('cloud').offlineSince ?? isoNow(clock)),
      nextTryInMs: delayMs,
      lastError: failure,
    })
    timer = clock.after(delayMs, open)
  }

  function drop(): void {
    timer?.cancel()
    timer = null
    const [oldSocket, oldConnection] = [socket, connection]
    socket = null
    connection = null
    oldConnection?.close()
    oldSocket?.disconnect()
  }

  return {
    start() {
      if (wanted) return
      wanted = true
      attempt = 0
      open()
    },
    stop() {
      wanted = false
      online = false
      drop()
      show({ link: 'off', offlineSince: null, nextTryInMs: null, lastError: null })
    },
    retry() {
      if (!wanted || socket) return
      attempt = 0
      open()
    },
    client: () => (online ? (connection?.client ?? null) : null),
    emitProgress(progress) {
      if (online) connection?.emit('command.progress', progress)
    },
    latestNow() {
      const portalNow = portalClock ? portalClock.portalMs + (clock.monotonicMs() - portalClock.atMs) : 0
      return Math.max(clock.now(), portalNow)
    },
    synced: () => show({ lastSyncAt: isoNow(clock) }),
  }
}
