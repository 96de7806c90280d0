// Reads the strings of a rule for the bytes that a content must hold where one of them matches.
// Gives up on whatever it does not understand: such a string may match anything. Source: the YARA documentation, "Strings".
import type { RuleText } from '../rule-text.ts'

/** Bytes that are in every content in which the string matches. */
export interface Literal {
  readonly bytes: Buffer
  /** `nocase`: letters of either case. `xor`: each byte changed by one key, whichever. */
  readonly as: 'is' | 'nocase' | 'xor'
}

export interface RuleString {
  /** With its `$`; those without a name are all called `$`. */
  readonly id: string
  /** One of these is in a content in which it matches; null = nothing is known of it. */
  readonly anyOf: readonly Literal[] | null
}

const token =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|\/(?:\\.|[^/\\\n])+\/[a-z]*|\{[^}]*\}|\$\w*|\w+|\s+|[\s\S]/g
/** The same without what only that section has. */
const outside = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|\w+|\s+|[\s\S]/g

/** The strings of a rule in their order; null when they are not what this reader understands. */
export function readStrings(source: string, { start, conditionAt }: RuleText): RuleString[] | null {
  const section = sectionStart(source.slice(start, conditionAt))
  if (section === -1) return []
  const words = wordsOf(source.slice(start + section, conditionAt))
  const strings: RuleString[] = []
  let at = 0
  while (at < words.length && words[at] !== 'condition') {
    const [id = '', equals, value = ''] = words.slice(at, at + 3)
    if (!id.startsWith('$') || equals !== '=') return null
    const end = endOfModifiers(words, at + 3)
    strings.push({ id, anyOf: literalsOf(value, new Set(words.slice(at + 3, end))) })
    at = end
  }
  return strings
}

/** Behind `strings:`; -1 when there is no such section. */
function sectionStart(text: string): number {
  let last = ''
  for (const { 0: word, index } of text.matchAll(outside)) {
    if (word === ':' && last === 'strings') return index + 1
    if (!/^(?:\s|\/\/|\/\*)/.test(word)) last = word
  }
  return -1
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(token)].map(([word]) => word).filter((word) => !/^(?:\s|\/\/|\/\*)/.test(word))
}

function endOfModifiers(words: readonly string[], from: number): number {
  let at = from
  while (at < words.length && words[at] !== 'condition' && !words[at]?.startsWith('$')) at += 1
  return at
}

function literalsOf(value: string, modifiers: ReadonlySet<string>): Literal[] | null {
  if (modifiers.has('base64') || modifiers.has('base64wide')) return null
  const read = readValue(value)
  if (read === null) return null
  const as = modifiers.has('xor') ? 'xor' : modifiers.has('nocase') || read.nocase ? 'nocase' : 'is'
  const isWide = modifiers.has('wide')
  const literals: Literal[] = []
  if (!isWide || modifiers.has('ascii')) literals.push({ bytes: Buffer.from(read.bytes), as })
  if (isWide) literals.push({ bytes: Buffer.from(read.bytes.flatMap((byte) => [byte, 0])), as })
  return literals
}

interface Read {
  readonly bytes: number[]
  readonly nocase: boolean
}

function readValue(value: string): Read | null {
  if (value.startsWith('"')) return withCase(bytesOfText(value.slice(1, -1)), false)
  if (value.startsWith('{')) return withCase(longestRun(runsOfHex(value.slice(1, -1))), false)
  if (!value.startsWith('/')) return null
  const end = value.lastIndexOf('/')
  const flags = value.slice(end + 1)
  if (/[^is]/.test(flags)) return null
  return withCase(longestRun(runsOfExpression(value.slice(1, end))), flags.includes('i'))
}

function withCase(bytes: number[] | null, nocase: boolean): Read | null {
  return bytes === null ? null : { bytes, nocase }
}

function longestRun(runs: readonly number[][] | null): number[] | null {
  return runs === null ? null : runs.reduce((best, run) => (run.length > best.length ? run : best), [])
}

const escapes: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, '\\': 0x5c, '"': 0x22 }

function bytesOfText(text: string): number[] | null {
  const bytes: number[] = []
  for (const [piece] of text.matchAll(/\\x[0-9A-Fa-f]{2}|\\[\s\S]|[\s\S]/g)) {
    const byte = piece.startsWith('\\x')
      ? Number.parseInt(piece.slice(2), 16)
      : piece.startsWith('\\')
        ? escapes[piece.slice(1)]
        : piece.charCodeAt(0)
    if (byte === undefined || !(byte < 0x80 || piece.startsWith('\\x'))) return null
    bytes.push(byte)
  }
  return bytes
}

/** Runs of bytes without a wild card, a jump or an alternative between them. */
function runsOfHex(text: string): number[][] | null {
  const plain = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|\s+/g, '')
  const runs: number[][] = [[]]
  let depth = 0
  for (const [piece] of plain.matchAll(/\[[^\]]*\]|~?[0-9A-Fa-f?]{2}|[\s\S]/g)) {
    if (piece === '(') depth += 1
    else if (piece === ')') depth -= 1
    else if (piece === '|' && depth === 0) return null
    if (/^[0-9A-Fa-f]{2}$/.test(piece)) {
      if (depth === 0) runs.at(-1)?.push(Number.parseInt(piece, 16))
    } else if (/^(?:\[.*\]|~?[0-9A-Fa-f?]{2}|[()|])$/.test(piece)) runs.push([])
    else return null
  }
  return depth === 0 ? runs : null
}

/** One atom of a regular expression; classes with a bracket inside are not understood. */
const atom = /\\x[0-9A-Fa-f]{2}|\\[\s\S]|\[\^?\]?(?:\\.|[^\]\\[])*\]|[\s\S]/y
const repetition = /(?:[?*+]|\{\d*,?\d*\})\??/y

/** Runs of plain characters that every match holds; null for what is not understood. */
function runsOfExpression(text: string): number[][] | null {
  const runs: number[][] = [[]]
  let at = 0
  let depth = 0
  while (at < text.length) {
    const piece = matchAt(atom, text, at)
    at += piece.length
    if (piece === '(') {
      // Flags inside could change what the rest means.
      if (text[at] === '?' && text[at + 1] !== ':') return null
      depth += 1
    } else if (piece === ')') depth -= 1
    if (depth < 0 || (depth === 0 && piece === '|') || piece === '[') return null
    const repeated = matchAt(repetition, text, at)
    at += repeated.length
    const byte = depth === 0 ? plainByte(piece) : null
    if (byte === undefined) return null
    if (byte === null || mayBeMissing(repeated)) runs.push([])
    else {
      runs.at(-1)?.push(byte)
      if (repeated !== '') runs.push([])
    }
  }
  return depth === 0 ? runs : null
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/** Undefined: not understood. Null: not one certain byte. */
function plainByte(piece: string): number | null | undefined {
  if (/^\\x[0-9A-Fa-f]{2}$/.test(piece)) return Number.parseInt(piece.slice(2), 16)
  if (piece.startsWith('\\')) {
    const escaped = piece.slice(1)
    if (/[xupPQE]/.test(escaped)) return undefined
    if (/[ntr]/.test(escaped)) return escapes[escaped]
    return /[A-Za-z0-9]/.test(escaped) ? null : ascii(escaped)
  }
  if (piece.length > 1 || /[.^$()|]/.test(piece)) return null
  return /[?*+]/.test(piece) ? undefined : ascii(piece)
}

function ascii(text: string): number | undefined {
  const code = text.charCodeAt(0)
  return code < 0x80 ? code : undefined
}

function mayBeMissing(repeated: string): boolean {
  return /^[?*]/.test(repeated) || /^\{(?:0*[,}]|,)/.test(repeated)
}
