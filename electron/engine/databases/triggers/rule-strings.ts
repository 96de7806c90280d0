// Reads the strings of a rule for the bytes that a content must hold where one of them matches.
// Gives up on whatever it does not understand: such a string may match anything. Source: the YARA documentation, "Strings".
import type { RuleText } from '../rule-text.ts'

/** Bytes that are in every content in which the string matches, with bytes between them that may be anything. */
export interface Literal {
  readonly bytes: Buffer
  /** Of each byte: 0xff where it is certain, 0 where it may be any. */
  readonly known: Buffer
  /** `nocase`: letters of either case. `xor`: each byte changed by one key, whichever. */
  readonly as: 'is' | 'nocase' | 'xor'
}

export interface RuleString {
  /** With its `$`; those without a name are all called `$`. */
  readonly id: string
  /** One of these is in a content in which it matches; null = nothing is known of it. */
  readonly anyOf: readonly Literal[] | null
  /** Set where it is these bytes and nothing else. */
  readonly exact?: Buffer
}

const token =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"?|\/(?:\\.|[^/\\\n])+\/?[a-z]*|\{[^}]*\}|\$\w*|\w+|\s+|[\s\S]/g
/** The same without what only that section has. */
const outside = /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"?|\w+|\s+|[\s\S]/g

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
    strings.push({ id, ...readString(value, new Set(words.slice(at + 3, end))) })
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

/** A byte that is certain, or null for any. */
type Unit = number | null

function readString(value: string, modifiers: ReadonlySet<string>): Omit<RuleString, 'id'> {
  if (modifiers.has('base64') || modifiers.has('base64wide')) return { anyOf: null }
  const read = readValue(value)
  if (read === null) return { anyOf: null }
  const units = mostCertain(read.runs)
  const as = modifiers.has('xor') ? 'xor' : modifiers.has('nocase') || read.nocase ? 'nocase' : 'is'
  const isWide = modifiers.has('wide')
  const anyOf: Literal[] = []
  if (!isWide || modifiers.has('ascii')) anyOf.push(literalOf(units, as))
  if (isWide) {
    const wide = units.flatMap((unit) => [unit, 0])
    anyOf.push(literalOf(wide, as))
  }
  const isWhole = value.startsWith('"') || (value.startsWith('{') && read.runs.length === 1 && !units.includes(null))
  const isExact = isWhole && as === 'is' && !isWide && units.length === read.runs[0]?.length
  return isExact ? { anyOf, exact: literalOf(units, as).bytes } : { anyOf }
}

function literalOf(units: readonly Unit[], as: Literal['as']): Literal {
  return {
    bytes: Buffer.from(units.map((unit) => unit ?? 0)),
    known: Buffer.from(units.map((unit) => (unit === null ? 0 : 0xff))),
    as,
  }
}

interface Read {
  /** What lies together in every match; nothing is known of what is between two of them. */
  readonly runs: readonly Unit[][]
  readonly nocase: boolean
}

function readValue(value: string): Read | null {
  if (value.startsWith('"')) return withCase(bytesOfText(value.slice(1, -1)), false)
  if (value.startsWith('{')) return withCase(runsOfHex(value.slice(1, -1)), false)
  if (!value.startsWith('/')) return null
  const end = value.lastIndexOf('/')
  const flags = value.slice(end + 1)
  if (/[^is]/.test(flags)) return null
  return withCase(runsOfExpression(value.slice(1, end)), flags.includes('i'))
}

function withCase(runs: readonly Unit[][] | null, nocase: boolean): Read | null {
  return runs === null ? null : { runs, nocase }
}

/** Without what may be anything at its ends. */
function mostCertain(runs: readonly Unit[][]): Unit[] {
  const count = (run: readonly Unit[]) => run.filter((unit) => unit !== null).length
  const best = runs.reduce<Unit[]>((most, run) => (count(run) > count(most) ? run : most), [])
  const isCertain = (unit: Unit) => unit !== null
  return best.slice(Math.max(0, best.findIndex(isCertain)), best.findLastIndex(isCertain) + 1)
}

const escapes: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, '\\': 0x5c, '"': 0x22 }

function bytesOfText(text: string): Unit[][] | null {
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
  return [bytes]
}

function runsOfHex(text: string): Unit[][] | null {
  const plain = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|\s+/g, '')
  const runs: Unit[][] = [[]]
  let depth = 0
  for (const [piece] of plain.matchAll(/\[[^\]]*\]|~?[0-9A-Fa-f?]{2}|[\s\S]/g)) {
    if (piece === '(') depth += 1
    else if (piece === ')') depth -= 1
    else if (piece === '|' && depth === 0) return null
    const jump = /^\[(\d{1,3})\]$/.exec(piece)
    if (jump !== null && depth === 0) runs.at(-1)?.push(...Array.from({ length: Number(jump[1]) }, () => null))
    else if (/^(?:\[.*\]|[()|])$/.test(piece)) runs.push([])
    else if (!/^~?[0-9A-Fa-f?]{2}$/.test(piece)) return null
    else if (depth === 0) runs.at(-1)?.push(/^[0-9A-Fa-f]{2}$/.test(piece) ? Number.parseInt(piece, 16) : null)
  }
  return depth === 0 ? runs : null
}

/** One atom of a regular expression; classes with a bracket inside are not understood. */
const atom = /\\x[0-9A-Fa-f]{2}|\\[\s\S]|\[\^?\]?(?:\\.|[^\]\\[])*\]|[\s\S]/y
const repetition = /(?:[?*+]|\{\d*,?\d*\})\??/y

function runsOfExpression(text: string): Unit[][] | null {
  const runs: Unit[][] = [[]]
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
    const unit = depth === 0 && !/[()|]/.test(piece[0] ?? '') ? unitOf(piece) : 'unclear'
    if (unit === undefined) return null
    if (unit === 'unclear' || mayBeMissing(repeated)) runs.push([])
    else {
      runs.at(-1)?.push(unit)
      if (repeated !== '') runs.push([])
    }
  }
  return depth === 0 ? runs : null
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/** What an atom matches; `unclear`: no byte at all, or an unknown number of them. Undefined: not understood. */
function unitOf(piece: string): Unit | 'unclear' | undefined {
  if (/^\\x[0-9A-Fa-f]{2}$/.test(piece)) return Number.parseInt(piece.slice(2), 16)
  if (piece.startsWith('\\')) {
    const escaped = piece.slice(1)
    if (/[xupPQE]/.test(escaped)) return undefined
    if (/[ntr]/.test(escaped)) return escapes[escaped]
    if (/[dDwWsS]/.test(escaped)) return null
    return /[A-Za-z0-9]/.test(escaped) ? 'unclear' : ascii(escaped)
  }
  if (piece === '.' || piece.length > 1) return null
  if (/[\^$]/.test(piece)) return 'unclear'
  return /[?*+]/.test(piece) ? undefined : ascii(piece)
}

function ascii(text: string): number | undefined {
  const code = text.charCodeAt(0)
  return code < 0x80 ? code : undefined
}

function mayBeMissing(repeated: string): boolean {
  return /^[?*]/.test(repeated) || /^\{(?:0*[,}]|,)/.test(repeated)
}
