// The keyring of the operating system, through a process of its own and with a time limit on every act.
// A process that is stuck is killed; the next act starts a new one. Who starts it is the launcher's business.
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { ProductError } from '#shared/errors.ts'
import type { Channel } from '#shared/rpc/channel.ts'
import { clientFor } from '#shared/rpc/client.ts'
import { createPeer, type Peer } from '#shared/rpc/peer.ts'
import { keyringContract } from './keyring-contract.ts'
import type { Keyring } from './secrets.ts'

/** Starts one keyring process (`keyring-process.ts`). */
export interface KeyringLauncher {
  launch(): { readonly channel: Channel; readonly kill: () => void }
}

export interface ProcessKeyring extends Keyring {
  /** Ends the process, also a stuck one. */
  dispose(): void
}

/**
 * Starts nothing until the first act. A person has one keyring but may have several data folders, so the names there are
 * made of the given one and a mark of the folder: no installation can overwrite another one's keys.
 */
export function createProcessKeyring(launcher: KeyringLauncher, dataDir: string): ProcessKeyring {
  let line: { readonly peer: Peer; readonly kill: () => void } | undefined
  let mark: string | undefined

  const nameOf = (name: string) => {
    mark ??= createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16)
    return `${name}.${mark}`
  }
  const end = () => {
    line?.kill()
    line = undefined
  }
  const open = () => {
    if (line && !line.peer.closed) return line
    const { channel, kill } = launcher.launch()
    line = { peer: createPeer(channel), kill }
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
    get: (name) => act(async (client) => (await client.call('secret.get', { name: nameOf(name) })).value),
    set: (name, value) => act(async (client) => void (await client.call('secret.set', { name: nameOf(name), value }))),
    delete: (name) => act(async (client) => void (await client.call('secret.delete', { name: nameOf(name) }))),
    dispose: end,
  }
}

const keyringClient = (peer: Peer) => clientFor(keyringContract, peer)
