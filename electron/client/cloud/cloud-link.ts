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
import { type Connection, type OfferAnswer, openConnection, type Welcome } from './connection.ts'
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
  readonly account: Pick<AccountService, 'connected' | 'leaving' | 'installation'>
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
  return new CloudLinkObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class CloudLinkObject implements CloudLink {
  private readonly deps: CloudLinkDeps
  private readonly topics: CloudLinkDeps['topics']
  private readonly clock: CloudLinkDeps['clock']
  private readonly log: CloudLinkDeps['log']
  private readonly hooks: CloudLinkDeps['hooks']
  private readonly account: CloudLinkDeps['account']
  private wanted = false
  private attempt = 0
  private timer: Timer | null = null
  private socket: SocketLike | null = null
  private connection: Connection | null = null
  private online = false
  private onlineSinceMs = 0
  private failure: ErrorCode = 'portal-unreachable'
  private portalClock: { readonly portalMs: number; readonly atMs: number } | null = null

  constructor(deps: CloudLinkDeps) {
    this.deps = deps
    this.topics = deps.topics
    this.clock = deps.clock
    this.log = deps.log
    this.hooks = deps.hooks
    this.account = deps.account
  }

  /** Telling a portal that this computer left is nobody's state any more. */
  private readonly show = (change: Partial<CloudTopic>) =>
    this.topics.update('cloud', (topic) => (this.wanted && !this.account.connected() ? topic : { ...topic, ...change }))

  private readonly open = (): void => {
    this.timer?.cancel()
    this.timer = null
    if (!this.wanted || this.socket) return
    this.failure = 'portal-unreachable'
    this.show({
      link: 'connecting',
      nextTryInMs: null,
      offlineSince: this.topics.get('cloud').offlineSince ?? isoNow(this.clock),
    })
    let mine: SocketLike
    try {
      mine = this.deps.connect(`${portalOrigin(this.deps.portalUrl)}${deviceNamespace}`)
    } catch (error) {
      this.failure = codeOf(error)
      this.lost(null)
      return
    }
    this.socket = mine
    mine.on('connect', () => this.connected(mine))
    mine.on('connect_error', () => this.lost(mine))
    this.timer = this.clock.after(handshakeMs, () => this.lost(mine))
  }

  private readonly connected = (mine: SocketLike): void => {
    const who = this.account.connected() ?? this.account.leaving()
    if (this.socket !== mine || !who) {
      this.lost(mine)
      return
    }
    const { deviceId } = who
    const { installationId } = this.account.installation()
    const identity = {
      deviceId,
      installationId,
      portalOrigin: portalOrigin(this.deps.portalUrl),
      appVersion: this.deps.appVersion,
      key: this.deps.key,
    }
    this.failure = 'portal-error'
    this.connection = openConnection(
      mine,
      identity,
      {
        onPortalTime: (portalTime) => {
          this.portalClock = { portalMs: Date.parse(portalTime), atMs: this.clock.monotonicMs() }
          this.show({ clockSkewMs: Math.round(this.clock.now() - this.portalClock.portalMs) })
        },
        onProtocolMismatch: () => {
          this.failure = 'update-needed'
        },
        onWelcome: (welcome) => this.welcomed(mine, welcome),
        onOffer: (envelope) =>
          this.online ? this.hooks.onOffer(envelope) : Promise.reject(new ProductError('unauthenticated')),
        onRenamed: this.hooks.onRenamed,
        onEnded: (reason) => {
          if (this.socket === mine) this.hooks.onEnded(reason)
        },
        onClose: () => this.lost(mine),
      },
      this.log,
    )
  }

  private readonly welcomed = (mine: SocketLike, welcome: Welcome): void => {
    if (this.socket !== mine) return
    this.timer?.cancel()
    this.timer = null
    this.online = true
    this.onlineSinceMs = this.clock.monotonicMs()
    this.failure = 'portal-unreachable'
    this.show({
      link: 'online',
      offlineSince: null,
      nextTryInMs: null,
      lastError: null,
      lastSyncAt: isoNow(this.clock),
    })
    this.hooks.onWelcome(welcome)
  }

  /** The connection, or the try to get one, is over. */
  private readonly lost = (mine: SocketLike | null): void => {
    if (mine && this.socket !== mine) return
    this.drop()
    if (!this.wanted) return
    if (this.online && this.clock.monotonicMs() - this.onlineSinceMs >= stableMs) this.attempt = 0
    const wasOnline = this.online
    this.online = false
    // A portal that speaks another language will not learn ours soon.
    const delayMs = backOffMs(this.failure === 'update-needed' ? 10 : this.attempt, (this.deps.random ?? Math.random)())
    this.attempt += 1
    this.show({
      link: this.failure === 'update-needed' ? 'update-needed' : 'waiting',
      offlineSince: wasOnline ? isoNow(this.clock) : (this.topics.get('cloud').offlineSince ?? isoNow(this.clock)),
      nextTryInMs: delayMs,
      lastError: this.failure,
    })
    this.timer = this.clock.after(delayMs, this.open)
  }

  private readonly drop = (): void => {
    this.timer?.cancel()
    this.timer = null
    const [oldSocket, oldConnection] = [this.socket, this.connection]
    this.socket = null
    this.connection = null
    oldConnection?.close()
    oldSocket?.disconnect()
  }

  readonly start: CloudLink['start'] = () => {
    if (this.wanted) return
    this.wanted = true
    this.attempt = 0
    this.open()
  }

  readonly stop: CloudLink['stop'] = () => {
    this.wanted = false
    this.online = false
    this.drop()
    this.show({ link: 'off', offlineSince: null, nextTryInMs: null, lastError: null })
  }

  readonly retry: CloudLink['retry'] = () => {
    if (!this.wanted || this.socket) return
    this.attempt = 0
    this.open()
  }

  readonly client: CloudLink['client'] = () => (this.online ? (this.connection?.client ?? null) : null)

  readonly emitProgress: CloudLink['emitProgress'] = (progress) => {
    if (this.online) this.connection?.emit('command.progress', progress)
  }

  readonly latestNow: CloudLink['latestNow'] = () => {
    const portalNow = this.portalClock
      ? this.portalClock.portalMs + (this.clock.monotonicMs() - this.portalClock.atMs)
      : 0
    return Math.max(this.clock.now(), portalNow)
  }

  readonly synced: CloudLink['synced'] = () => this.show({ lastSyncAt: isoNow(this.clock) })
}
