// Canonical JSON (RFC 8785) for what is signed: keys sorted by UTF-16 units, no white space, ECMAScript numbers.
// Refuses what JSON cannot carry instead of changing it.
import { ProductError } from '../errors.ts'

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

/** The one text of a value. Undefined fields are left out; NaN, infinities and lone surrogates are refused. */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new ProductError('bad-request', 'number')
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw new ProductError('bad-request', 'surrogate')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => canonicalJson(item)).join(',')}]`
  const fields = value as { readonly [key: string]: JsonValue | undefined }
  const parts = Object.keys(fields)
    .sort()
    .flatMap((key) => {
      const item = fields[key]
      return item === undefined ? [] : [`${canonicalJson(key)}:${canonicalJson(item)}`]
    })
  return `{${parts.join(',')}}`
}

/** The bytes that a signature covers. */
export function signedBytes(prefix: string, value: JsonValue): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${prefix}\n${canonicalJson(value)}`)
}
