// A socket as a channel that defends itself: messages beyond a steady rate and messages that make no sense close it.
// Owns the counting; sizes are limited where the socket server is made.
import type { Socket } from 'socket.io'
import type { Channel } from '#shared/rpc/channel.ts'
import { socketChannel } from '#shared/rpc/socket-channel.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'

export const socketLimits = {
  /** Messages at once, and a second in the long run. */
  burst: 300,
  perSecond: 60,
  /** Messages that make no sense before the connection is closed. */
  faults: 5,
} as const

export interface GuardedChannel {
  readonly channel: Channel
  /** Counts a message that makes no sense. */
  fault(reason: string): void
}

export function guardedChannel(socket: Socket, clock: Clock, log: Log): GuardedChannel {
  const inner = socketChannel(socket)
  let tokens: number = socketLimits.burst
  let at = clock.now().getTime()
  let faults = 0
  const shut = (reason: string) => {
    log.warn({ reason, namespace: socket.nsp.name, from: socket.handshake.address }, 'connection closed')
    inner.close()
  }
  const fault = (reason: string) => {
    faults += 1
    if (faults >= socketLimits.faults) shut(reason)
  }
  const mayPass = (): boolean => {
    const now = clock.now().getTime()
    tokens = Math.min(socketLimits.burst, tokens + ((now - at) / 1000) * socketLimits.perSecond)
    at = now
    tokens -= 1
    return tokens >= 0
  }
  socket.onAny((event: string) => {
    if (event !== 'rpc') fault('unknown event')
  })
  return {
    fault,
    channel: {
      ...inner,
      onMessage: (listener) =>
        inner.onMessage((message) => {
          if (!socket.connected) return
          if (mayPass()) listener(message)
          else shut('too many messages')
        }),
    },
  }
}
