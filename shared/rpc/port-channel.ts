// Channel over anything that posts structured clones: MessagePort, Electron's utilityProcess and parentPort, a worker,
// or a forked process's IPC. Owns only the adaptation.
import type { Channel } from './channel.ts'

/** The least a port must offer. `subscribe` is called once each. */
export interface PortLike {
  post(message: unknown): void
  subscribe(listener: (message: unknown) => void): void
  onGone(listener: () => void): void
  close(): void
}

export function portChannel(port: PortLike): Channel {
  let open = true
  const closeListeners = new Set<() => void>()
  const gone = () => {
    if (!open) return
    open = false
    for (const listener of closeListeners) listener()
  }
  port.onGone(gone)
  return {
    send: (message) => {
      if (!open) return
      try {
        port.post(message)
      } catch (error) {
        if (!isTransportable(message)) throw error
        // A port that cannot take a message any more has lost its other end.
        gone()
      }
    },
    onMessage: (listener) => port.subscribe(listener),
    onClose: (listener) => {
      closeListeners.add(listener)
    },
    close: () => {
      if (!open) return
      port.close()
      gone()
    },
  }
}

/** Ports name this failure differently (DataCloneError, Error, TypeError), so the message itself is tried. */
function isTransportable(message: unknown): boolean {
  try {
    structuredClone(message)
    return true
  } catch {
    return false
  }
}
