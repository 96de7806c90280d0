// The key of Quarantine for the command line: a 0600 key file in the data folder. The keyring belongs to the app.
// SECURITY: the key is never printed; a key file that others may read is refused.
import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ProductError } from '#shared/errors.ts'

/** The same name as the app's own fallback. */
export const vaultKeyName = 'vault.key'
const keyBytes = 32

export interface VaultKey {
  /** Base64 of 32 bytes. */
  readonly key: string
  /** True when the file was made now. */
  readonly created: boolean
}

/** Reads the key file or makes it. Throws ProductError `vault-key-lost` (unusable file), `no-permission`. */
export function vaultKey(dataDir: string): VaultKey {
  const file = path.join(dataDir, vaultKeyName)
  const old = readKey(file)
  if (old) return { key: old, created: false }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const key = randomBytes(keyBytes).toString('base64')
  writeFileSync(file, key, { mode: 0o600, flag: 'wx' })
  return { key, created: true }
}

/** A key for an engine that only scans: nothing is ever sealed with it. */
export function throwawayKey(): string {
  return randomBytes(keyBytes).toString('base64')
}

function readKey(file: string): string | null {
  let fd: number
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new ProductError('vault-key-lost', vaultKeyName, { cause: error })
  }
  try {
    if ((fstatSync(fd).mode & 0o077) !== 0)
      throw new ProductError('vault-key-lost', `${vaultKeyName} is open to others`)
    const text = readFileSync(fd, 'utf8').trim()
    if (Buffer.from(text, 'base64').length !== keyBytes) throw new ProductError('vault-key-lost', vaultKeyName)
    return text
  } finally {
    closeSync(fd)
  }
}
