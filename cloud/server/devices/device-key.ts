// Device keys: Ed25519, told as the base64 of their 32 raw bytes. Owns the one check of a signature.
import { createPublicKey, verify } from 'node:crypto'
import { type JsonValue, signedBytes } from '#shared/crypto/canonical-json.ts'

/** True when `signature` (base64) over the canonical form of `statement` was made with the key. Never throws. */
export function isSignedBy(publicKey: string, prefix: string, statement: JsonValue, signature: string): boolean {
  try {
    const x = Buffer.from(publicKey, 'base64').toString('base64url')
    const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } })
    return verify(null, signedBytes(prefix, statement), key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
