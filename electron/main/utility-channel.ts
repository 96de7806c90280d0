// Channel over an Electron utility process. Owns only the adaptation.
import type { UtilityProcess } from 'electron'
import type { Channel } from '#shared/rpc/channel.ts'
import { portChannel } from '#shared/rpc/port-channel.ts'

/** The line to a child; it closes when the child ends, for whatever reason. */
export function utilityChannel(child: Pick<UtilityProcess, 'postMessage' | 'on' | 'once' | 'kill'>): Channel {
  return portChannel({
    post: (message) => child.postMessage(message),
    subscribe: (listener) => child.on('message', listener),
    onGone: (listener) => child.once('exit', () => listener()),
    close: () => child.kill(),
  })
}
