// A small portal for tests: speaks the real device contract over any socket, stores what a real one stores, and offers
// commands until they are accepted. Used by tests only.
import { createPublicKey, randomUUID, verify } from 'node:crypto'
import {
  type DeviceSideContract,
  deviceSideContract,
  type OutboxItem,
  type PortalSideContract,
  portalSideContract,
} from '#shared/cloud-protocol/device-contract.ts'
import { signedBytes } from '#shared/crypto/canonical-json.ts'
import { deviceAuthPrefix, deviceAuthStatement } from '#shared/crypto/password-proof.ts'
import type { CommandBody, CommandEnvelope, CommandResult } from '#shared/domain/command.ts'
import type { DeviceState } from '#shared/domain/device.ts'
import type { CommandId, DeviceId } from '#shared/domain/ids.ts'
import { clientFor } from '#shared/rpc/client.ts'
import type { ContractClient, EventPayload } from '#shared/rpc/contract.ts'
import { createPeer, type Peer } from '#shared/rpc/peer.ts'
import { answerContract, emitterFor } from '#shared/rpc/serve.ts'
import { type SocketLike, socketChannel } from '#shared/rpc/socket-channel.ts'
import type { ConnectSocket } from '../ports.ts'

export const testDeviceId = '7f0b1a52-7a70-4b52-8f0c-0d7d6f5c1a11' as DeviceId

export interface FakePortal {
  readonly items: OutboxItem[]
  readonly finals: { id: string; status: string; result: CommandResult | null }[]
  /** The newest state that was known when each of `finals` came. */
  readonly statesAtFinals: (DeviceState | undefined)[]
  readonly answers: { id: string; kind: string }[]
  readonly progress: EventPayload<PortalSideContract, 'command.progress'>[]
  readonly states: DeviceState[]
  readonly planned: Map<string, CommandEnvelope>
  publicKey: string | null
  name: string
  email: string
  epoch: string | null
  seq: number
  left: number
  /** Throws away this many answers to pushes by closing instead. */
  cutPushes: number
  timeOffsetMs: number
  protocol: number
  client: ContractClient<DeviceSideContract> | null
  peer: Peer | null
  /** The other end of a device's socket. */
  accept(socket: SocketLike): void
  plan(body: CommandBody, change?: Partial<CommandEnvelope>): CommandEnvelope
  end(reason: 'device-removed' | 'password-reset' | 'cloned-device' | 'account-deleted'): void
  offer(envelope: CommandEnvelope): Promise<string>
}

export function fakePortal(origin = 'http://localhost:1'): FakePortal {
  const portal: FakePortal = {
    items: [],
    finals: [],
    statesAtFinals: [],
    answers: [],
    progress: [],
    states: [],
    planned: new Map(),
    publicKey: null,
    name: 'desk',
    email: 'anna@example.com',
    epoch: null,
    seq: 0,
    left: 0,
    cutPushes: 0,
    timeOffsetMs: 0,
    protocol: 1,
    client: null,
    peer: null,
    accept: (socket) => void serve(portal, origin, socket),
    plan(body, change = {}) {
      const envelope = { ...body, ...envelopeFields(), ...change } as CommandEnvelope
      portal.planned.set(envelope.id, envelope)
      void offerAll(portal)
      return envelope
    },
    end(reason) {
      if (!portal.peer) return
      emitterFor(deviceSideContract, portal.peer)('link.ended', { reason })
      portal.peer.close()
    },
    async offer(envelope) {
      if (!portal.client) throw new Error('nobody is connected')
      const answer = await portal.client.call('command.offer', envelope)
      const said = answer.kind === 'refused' ? answer.code : answer.kind
      portal.answers.push({ id: envelope.id, kind: said })
      return said
    },
  }
  return portal
}

function envelopeFields() {
  return {
    id: randomUUID() as CommandId,
    deviceId: testDeviceId,
    issuedBy: 'anna@example.com',
    issuedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  }
}

async function serve(portal: FakePortal, origin: string, socket: SocketLike): Promise<void> {
  const peer = createPeer(socketChannel(socket), {
    answer: answerContract(
      portalSideContract,
      {
        'state.report': (state) => {
          portal.states.push(state)
          return { at: new Date().toISOString() }
        },
        'outbox.push': ({ epoch, items }) => {
          take(portal, epoch, items)
          if (portal.cutPushes > 0) {
            portal.cutPushes -= 1
            peer.close()
          }
          return { storedSeq: portal.seq }
        },
        'link.leave': () => {
          portal.left += 1
          return {}
        },
        'device.rename': ({ name }) => {
          portal.name = name
          return {}
        },
      },
      undefined,
    ),
  })
  const client = clientFor(deviceSideContract, peer)
  clientFor(portalSideContract, peer).on('command.progress', (progress) => portal.progress.push(progress))
  try {
    await authenticate(portal, origin, client)
    const { name, email: account, epoch: outboxEpoch, seq: outboxSeq } = portal
    portal.client = client
    portal.peer = peer
    await client.call('link.welcome', { name, account, outboxEpoch, outboxSeq })
    await offerAll(portal)
  } catch {
    peer.close()
  }
}

async function authenticate(
  portal: FakePortal,
  origin: string,
  client: ContractClient<DeviceSideContract>,
): Promise<void> {
  const nonce = Buffer.from(randomUUID()).toString('base64')
  const portalTime = new Date(Date.now() + portal.timeOffsetMs).toISOString()
  const claim = await client.call('link.authenticate', { nonce, portalTime, protocol: portal.protocol })
  if (portal.publicKey === null) return
  const x = Buffer.from(portal.publicKey, 'base64').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const bytes = signedBytes(deviceAuthPrefix, deviceAuthStatement(origin, claim.deviceId, nonce))
  if (!verify(null, bytes, key, Buffer.from(claim.signature, 'base64'))) throw new Error('bad signature')
}

function take(portal: FakePortal, epoch: string, items: readonly OutboxItem[]): void {
  if (portal.epoch !== epoch) {
    portal.epoch = epoch
    portal.seq = (items[0]?.seq ?? 1) - 1
  }
  for (const item of items) {
    if (item.seq !== portal.seq + 1) continue
    portal.seq = item.seq
    portal.items.push(item)
    const { body } = item
    if (body.kind === 'command' && body.status !== 'running' && body.status !== 'delivered') {
      portal.finals.push({ id: body.commandId, status: body.status, result: body.result })
      portal.statesAtFinals.push(portal.states.at(-1))
    }
  }
}

const offering = new WeakMap<FakePortal, Promise<void>>()

/** One offer at a time, as the real portal does. */
function offerAll(portal: FakePortal): Promise<void> {
  const next = (offering.get(portal) ?? Promise.resolve()).then(() => offerPlanned(portal))
  offering.set(portal, next)
  return next
}

async function offerPlanned(portal: FakePortal): Promise<void> {
  for (const envelope of [...portal.planned.values()]) {
    try {
      await portal.offer(envelope)
      portal.planned.delete(envelope.id)
    } catch {
      return
    }
  }
}

/** Sockets in memory, to a portal; `isOn` false: nobody is there. */
export function memorySocketTo(portal: FakePortal, isOn: () => boolean = () => true): ConnectSocket {
  return () => {
    const [device, server] = socketPair(isOn)
    setTimeout(() => {
      if (!isOn()) return device.fire('connect_error', undefined)
      device.fire('connect', undefined)
      portal.accept(server)
    }, 1)
    return device
  }
}

interface PairedSocket extends SocketLike {
  fire(event: string, message: unknown): void
}

function socketPair(isOn: () => boolean): [PairedSocket, PairedSocket] {
  const ends: PairedSocket[] = []
  let open = true
  const end = (other: () => PairedSocket | undefined): PairedSocket => {
    const listeners = new Map<string, Set<(message: unknown) => void>>()
    return {
      fire: (event, message) => {
        for (const listener of [...(listeners.get(event) ?? [])]) listener(message)
      },
      emit: (event, message) => {
        const text = JSON.stringify(message)
        setImmediate(() => open && isOn() && other()?.fire(event, JSON.parse(text)))
      },
      on: (event, listener) => void listeners.set(event, (listeners.get(event) ?? new Set()).add(listener)),
      off: (event, listener) => void listeners.get(event)?.delete(listener),
      disconnect: () => {
        if (!open) return
        open = false
        for (const one of ends) setImmediate(() => one.fire('disconnect', undefined))
      },
    }
  }
  ends.push(
    end(() => ends[1]),
    end(() => ends[0]),
  )
  return [ends[0] as PairedSocket, ends[1] as PairedSocket]
}
