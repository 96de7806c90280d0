// The keyring of the operating system, through a process of its own and with a time limit on every act.
// A process that is stuck is killed; the next act starts a new one.

import path from 'node:path'
import { utilityProcess } from 'electron'
import { ProductError } from '#shared/errors.ts'
import { clientFor } from '#shared/rpc/client.ts'
import { createPeer, type Peer } from '#shared/rpc/peer.ts'
import { sessionEnvironment } from './child-environment.ts'
import { keyringContract } from './keyring-contract.ts'
import type { Keyring } from './secrets.ts'
import { utilityChannel } from './utility-channel.ts'

export interface ProcessKeyring extends Keyring {
  /** Ends the process, also a stuck one. */
  dispose(): void
}

/** Starts nothing until the first act. */
export function createProcessKeyring(): ProcessKeyring {
  let line: { readonly peer: Peer; readonly kill: () => void } | undefined

  const end = () => {
    line?.kill()
    line = undefined
  }
  const open = () => {
    if (line && !line.peer.closed) return line
    const child = utilityProcess.fork(path.join(import.meta.dirname, '..', 'main', 'keyring-process.js'), [], {
      serviceName: 'keyring',
      stdio: 'ignore',
      env: sessionEnvironment(process.env),
    })
    line = { peer: createPeer(utilityChannel(child)), kill: () => child.kill() }
    return line
  }
  const act = async <T>(run: (client: ReturnType<typeof keyringClient>) => Promise<T>): Promise<T> => {
    try {
      return await run(keyringClient(open().peer))
    } catch (error) {
      if (!(error instanceof ProductError) || error.code === 'secrets-unavailable') throw error
      // Late or dead: whatever it still does there must not touch a later act.
      end()
      throw new ProductError('secrets-unavailable', error.code === 'deadline-exceeded' ? 'stuck' : undefined, {
        cause: error,
      })
    }
  }
  return {
    get: (name) => act(async (client) => (await client.call('secret.get', { name })).value),
    set: (name, value) => act(async (client) => void (await client.call('secret.set', { name, value }))),
    delete: (name) => act(async (client) => void (await client.call('secret.delete', { name }))),
    dispose: end,
  }
}

const keyringClient = (peer: Peer) => clientFor(keyringContract, peer)
