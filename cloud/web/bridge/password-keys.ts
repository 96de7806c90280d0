// Turns a password into the proof that the portal is told. Owns the use of the browser's crypto; never stores or sends
// the password.
import { derivePasswordKeys, fromBase64 } from '#shared/crypto/password-proof.ts'
import { ProductError } from '#shared/errors.ts'

/** False on a page that was not loaded over https or from this computer: browsers then give no crypto. */
export function canDeriveProof(): boolean {
  return globalThis.isSecureContext && typeof globalThis.crypto.subtle === 'object'
}

/** The proof of a password under an account's salt (base64). */
export async function proofOf(password: string, salt: string): Promise<string> {
  if (!canDeriveProof()) throw new ProductError('not-available')
  const keys = await derivePasswordKeys(globalThis.crypto.subtle, password, fromBase64(salt))
  return keys.proof
}
