// The key pair that is this computer's identity: made once, the private half only in the secret store, kept on disconnect.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { type JsonValue, signedBytes } from '#shared/crypto/canonical-json.ts'
import { ProductError } from '#shared/errors.ts'
import { secretNames } from '#shared/files/secret-names.ts'
import type { SecretsPort } from '../ports.ts'

export interface DeviceKey {
  /** Base64 of the 32 raw bytes; makes the pair if there is none. */
  publicKey(): Promise<string>
  /** Base64 signature over a prefix and the canonical form of a value. */
  sign(prefix: string, value: JsonValue): Promise<string>
}

/** Throws `secrets-unavailable` when the store cannot be used. */
export function createDeviceKey(secrets: SecretsPort): DeviceKey {
  let loading: Promise<KeyObject> | null = null

  function privateKey(): Promise<KeyObject> {
    loading ??= load().catch((error: unknown) => {
      loading = null
      throw error
    })
    return loading
  }

  async function load(): Promise<KeyObject> {
    const known = await secrets.get(secretNames.deviceKey)
    if (known !== null) return createPrivateKey({ key: Buffer.from(known, 'base64'), format: 'der', type: 'pkcs8' })
    const made = generateKeyPairSync('ed25519').privateKey
    await secrets.set(secretNames.deviceKey, made.export({ format: 'der', type: 'pkcs8' }).toString('base64'))
    return made
  }

  return {
    async publicKey() {
      const { x } = createPublicKey(await privateKey()).export({ format: 'jwk' })
      if (!x) throw new ProductError('internal', 'key')
      return Buffer.from(x, 'base64url').toString('base64')
    },
    async sign(prefix, value) {
      return sign(null, signedBytes(prefix, value), await privateKey()).toString('base64')
    },
  }
}
