// The keys of feeds: which public ones are trusted, and the private one of whoever publishes. Keys are Ed25519 in PEM files.
// Never makes a key, never keeps or prints a private one.
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ProductError } from '#shared/errors.ts'
import { errnoOf } from '../../files/fs-errors.ts'

/** Beginning of the SHA-256 of a public key, in hex. */
export const KeyId = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .brand<'KeyId'>()
export type KeyId = z.infer<typeof KeyId>

export type TrustedKeys = ReadonlyMap<KeyId, KeyObject>

/** Where the owner of this computer puts public keys of feeds; need not exist. */
export function ownKeysFolder(dataDir: string): string {
  return join(dataDir, 'feed-keys')
}

/** The `.pem` files of these folders, as far as there are such folders. Throws ProductError `bad-request` for one that is no such key. */
export function readTrustedKeys(folders: readonly string[]): TrustedKeys {
  const files = folders.flatMap((folder) => listed(folder).map((name) => join(folder, name)))
  const keys = files.map((file) => publicKey(file))
  return new Map(keys.map((key) => [keyIdOf(key), key]))
}

/** For publishing. Throws ProductError `not-found` and `bad-request`. */
export function readPrivateKey(file: string): KeyObject {
  const text = read(file)
  try {
    return onlyEd25519(createPrivateKey(text))
  } catch (cause) {
    throw new ProductError('bad-request', 'no private Ed25519 key without a password', { cause })
  }
}

/** Of a public key, or of the public half of a private one. */
export function keyIdOf(key: KeyObject): KeyId {
  const half = key.type === 'private' ? createPublicKey(key) : key
  const der = half.export({ type: 'spki', format: 'der' })
  return KeyId.parse(createHash('sha256').update(der).digest('hex').slice(0, 16))
}

function publicKey(file: string): KeyObject {
  const text = read(file)
  try {
    // SECURITY: a private key has no business in a folder that every installation has.
    if (/PRIVATE/.test(text)) throw new Error('a private key')
    return onlyEd25519(createPublicKey(text))
  } catch (cause) {
    throw new ProductError('bad-request', `no public Ed25519 key: ${file}`.slice(0, 500), { cause })
  }
}

function onlyEd25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('another kind of key')
  return key
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.pem'))
      .sort()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ProductError('not-found', file.slice(0, 500), { cause })
  }
}
