// The key of Quarantine for the command line: the app's own, out of the secret store of the same data folder, made there when
// there is none yet. SECURITY: the key is never printed.
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { secretNames } from '#shared/files/secret-names.ts'
import { writeAtomically } from '../engine/files/atomic-write.ts'
import { createProcessKeyring } from '../secrets/keyring.ts'
import { createSecrets, type Secrets } from '../secrets/secrets.ts'
import { keyringLauncher } from './keyring-launcher.ts'

export interface VaultKeyOptions {
  readonly dataDir: string
  readonly programDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Tells the person what was made or found damaged. */
  readonly note: (line: string) => void
}

/** Base64 of 32 bytes. Throws ProductError `secrets-unavailable` when the key lies in a keyring that does not answer. */
export async function vaultKey({ dataDir, programDir, env, note }: VaultKeyOptions): Promise<string> {
  const keyring = createProcessKeyring(keyringLauncher({ programDir, env }), dataDir)
  try {
    const secrets = createSecrets({
      keyring,
      dataDir,
      replaceFile: (file, text) => writeAtomically(file, text),
      now: () => new Date(),
      onStorage: () => undefined,
      onDamaged: (setAside) => note(`A damaged file was set aside: ${path.basename(setAside)}`),
    })
    return (await secrets.get(secretNames.vaultKey)) ?? (await makeKey(secrets, note))
  } finally {
    keyring.dispose()
  }
}

/** A key for an engine that only scans: nothing is ever sealed with it. */
export function throwawayKey(): string {
  return randomBytes(32).toString('base64')
}

async function makeKey(secrets: Secrets, note: (line: string) => void): Promise<string> {
  const key = throwawayKey()
  await secrets.set(secretNames.vaultKey, key)
  const place =
    secrets.kind() === 'keyring' ? 'in the keyring' : 'in a file that only you can read: there is no usable keyring'
  note(`Made the key of Quarantine. It is kept ${place}.`)
  return key
}
