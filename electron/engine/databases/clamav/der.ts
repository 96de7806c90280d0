// Reads DER, the encoding of certificates and of what is signed with them: one level at a time, nothing is copied.
// Takes definite lengths in their shortest form only; throws for everything else.

export interface DerPart {
  readonly tag: number
  /** With tag and length. */
  readonly bytes: Buffer
  readonly content: Buffer
}

export const derTag = { boolean: 1, integer: 2, octets: 4, oid: 6, sequence: 0x30, set: 0x31 } as const

/** All parts that follow each other in these bytes. */
export function derParts(bytes: Buffer): DerPart[] {
  const parts: DerPart[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes.readUInt8(at)
    const first = bytes.readUInt8(at + 1)
    const more = first < 0x80 ? 0 : first - 0x80
    if ((tag & 0x1f) === 0x1f || first === 0x80 || more > 4) throw new Error('no DER')
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
    if (more > 0 && length < (more === 1 ? 0x80 : 2 ** (8 * (more - 1)))) throw new Error('no DER')
    const start = at + 2 + more
    if (start + length > bytes.length) throw new Error('no DER')
    parts.push({ tag, bytes: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return parts
}

/** The parts of a part that has to be there and to be of this kind. */
export function derInside(part: DerPart | undefined, tag: number): DerPart[] {
  if (part?.tag !== tag) throw new Error('another structure')
  return derParts(part.content)
}

/** `1.2.840.113549` of the content of an object identifier. */
export function oidText(part: DerPart | undefined): string {
  if (part?.tag !== derTag.oid) throw new Error('another structure')
  const numbers: number[] = []
  let value = 0
  for (const byte of part.content) {
    value = value * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    numbers.push(value)
    value = 0
  }
  const [first = 0, ...rest] = numbers
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - top * 40, ...rest].join('.')
}
