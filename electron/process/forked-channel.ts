// Channel to a Node child that was forked with an IPC line. Owns only the adaptation; the other end is parent-channel.ts.
import type { ChildProcess } from 'node:child_process'
import type { Channel } from '#shared/rpc/channel.ts'
import { portChannel } from '#shared/rpc/port-channel.ts'

/** The line to a child; it closes when the child ends or could not start. `onClose` is told when this side closes it. */
export function forkedChannel(child: ChildProcess, onClose: () => void = () => undefined): Channel {
  return portChannel({
    // The callback keeps a lost line from becoming an unhandled error; the exit tells about it.
    post: (message) => child.send(message as object, () => undefined),
    subscribe: (listener) => child.on('message', listener),
    onGone: (listener) => {
      for (const event of ['disconnect', 'exit', 'error']) child.once(event, () => listener())
    },
    close: () => {
      onClose()
      if (child.connected) child.disconnect()
    },
  })
}
