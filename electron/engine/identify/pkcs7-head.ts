// Tells what a message of PKCS #7 (CMS) is by its first bytes: signed, compressed, or locked. Source: RFC 5652, RFC 3274.
// Never opens one.

/** `signed` and `compressed`: anybody can read what is in it. */
export type Pkcs7Kind = 'signed' | 'compressed' | 'locked'

const kinds: readonly (readonly [oid: string, kind: Pkcs7Kind])[] = [
  ['06092a864886f70d010702', 'signed'],
  ['06092a864886f70d010703', 'locked'],
  ['06092a864886f70d010704', 'locked'],
  ['06092a864886f70d010706', 'locked'],
  ['060b2a864886f70d0109100109', 'compressed'],
  ['060b2a864886f70d0109100117', 'locked'],
]
const sequence = 0x30
const pem = /^-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----[ \t]*\r?\n/
const headBytes = 64

/** Null for anything else. */
export function pkcs7Kind(bytes: Buffer): Pkcs7Kind | null {
  const head = bytes[0] === 0x2d ? pkcs7Bytes(bytes.subarray(0, 4 * headBytes)) : bytes
  if (head[0] !== sequence) return null
  const length = head[1] ?? 0
  // One byte, or as many as it says; 80: open.
  const at = length <= 0x80 ? 2 : 2 + (length & 0x7f)
  const name = head.toString('hex', at, at + 13)
  return at > 6 ? null : (kinds.find(([oid]) => name.startsWith(oid))?.[1] ?? null)
}

/** The message itself: out of its letters where it is written in some. */
export function pkcs7Bytes(bytes: Buffer): Buffer {
  const line = pem.exec(bytes.toString('latin1', 0, headBytes))?.[0]
  return line === undefined ? bytes : Buffer.from(bytes.toString('latin1', line.length), 'base64')
}
