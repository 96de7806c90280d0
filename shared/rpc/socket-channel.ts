// Channel over a socket.io socket, on either side. One event carries every message, so no acknowledgement function of
// the other side is ever called. Size limits are set where the server is made (maxHttpBufferSize).
import type { Channel } from './channel.ts'

/** The part of a socket.io socket (server or client) that is used. */
export interface SocketLike {
  emit(event: string, message: unknown): unknown
  on(event: string, listener: (message: unknown) => void): unknown
  off?(event: string, listener: (message: unknown) => void): unknown
  disconnect(close?: boolean): unknown
}

const messageEvent = 'rpc'

/** One channel per connection: it ends with the disconnect, although a client's socket object goes on to reconnect. */
export function socketChannel(socket: SocketLike): Channel {
  let open = true
  const messageListeners = new Set<(message: unknown) => void>()
  const closeListeners = new Set<() => void>()
  const gone = () => {
    if (!open) return
    open = false
    socket.off?.('disconnect', gone)
    for (const listener of messageListeners) socket.off?.(messageEvent, listener)
    for (const listener of closeListeners) listener()
  }
  socket.on('disconnect', gone)
  return {
    send: (message) => {
      if (open) socket.emit(messageEvent, message)
    },
    onMessage: (listener) => {
      // What follows the message is the other side's wish for an acknowledgement: never passed on.
      const received = (message: unknown) => {
        if (open) listener(message)
      }
      messageListeners.add(received)
      socket.on(messageEvent, received)
    },
    onClose: (listener) => {
      closeListeners.add(listener)
    },
    close: () => {
      socket.disconnect(true)
      gone()
    },
  }
}
