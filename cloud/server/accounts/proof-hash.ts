// Proofs at rest: argon2id with the library's defaults (19 MiB, 2 passes). Owns hashing, checking, and the check that takes
// as long when there is nothing to check against.
import { hash, verify } from '@node-rs/argon2'

/** Of a random value nobody knows: compared with when an address is unknown. */
let nothing: Promise<string> | undefined

export function hashProof(proof: string): Promise<string> {
  return hash(proof)
}

/** True when the proof is the one; `stored` undefined takes as long and is false. */
export async function checkProof(stored: string | undefined, proof: string): Promise<boolean> {
  nothing ??= hash(crypto.randomUUID())
  const matches = await verify(stored ?? (await nothing), proof)
  return stored !== undefined && matches
}
