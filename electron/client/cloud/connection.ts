// One connection to the portal, from the socket to the welcome: answers the portal's calls and proves who this computer is.
// Knows nothing of what happens before or after it.
import {
  type DeviceSideContract,
  deviceProtocolVersion,
  deviceSideContract,
  type PortalSideContract,
  portalSideContract,
} from '#shared/cloud-protocol/device-contract.ts'
import { deviceAuthPrefix, deviceAuthStatement } from '#shared/crypto/password-proof.ts'
import type { CommandEnvelope } from '#shared/domain/command.ts'
import type { DeviceId, InstallationId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import { clientFor } from '#shared/rpc/client.ts'
import type { CallOutput, CallRequest, ContractClient, Emit, Handlers } from '#shared/rpc/contract.ts'
import { createPeer } from '#shared/rpc/peer.ts'
import { answerContract, emitterFor } from '#shared/rpc/serve.ts'
import { type SocketLike, socketChannel } from '#shared/rpc/socket-channel.ts'
import type { EndReason } from '../account/account-service.ts'
import type { DeviceKey } from '../account/device-key.ts'
import type { LogPort } from '../ports.ts'

export type Welcome = CallRequest<DeviceSideContract, 'link.welcome'>
export type OfferAnswer = CallOutput<DeviceSideContract, 'command.offer'>

/** Who connects. */
export interface DeviceIdentity {
  readonly deviceId: DeviceId
  readonly installationId: InstallationId
  readonly portalOrigin: string
  readonly appVersion: string
  readonly key: DeviceKey
}

export interface ConnectionEvents {
  readonly onPortalTime: (portalTime: string) => void
  readonly onProtocolMismatch: () => void
  readonly onWelcome: (welcome: Welcome) => void
  readonly onOffer: (envelope: CommandEnvelope) => Promise<OfferAnswer>
  readonly onRenamed: (name: string) => Promise<void>
  readonly onEnded: (reason: EndReason) => void
  readonly onClose: () => void
}

export interface Connection {
  readonly client: ContractClient<PortalSideContract>
  readonly emit: Emit<PortalSideContract>
  close(): void
}

/** `socket` is connected. */
export function openConnection(
  socket: SocketLike,
  identity: DeviceIdentity,
  events: ConnectionEvents,
  log: LogPort,
): Connection {
  let step: 'new' | 'authenticated' | 'welcome' = 'new'

  function needs(least: 'authenticated' | 'welcome'): void {
    if (step === 'new' || (least === 'welcome' && step !== 'welcome')) throw new ProductError('unauthenticated')
  }

  const handlers: Handlers<DeviceSideContract> = {
    async 'link.authenticate'({ nonce, portalTime, protocol }) {
      events.onPortalTime(portalTime)
      if (protocol !== deviceProtocolVersion) {
        events.onProtocolMismatch()
        throw new ProductError('update-needed')
      }
      const { deviceId, installationId, portalOrigin, appVersion, key } = identity
      // SECURITY: the statement names the portal as it was configured here, so that another one cannot pass it on.
      const signature = await key.sign(deviceAuthPrefix, deviceAuthStatement(portalOrigin, deviceId, nonce))
      step = 'authenticated'
      return { deviceId, installationId, portalOrigin, signature, protocol: deviceProtocolVersion, appVersion }
    },
    'link.welcome'(welcome) {
      needs('authenticated')
      step = 'welcome'
      events.onWelcome(welcome)
      return {}
    },
    'link.ping': () => ({}),
    'command.offer'(envelope) {
      needs('welcome')
      return events.onOffer(envelope)
    },
    async 'device.renamed'({ name }) {
      needs('welcome')
      await events.onRenamed(name)
      return {}
    },
  }

  const peer = createPeer(socketChannel(socket), {
    answer: answerContract(deviceSideContract, handlers, undefined),
    onFault: ({ kind, name, error }) => log.warn('portal message', { kind, name, error: String(error) }),
  })
  const fromPortal = clientFor(deviceSideContract, peer, {
    onFault: (name, problem) => log.warn('portal event', { name, problem }),
  })
  fromPortal.on('link.ended', ({ reason }) => events.onEnded(reason))
  peer.onClose(events.onClose)
  return {
    client: clientFor(portalSideContract, peer),
    emit: emitterFor(portalSideContract, peer),
    close: () => peer.close(),
  }
}
