// One authenticated connection of a device: answers its calls, delivers its commands, passes on what the portal tells it.
// Owns what belongs to the connection; who may have one is decided in device-gate.ts.
import {
  type DeviceSideContract,
  deviceSideContract,
  type PortalSideContract,
  portalSideContract,
} from '#shared/cloud-protocol/device-contract.ts'
import { clientFor } from '#shared/rpc/client.ts'
import type { ContractClient, Handlers } from '#shared/rpc/contract.ts'
import type { Peer } from '#shared/rpc/peer.ts'
import { emitterFor } from '#shared/rpc/serve.ts'
import type { LinkEnd } from '../bus.ts'
import { iso } from '../clock.ts'
import type { PortalContext } from '../context.ts'
import type { Devices } from '../devices/device-service.ts'
import { createDelivery, type Delivery } from './command-delivery.ts'
import { createLiveProgress, type LiveProgress } from './live-progress.ts'
import { takeOutbox } from './outbox-intake.ts'
import { createStateReports, type StateReports } from './state-reports.ts'

export interface DeviceLinkOptions {
  readonly deviceId: string
  readonly accountId: string
  readonly peer: Peer
  readonly client: ContractClient<DeviceSideContract>
  readonly fault: (reason: string) => void
}

export interface DeviceLink {
  readonly deviceId: string
  readonly accountId: string
  readonly peer: Peer
  readonly client: ContractClient<DeviceSideContract>
  readonly connectedAt: Date
  readonly delivery: Delivery
  readonly state: StateReports
  readonly progress: LiveProgress
  /** What it was called since it came in; null: nobody has renamed it. */
  newName: string | null
  /** It has another name. A device that is not welcomed yet hears it with its welcome. */
  renamed(name: string): void
  /** Says why and closes. */
  end(reason: LinkEnd): void
  /** After the connection is gone: everything it held is stored. */
  close(): Promise<void>
}

export function createDeviceLink(context: PortalContext, devices: Devices, options: DeviceLinkOptions): DeviceLink {
  const { deviceId, accountId, peer, client, fault } = options
  const link: DeviceLink = {
    deviceId,
    accountId,
    peer,
    client,
    connectedAt: context.clock.now(),
    delivery: createDelivery(context, options),
    state: createStateReports(context, devices, deviceId),
    progress: createLiveProgress(context, options),
    newName: null,
    renamed: (name) => {
      link.newName = name
      client.call('device.renamed', { name }).catch(() => undefined)
    },
    end: (reason) => {
      sayEnd(peer, reason)
    },
    close: async () => {
      await link.delivery.stop()
      await link.progress.settled()
      await link.state.close()
      await devices.touch([deviceId])
    },
  }
  const events = clientFor(portalSideContract, peer, { onFault: fault })
  events.on('command.progress', ({ commandId, progress }) => link.progress.report(commandId, progress))
  return link
}

/** Tells a device why its connection ends, and ends it. */
export function sayEnd(peer: Peer, reason: LinkEnd): void {
  emitterFor(deviceSideContract, peer)('link.ended', { reason })
  peer.close()
}

/** The portal's answers to a device; `link` is the connection that asks. */
export function portalHandlers(context: PortalContext, devices: Devices): Handlers<PortalSideContract, DeviceLink> {
  return {
    'state.report': async (state, link) => {
      await link.state.take(state)
      return { at: iso(context.clock.now()) }
    },
    'outbox.push': async (push, link) => {
      const { storedSeq, commands } = await takeOutbox(context, link, push, () => devices.told(link.deviceId))
      link.progress.forget(commands.map((command) => command.id))
      return { storedSeq }
    },
    'link.leave': async (_input, link) => {
      await devices.remove(link.accountId, link.deviceId, 'left')
      return {}
    },
    'device.rename': async ({ name }, link) => {
      await devices.rename(link.accountId, link.deviceId, name)
      return {}
    },
  }
}
