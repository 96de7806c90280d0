// Reads one value of a PDF from its text: names with their escapes undone, dictionaries and lists with what is in them, past
// comments. Bounded in length and depth; never follows a reference. Source: ISO 32000-1, 7.2 and 7.3.

export type PdfValue =
  | { readonly kind: 'dictionary'; readonly entries: ReadonlyMap<string, PdfValue> }
  | { readonly kind: 'list'; readonly items: readonly PdfValue[] }
  | { readonly kind: 'reference'; readonly number: number }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  /** A text, a word. */
  | { readonly kind: 'other' }

const [longestValue, mostTokens, deepest] = [64 * 1024, 4000, 20]
const token = /(?:[\s\0]|%[^\r\n]*)*(<<|>>|[[\]]|\/[^\s\0()<>[\]{}/%]*|[+-]?\d*\.?\d+\.?|\(|<[\da-f\s]*>|[a-z]+)/iy
const closing = new Set(['>>', ']'])
const other: PdfValue = { kind: 'other' }

/** The value that begins at this place, or null when none is understood there. */
export function readValue(text: string, at: number): PdfValue | null {
  return new Values(text.slice(at, at + longestValue)).next(0)
}

/** `#46` in a name is the character of that number. */
export function unescaped(text: string): string {
  return text.replace(/#([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

class Values {
  private readonly text: string
  private at = 0
  private tokens = 0

  constructor(text: string) {
    this.text = text
  }

  next(depth: number): PdfValue | null {
    const found = this.token()
    if (found === null || depth > deepest || closing.has(found)) return null
    if (found === '<<') return this.dictionary(depth)
    if (found === '[') return this.list(depth)
    if (found.startsWith('/')) return { kind: 'name', text: unescaped(found.slice(1)) }
    return /^[+-.\d]/.test(found) ? this.numberOrReference(Number(found)) : other
  }

  /** What was read of it before its end is what there is. */
  private dictionary(depth: number): PdfValue {
    const entries = new Map<string, PdfValue>()
    for (let key = this.next(depth + 1); key !== null; key = this.next(depth + 1)) {
      if (key.kind !== 'name') continue
      const value = this.next(depth + 1)
      if (value === null) break
      if (!entries.has(key.text)) entries.set(key.text, value)
    }
    return { kind: 'dictionary', entries }
  }

  private list(depth: number): PdfValue {
    const items: PdfValue[] = []
    for (let item = this.next(depth + 1); item !== null; item = this.next(depth + 1)) items.push(item)
    return { kind: 'list', items }
  }

  private numberOrReference(value: number): PdfValue {
    const { at, tokens } = this
    if (/^\d+$/.test(this.token() ?? '') && this.token() === 'R') return { kind: 'reference', number: value }
    this.at = at
    this.tokens = tokens
    return { kind: 'number', value }
  }

  private token(): string | null {
    if (this.tokens >= mostTokens) return null
    this.tokens += 1
    token.lastIndex = this.at
    const found = token.exec(this.text)?.[1]
    if (found === undefined) return null
    this.at = found === '(' ? endOfText(this.text, token.lastIndex) : token.lastIndex
    return found
  }
}

/** Behind the parenthesis that closes a text; others may stand in it. */
function endOfText(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at += 1) {
    const character = text[at]
    if (character === '\\') at += 1
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (depth === 0) return at + 1
  }
  return text.length
}
