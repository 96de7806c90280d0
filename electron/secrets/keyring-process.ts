// Entry of the keyring process: the only place that loads keytar. It is a process of its own because a locked keyring
// blocks its thread for ever, and a blocked main process could not even quit. Works as an Electron utility process and as a
// forked Node child. Never writes to a log.
import { createRequire } from 'node:module'
import { brand } from '#shared/brand.ts'
import { ProductError } from '#shared/errors.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { createPeer } from '#shared/rpc/peer.ts'
import { answerContract } from '#shared/rpc/serve.ts'
import { parentChannel } from '../process/parent-channel.ts'
import { type KeyringContract, keyringContract } from './keyring-contract.ts'

type Keytar = typeof import('keytar')

const handlers: Handlers<KeyringContract> = {
  'secret.get': async ({ name }) => ({ value: await keyring((keytar) => keytar.getPassword(brand.slug, name)) }),
  'secret.set': async ({ name, value }) => {
    await keyring((keytar) => keytar.setPassword(brand.slug, name, value))
    return {}
  },
  'secret.delete': async ({ name }) => {
    await keyring((keytar) => keytar.deletePassword(brand.slug, name))
    return {}
  },
}

const peer = createPeer(parentChannel(), { answer: answerContract(keyringContract, handlers, undefined) })
// Without its parent there is nothing left to do. Not an exit: that waits for a thread which a locked keyring blocks.
peer.onClose(() => process.kill(process.pid, 'SIGKILL'))

/** Loaded at the first use: where the system's library is missing, loading is what fails. */
async function keyring<T>(act: (keytar: Keytar) => Promise<T>): Promise<T> {
  try {
    return await act(createRequire(import.meta.url)('keytar') as Keytar)
  } catch (error) {
    throw new ProductError('secrets-unavailable', undefined, { cause: error })
  }
}
