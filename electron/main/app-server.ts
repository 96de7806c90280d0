// Connects windows and handlers: one peer per document, and every change of a topic to all of them.
// Owns the list of peers; knows nothing of Electron but what the IPC server gives.

import type { AppContract } from '#shared/ipc/app-contract.ts'
import { appContract } from '#shared/ipc/app-contract.ts'
import type { Channel } from '#shared/rpc/channel.ts'
import type { Emit, Handlers } from '#shared/rpc/contract.ts'
import { createPeer } from '#shared/rpc/peer.ts'
import { answerContract, emitterFor } from '#shared/rpc/serve.ts'
import type { Client } from '../client/client.ts'
import type { LogPort } from '../client/ports.ts'
import type { Caller } from './app-handlers.ts'

export interface AppServer {
  /** Serves one document until its channel closes. */
  serve(channel: Channel, caller: Caller): void
}

// A page asks for a handful of things at once; more is a page gone wild.
const maxConcurrent = 64

/** Tells every document of changed topics from its first call on. */
export function createAppServer(
  client: Pick<Client, 'onTopic'>,
  handlers: Handlers<AppContract, Caller>,
  log: LogPort,
): AppServer {
  const listeners = new Set<Emit<AppContract>>()
  client.onTopic((changed) => {
    for (const emit of listeners) emit('state.changed', changed)
  })
  return {
    serve: (channel, caller) => {
      const peer = createPeer(channel, {
        answer: answerContract(appContract, handlers, caller),
        maxConcurrent,
        onFault: ({ kind, name, error }) => log.error(`window ${caller.window}: ${kind}`, { name, error }),
      })
      const emit = emitterFor(appContract, peer)
      listeners.add(emit)
      peer.onClose(() => listeners.delete(emit))
    },
  }
}
