// Channel over Electron IPC, the window's end. Owns the session id, by which main tells one document from the next.
// Never hands on an IPC event: it carries the sender, and with it a way around the bridge.
import type { Channel } from '#shared/rpc/channel.ts'

/** The one IPC channel of the app. */
export const ipcChannelName = 'rpc'

/** The part of ipcRenderer that is used. */
export interface IpcRendererLike {
  send(channel: string, ...values: unknown[]): void
  on(channel: string, listener: (event: unknown, ...values: unknown[]) => void): unknown
}

/** What travels either way: a message of a session, or the end of a session. */
export type IpcEnvelope =
  | { readonly session: string; readonly message: unknown }
  | { readonly session: string; readonly closed: true }

/** The channel of this document. Messages of another session are none of its business. */
export function ipcRendererChannel(ipc: IpcRendererLike, session: string): Channel {
  let open = true
  const messageListeners = new Set<(message: unknown) => void>()
  const closeListeners = new Set<() => void>()
  const gone = () => {
    if (!open) return
    open = false
    for (const listener of closeListeners) listener()
  }
  ipc.on(ipcChannelName, (_event, envelope) => {
    const received = envelope as Partial<{ session: string; message: unknown; closed: true }> | null
    if (!open || received?.session !== session) return
    if (received.closed) gone()
    else for (const listener of messageListeners) listener(received.message)
  })
  return {
    send: (message) => {
      if (open) ipc.send(ipcChannelName, { session, message })
    },
    onMessage: (listener) => {
      messageListeners.add(listener)
    },
    onClose: (listener) => {
      closeListeners.add(listener)
    },
    close: () => {
      if (!open) return
      ipc.send(ipcChannelName, { session, closed: true })
      gone()
    },
  }
}
