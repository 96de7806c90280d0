// The line to whoever started this process: Electron's parentPort in a utility process, the IPC channel in a forked child.
// The only place where either is touched.
import type { Channel } from '#shared/rpc/channel.ts'
import { portChannel } from '#shared/rpc/port-channel.ts'

/** The part of Electron's `process.parentPort` that is used; its type is not known outside of Electron. */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void
  start?(): void
}

/** Throws when this process has no parent to talk to. */
export function parentChannel(): Channel {
  const { parentPort } = process as unknown as { parentPort?: ParentPort }
  if (parentPort) return utilityChannel(parentPort)
  if (process.send === undefined) throw new Error('this process must be started by its launcher')
  return portChannel({
    post: (message) => process.send?.(message, undefined, undefined, () => undefined),
    subscribe: (listener) => process.on('message', listener),
    onGone: (listener) => process.on('disconnect', listener),
    close: () => process.disconnect(),
  })
}

function utilityChannel(port: ParentPort): Channel {
  return portChannel({
    post: (message) => port.postMessage(message),
    subscribe: (listener) => {
      port.on('message', ({ data }) => listener(data))
      port.start?.()
    },
    // Electron ends a utility process itself when the main process goes away.
    onGone: () => undefined,
    close: () => process.exit(0),
  })
}
