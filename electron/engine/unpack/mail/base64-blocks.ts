// Finds base64 in a text that no header announces: several lines of nothing else, as long as mail has them.
// Gives places only; never decodes.

const [shortest, longest] = [60, 76]
const [lineFeed, carriageReturn, padding] = [0x0a, 0x0d, 0x3d]

/** Blocks of at least two whole lines; a shorter line behind them, with its padding, belongs to them. */
export function* base64Blocks(text: Buffer): Generator<Buffer> {
  let start = 0
  let lines = 0
  for (let at = 0; at < text.length; ) {
    const feed = text.indexOf(lineFeed, at)
    const end = feed === -1 ? text.length : feed
    const digits = digitsFrom(text, at, end)
    const rest = end - at - digits - (end > at && text[end - 1] === carriageReturn ? 1 : 0)
    if (rest === 0 && feed !== -1 && digits >= shortest && digits <= longest) {
      if (lines === 0) start = at
      lines += 1
    } else {
      const isLast = digits > 0 && digits <= longest && isPadding(text, at + digits, rest)
      if (lines > 1) yield text.subarray(start, isLast ? end : at)
      lines = 0
    }
    at = end + 1
  }
  if (lines > 1) yield text.subarray(start)
}

function digitsFrom(text: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && isDigit(text[at] ?? 0)) at += 1
  return at - from
}

function isPadding(text: Buffer, from: number, length: number): boolean {
  if (length > 2) return false
  for (let at = from; at < from + length; at += 1) if (text[at] !== padding) return false
  return true
}

function isDigit(byte: number): boolean {
  if (byte >= 0x61) return byte <= 0x7a
  if (byte >= 0x41) return byte <= 0x5a
  return (byte >= 0x2f && byte <= 0x39) || byte === 0x2b
}
