// Undoes predictors, which filters of PDF apply to what they pack: each byte was stored as its difference to neighbours.
// Makes no more bytes than it is given. Sources: ISO 32000-1, 7.4.4.4; RFC 2083, 6; TIFF 6.0, 14.

export interface Predictor {
  /** 1: none, 2: of TIFF, 10 to 15: of PNG. */
  readonly kind: number
  readonly colors: number
  readonly bits: number
  readonly columns: number
}

/** Null for one that is not known. */
export function unpredicted(bytes: Buffer, { kind, colors, bits, columns }: Predictor): Buffer | null {
  if (kind === 1) return bytes
  const isShape = [colors, bits, columns].every((number) => Number.isSafeInteger(number) && number > 0)
  if (!isShape || colors > 64 || bits > 16 || columns > 2 ** 30) return null
  const row = Math.ceil((columns * colors * bits) / 8)
  if (kind === 2) return bits === 8 ? tiff(bytes, row, colors) : null
  return kind >= 10 && kind <= 15 ? png(bytes, row, Math.ceil((colors * bits) / 8)) : null
}

function tiff(bytes: Buffer, row: number, colors: number): Buffer {
  const made = Buffer.from(bytes)
  for (let at = 0; at < made.length; at += 1)
    if (at % row >= colors) made[at] = (made[at] ?? 0) + (made[at - colors] ?? 0)
  return made
}

/** Each row has a byte before it that says how it was stored. */
function png(bytes: Buffer, row: number, pixel: number): Buffer {
  const made = Buffer.alloc(bytes.length)
  let end = 0
  for (let from = 0; from < bytes.length; from += row + 1) {
    const how = bytes[from] ?? 0
    const start = end
    const last = Math.min(bytes.length, from + 1 + row)
    for (let at = from + 1; at < last; at += 1, end += 1) {
      const left = end - pixel >= start ? (made[end - pixel] ?? 0) : 0
      const above = start >= row ? (made[end - row] ?? 0) : 0
      const corner = start >= row && end - pixel >= start ? (made[end - row - pixel] ?? 0) : 0
      made[end] = (bytes[at] ?? 0) + predicted(how, left, above, corner)
    }
  }
  return made.subarray(0, end)
}

function predicted(how: number, left: number, above: number, corner: number): number {
  if (how === 1) return left
  if (how === 2) return above
  if (how === 3) return (left + above) >> 1
  if (how !== 4) return 0
  const [toLeft, toAbove] = [Math.abs(above - corner), Math.abs(left - corner)]
  const toCorner = Math.abs(left + above - 2 * corner)
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}
