// Reads the condition of a rule for what has to be in a content that it matches: an upper bound of the condition.
// Never says more than is certain: whatever it does not understand may be true.
// Source: the YARA documentation, "Conditions"; `or` binds weaker than `and`, and that weaker than `not`.
import type { RuleString } from './rule-strings.ts'

/** What has to hold. `anything`: nothing is known. `nothing`: it never holds. */
export type Need =
  | { readonly kind: 'anything' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Need[] }
  /** At least `count` of these strings match; by their place in the rule. */
  | { readonly kind: 'strings'; readonly count: number; readonly of: readonly number[] }
  /** The content has at most so many bytes. */
  | { readonly kind: 'size'; readonly most: number }
  /** The content begins with these bytes. */
  | { readonly kind: 'begins'; readonly bytes: readonly number[] }

const anything: Need = { kind: 'anything' }
const nothing: Need = { kind: 'nothing' }
const token =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"?|\/(?:\\.|[^/\\\n])+\/?[a-z]*|[$#@!]\w*\*?|0x[0-9A-Fa-f]+|\d+(?:KB|MB)?|[A-Za-z_][\w.]*|[=!<>]=|\s+|[\s\S]/g

/** A string of the rule, as far as conditions tell something of it: its name, and its bytes where it is these alone. */
export type NamedString = Pick<RuleString, 'id' | 'exact'>

/** `condition`: as it stands in the source. `strings`: those of the rule in their order. */
export function needOf(condition: string, strings: readonly NamedString[]): Need {
  const words = [...condition.matchAll(token)].map(([word]) => word)
  return needOfWords(
    words.filter((word) => !/^(?:\s|\/\/|\/\*)/.test(word)),
    strings,
  )
}

function needOfWords(words: readonly string[], strings: readonly NamedString[]): Need {
  const choices = splitAt(words, 'or')
  if (choices === null) return anything
  if (choices.length > 1) return { kind: 'any', of: choices.map((choice) => needOfWords(choice, strings)) }
  const terms = splitAt(words, 'and')
  if (terms === null) return anything
  if (terms.length > 1) return { kind: 'all', of: terms.map((term) => needOfWords(term, strings)) }
  return needOfTerm(words, strings)
}

/** At the top level only; null when brackets do not fit. */
function splitAt(words: readonly string[], separator: string): string[][] | null {
  const parts: string[][] = [[]]
  let depth = 0
  for (const word of words) {
    if (word === '(' || word === '[') depth += 1
    if (word === ')' || word === ']') depth -= 1
    if (depth < 0) return null
    if (depth === 0 && word === separator) parts.push([])
    else parts.at(-1)?.push(word)
  }
  return depth === 0 ? parts : null
}

function needOfTerm(words: readonly string[], strings: readonly NamedString[]): Need {
  const ids = strings.map(({ id }) => id)
  const [first = '', second, third = ''] = words
  if (first === '(' && isWrapped(words)) return needOfWords(words.slice(1, -1), strings)
  if (words.length === 1 && first === 'false') return nothing
  if (words.length === 1 && first === 'pe.is_pe') return { kind: 'begins', bytes: [0x4d, 0x5a] }
  if (/^\$\w+$/.test(first) && (words.length === 1 || second === 'in')) return oneOf([first], ids)
  if (/^\$\w+$/.test(first) && second === 'at') return needOfPlace(oneOf([first], ids), words.slice(2), strings)
  if (second === 'of') return needOfSet(first, words.slice(2), ids)
  if (/^#\w+$/.test(first) && words.length === 3 && isMoreThanNone(second, numberOf(third))) {
    return oneOf([`$${first.slice(1)}`], ids)
  }
  if (first === 'filesize' && words.length === 3) return needOfSize(second, numberOf(third))
  return needOfBeginning(words) ?? anything
}

/** `$a at PLACE`: at the begin, a string that is nothing but its bytes says how the content begins. */
function needOfPlace(itself: Need, place: readonly string[], strings: readonly NamedString[]): Need {
  const exact = itself.kind === 'strings' ? strings[itself.of[0] ?? -1]?.exact : undefined
  if (exact === undefined || exact.length === 0 || place.length !== 1 || numberOf(place[0] ?? '') !== 0) return itself
  return { kind: 'all', of: [itself, { kind: 'begins', bytes: [...exact] }] }
}

/** True when the first parenthesis closes at the very end. */
function isWrapped(words: readonly string[]): boolean {
  let depth = 0
  for (const [at, word] of words.entries()) {
    if (word === '(') depth += 1
    if (word === ')') depth -= 1
    if (depth === 0) return at === words.length - 1
  }
  return false
}

function isMoreThanNone(comparison: string | undefined, value: number): boolean {
  if (comparison === '>') return value >= 0
  return (comparison === '>=' || comparison === '==') && value >= 1
}

/** `QUANTITY of SET`, with or without a place. */
function needOfSet(quantity: string, words: readonly string[], ids: readonly string[]): Need {
  const set = readSet(words, ids)
  if (set === null) return anything
  if (quantity === 'any') return { kind: 'strings', count: 1, of: set }
  if (quantity === 'all') return { kind: 'strings', count: set.length, of: set }
  const count = numberOf(quantity)
  return count >= 1 ? { kind: 'strings', count, of: set } : anything
}

function readSet(words: readonly string[], ids: readonly string[]): number[] | null {
  if (words[0] === 'them') return endsSet(words.slice(1)) ? ids.map((_, at) => at) : null
  const end = words.indexOf(')')
  if (words[0] !== '(' || end === -1 || !endsSet(words.slice(end + 1))) return null
  const names = words.slice(1, end).filter((word) => word !== ',')
  // Names of other rules.
  if (names.some((name) => !name.startsWith('$'))) return null
  return placesOf(names, ids)
}

function endsSet([next]: readonly string[]): boolean {
  return next === undefined || next === 'in' || next === 'at'
}

function placesOf(names: readonly string[], ids: readonly string[]): number[] {
  const isNamed = (id: string) =>
    names.some((name) => (name.endsWith('*') ? id.startsWith(name.slice(0, -1)) : id === name))
  return ids.flatMap((id, at) => (isNamed(id) ? [at] : []))
}

function oneOf(names: readonly string[], ids: readonly string[]): Need {
  const of = placesOf(names, ids)
  return of.length === 0 ? anything : { kind: 'strings', count: 1, of }
}

function needOfSize(comparison: string | undefined, value: number): Need {
  if (!(value >= 0)) return anything
  if (comparison === '<') return value === 0 ? nothing : { kind: 'size', most: value - 1 }
  return comparison === '<=' || comparison === '==' ? { kind: 'size', most: value } : anything
}

const units: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 * 1024 }

function numberOf(word: string): number {
  if (/^0x[0-9A-Fa-f]+$/.test(word)) return Number(word)
  const match = /^(\d+)(KB|MB)?$/.exec(word)
  return match === null ? Number.NaN : Number(match[1]) * (units[match[2] ?? ''] ?? 1)
}

/** `uint16(0) == 0x5a4d` and its like, either way round; undefined for anything else. */
function needOfBeginning(words: readonly string[]): Need | undefined {
  const turned = words.length === 6 && words[1] === '==' ? [...words.slice(2), '==', words[0] ?? ''] : words
  const [name = '', open, at, close, equals, value = ''] = turned
  const type = /^uint(8|16|32)(be)?$/.exec(name)
  if (type === null || turned.length !== 6 || open !== '(' || close !== ')' || equals !== '==') return undefined
  const width = Number(type[1]) / 8
  const number = numberOf(value)
  if (numberOf(at ?? '') !== 0 || !(number >= 0)) return undefined
  if (number >= 2 ** (8 * width)) return nothing
  const bytes = Array.from({ length: width }, (_, index) => Math.floor(number / 2 ** (8 * index)) % 256)
  return { kind: 'begins', bytes: type[2] === undefined ? bytes : bytes.reverse() }
}
