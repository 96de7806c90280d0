// Connections of web pages: each belongs to a session and hears the news of its account alone. Owns who listens to what;
// pages ask over HTTP and say nothing here.
import type { Socket } from 'socket.io'
import { type PageContract, pageContract } from '#shared/cloud-protocol/page-contract.ts'
import { DeviceId } from '#shared/domain/ids.ts'
import type { Emit } from '#shared/rpc/contract.ts'
import { createPeer, type Peer } from '#shared/rpc/peer.ts'
import { emitterFor } from '#shared/rpc/serve.ts'
import type { Sessions, SignedIn } from '../accounts/sessions.ts'
import type { PortalEvent } from '../bus.ts'
import type { PortalContext } from '../context.ts'
import { guardedChannel } from './guarded-channel.ts'

interface PageLink {
  readonly peer: Peer
  readonly emit: Emit<PageContract>
  readonly token: string
  readonly who: SignedIn
}

export interface PageLinks {
  add(socket: Socket, token: string, who: SignedIn): void
  /** Passes news on to the pages it is for. */
  tell(event: PortalEvent): void
  /** Closes pages whose session is over. */
  recheck(): Promise<void>
}

export function createPageLinks(context: PortalContext, sessions: Sessions): PageLinks {
  const byAccount = new Map<string, Set<PageLink>>()
  return {
    add: (socket, token, who) => {
      const guarded = guardedChannel(socket, context.clock, context.log)
      const peer = createPeer(guarded.channel, { onFault: ({ kind }) => guarded.fault(kind) })
      const link: PageLink = { peer, emit: emitterFor(pageContract, peer), token, who }
      const pages = byAccount.get(who.accountId) ?? new Set()
      byAccount.set(who.accountId, pages.add(link))
      peer.onClose(() => {
        pages.delete(link)
        if (pages.size === 0 && byAccount.get(who.accountId) === pages) byAccount.delete(who.accountId)
      })
    },
    tell: (event) => {
      if (!('accountId' in event)) return
      for (const link of [...(byAccount.get(event.accountId) ?? [])]) tellPage(link, event)
    },
    recheck: async () => {
      for (const link of [...byAccount.values()].flatMap((pages) => [...pages])) {
        if (!(await sessions.find(link.token))) endPage(link)
      }
    },
  }
}

function tellPage({ emit, ...link }: PageLink, event: PortalEvent): void {
  switch (event.kind) {
    case 'device.changed':
      emit('device.changed', event.card)
      break
    case 'device.removed':
      emit('device.removed', { id: DeviceId.parse(event.deviceId) })
      break
    case 'command.changed':
      emit('command.changed', event.command)
      break
    case 'detections.changed':
      emit('detections.changed', {
        deviceId: DeviceId.parse(event.deviceId),
        unprocessed: event.unprocessed,
        at: event.at,
      })
      break
    case 'session.ended':
      if (event.sessionId === null || event.sessionId === link.who.sessionId) endPage({ emit, ...link })
  }
}

function endPage(link: PageLink): void {
  link.emit('session.ended', {})
  link.peer.close()
}
