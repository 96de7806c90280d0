// The portal never receives a password: app and page derive a proof from it, here, and send that. Key derivation is
// fixed for the account's life by its salt. Owns the derivation; never stores or logs anything.
import type { JsonValue } from './canonical-json.ts'

type KeyBytes = Uint8Array<ArrayBuffer>

/** The part of WebCrypto's SubtleCrypto that is used; both Node and browsers have it. */
export interface SubtleLike {
  importKey(
    format: 'raw',
    key: KeyBytes,
    algorithm: string,
    extractable: boolean,
    usages: ('deriveBits' | 'deriveKey')[],
  ): Promise<unknown>
  deriveBits(algorithm: unknown, key: never, length: number): Promise<ArrayBuffer>
}

export const proofIterations = 600_000
export const saltBytes = 16

export interface PasswordKeys {
  /** Base64 of 32 bytes: what the portal is told, and keeps under argon2id. */
  readonly proof: string
  /** 32 bytes that never leave the computer; for sealing later. */
  readonly seal: KeyBytes
}

/**
 * `master = PBKDF2-SHA-256(NFKC password, salt, 600,000)`; proof and seal are HKDF of it under their own labels.
 * `salt`: 16 bytes. Takes some tenths of a second by design.
 */
export async function derivePasswordKeys(subtle: SubtleLike, password: string, salt: KeyBytes): Promise<PasswordKeys> {
  const text = new TextEncoder().encode(password.normalize('NFKC'))
  const base = await subtle.importKey('raw', text, 'PBKDF2', false, ['deriveBits'])
  const master = await subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: proofIterations },
    base as never,
    256,
  )
  const masterKey = await subtle.importKey('raw', new Uint8Array(master), 'HKDF', false, ['deriveBits'])
  const expand = async (label: string) =>
    new Uint8Array(
      await subtle.deriveBits(
        { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: new TextEncoder().encode(label) },
        masterKey as never,
        256,
      ),
    )
  return { proof: toBase64(await expand('proof/v1')), seal: await expand('seal/v1') }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Standard base64 with padding; written here because browsers and Node offer different helpers. */
export function toBase64(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]]
    out += alphabet.charAt(a >> 2) + alphabet.charAt(((a & 3) << 4) | ((b ?? 0) >> 4))
    out += b === undefined ? '=' : alphabet.charAt(((b & 15) << 2) | ((c ?? 0) >> 6))
    out += c === undefined ? '=' : alphabet.charAt(c & 63)
  }
  return out
}

/** Inverse of `toBase64`; throws a RangeError on anything else. */
export function fromBase64(text: string): KeyBytes {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) throw new RangeError('base64')
  const clean = text.replace(/=+$/, '')
  const out = new Uint8Array(Math.floor((clean.length * 3) / 4))
  let buffer = 0
  let bits = 0
  let at = 0
  for (const character of clean) {
    buffer = ((buffer << 6) | alphabet.indexOf(character)) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = (buffer >> bits) & 255
    }
  }
  return out
}

/** What a device signs to prove that it holds its key. */
export function deviceAuthStatement(portalOrigin: string, deviceId: string, nonce: string): JsonValue {
  return { portalOrigin, deviceId, nonce }
}
export const deviceAuthPrefix = 'device-auth/v1'
export const enrolPrefix = 'device-enrol/v1'
