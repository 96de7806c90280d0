// A small device: its key, enrolment, and a connection that answers as an app does. Behaviour can be replaced per test.
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { io, type Socket } from 'socket.io-client'
import {
  type DeviceSideContract,
  deviceNamespace,
  deviceProtocolVersion,
  deviceSideContract,
  type PortalSideContract,
  portalSideContract,
} from '#shared/cloud-protocol/device-contract.ts'
import { signedBytes } from '#shared/crypto/canonical-json.ts'
import { deviceAuthPrefix, deviceAuthStatement, enrolPrefix } from '#shared/crypto/password-proof.ts'
import type { CommandEnvelope } from '#shared/domain/command.ts'
import { DeviceId, InstallationId } from '#shared/domain/ids.ts'
import { clientFor } from '#shared/rpc/client.ts'
import type { ContractClient, Emit, Handlers } from '#shared/rpc/contract.ts'
import { createPeer, type Peer } from '#shared/rpc/peer.ts'
import { answerContract, emitterFor } from '#shared/rpc/serve.ts'
import { socketChannel } from '#shared/rpc/socket-channel.ts'
import type { Reply } from './browser.ts'

export interface DeviceKey {
  readonly publicKey: string
  readonly privateKey: KeyObject
}

export function newKey(): DeviceKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64'),
    privateKey,
  }
}

export interface EnrolInput {
  readonly email: string
  readonly proof: string
  readonly key?: DeviceKey
  readonly installationId?: string
  readonly now?: Date
  /** Changes the signed statement, or (with `afterSigning`) what is sent. */
  readonly change?: Record<string, unknown>
  readonly afterSigning?: Record<string, unknown>
}

export async function enrolDevice(url: string, input: EnrolInput): Promise<Reply & { key: DeviceKey }> {
  const key = input.key ?? newKey()
  const fields = {
    email: input.email,
    proof: input.proof,
    publicKey: key.publicKey,
    installationId: input.installationId ?? randomUUID(),
    name: 'Ann’s computer',
    os: 'Debian GNU/Linux 12',
    appVersion: '0.1.0',
    portalOrigin: url,
    issuedAt: (input.now ?? new Date()).toISOString(),
    ...input.change,
  }
  const signature = sign(null, signedBytes(enrolPrefix, fields), key.privateKey).toString('base64')
  const response = await fetch(`${url}/api/devices/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...fields, signature, ...input.afterSigning }),
  })
  return { status: response.status, body: await response.json(), headers: response.headers, key }
}

export interface ConnectOptions {
  readonly deviceId: string
  readonly key: DeviceKey
  readonly handlers?: Partial<Handlers<DeviceSideContract>>
  /** Waits for the welcome unless false. */
  readonly wait?: boolean
}

export interface TestDevice {
  readonly socket: Socket
  readonly peer: Peer
  readonly portal: ContractClient<PortalSideContract>
  readonly emit: Emit<PortalSideContract>
  readonly offers: CommandEnvelope[]
  readonly ended: string[]
  readonly renamed: string[]
  readonly welcome: Promise<{ name: string; account: string; outboxEpoch: string | null; outboxSeq: number }>
  readonly closed: Promise<void>
  close(): void
}

/** Signs a challenge as the device does. */
export function answerChallenge(url: string, deviceId: string, key: DeviceKey, nonce: string) {
  const statement = signedBytes(deviceAuthPrefix, deviceAuthStatement(url, deviceId, nonce))
  return {
    deviceId: DeviceId.parse(deviceId),
    installationId: InstallationId.parse('00000000-0000-4000-8000-000000000001'),
    portalOrigin: url,
    signature: sign(null, statement, key.privateKey).toString('base64'),
    protocol: deviceProtocolVersion,
    appVersion: '0.1.0',
  }
}

export async function connectDevice(
  url: string,
  { deviceId, key, handlers = {}, wait = true }: ConnectOptions,
): Promise<TestDevice> {
  const socket = io(url + deviceNamespace, { transports: ['websocket'], forceNew: true, reconnection: false })
  const [offers, ended, renamed]: [CommandEnvelope[], string[], string[]] = [[], [], []]
  let welcomed: (value: Awaited<TestDevice['welcome']>) => void = () => undefined
  const welcome = new Promise<Awaited<TestDevice['welcome']>>((resolve) => {
    welcomed = resolve
  })
  const all: Handlers<DeviceSideContract> = {
    'link.authenticate': ({ nonce }) => answerChallenge(url, deviceId, key, nonce),
    'link.welcome': (input) => {
      welcomed(input)
      return {}
    },
    'link.ping': () => ({}),
    'command.offer': (envelope) => {
      offers.push(envelope)
      return { kind: 'accepted' }
    },
    'device.renamed': ({ name }) => {
      renamed.push(name)
      return {}
    },
    ...handlers,
  }
  const peer = createPeer(socketChannel(socket), { answer: answerContract(deviceSideContract, all, undefined) })
  clientFor(deviceSideContract, peer).on('link.ended', ({ reason }) => ended.push(reason))
  const closed = new Promise<void>((resolve) => {
    socket.on('disconnect', () => resolve())
    socket.on('connect_error', () => resolve())
  })
  if (wait) await Promise.race([welcome, closed])
  return {
    socket,
    peer,
    portal: clientFor(portalSideContract, peer),
    emit: emitterFor(portalSideContract, peer),
    offers,
    ended,
    renamed,
    welcome,
    closed,
    close: () => socket.disconnect(),
  }
}
