// One pattern of a ClamAV signature with its offset and modifiers, as YARA strings and the conditions on them.
// What YARA cannot say exactly is given back as a reason.
import {
  type ByteUnit,
  type HexPattern,
  longestRun,
  plainBytes,
  readHexPattern,
  widened,
  withoutCase,
  yaraHex,
} from './pattern-hex.ts'
import { type Place, readOffset, type Target } from './pattern-offset.ts'

export interface SubSignature {
  /** Definitions of YARA strings, such as `$s0 = { 41 42 }`. */
  readonly strings: readonly string[]
  /** True when it matches at all. */
  readonly any: string
  /** Number of its matches; null where YARA and ClamAV do not count the same. */
  readonly count: string | null
  /** Where its place does not exist the condition is neither true nor false: it must not be negated. */
  readonly mayBeUndefined: boolean
}

export interface SubSignatureText {
  readonly hex: string
  readonly offset: string
  /** Letters of i (either case), f (whole words), w (wide), a (also as it is). */
  readonly modifiers: string
}

/** Shorter ones are found so often that each scan would be slow. */
const leastRun = 3
const mostComparedBytes = 64
const farthestCompared = 4096

/** Parts of `[offset:]hex[::modifiers]`, or the reason why it is none. */
export function readSubSignature(text: string): SubSignatureText | string {
  if (text.startsWith('fuzzy_img#')) return 'image hashes'
  if (text.includes('/')) return 'regular expressions'
  if (/\([^()]*#/.test(text)) return 'byte comparisons'
  if (text.includes('$')) return 'macros'
  const [first = '', second = '', third = '', fourth = '', ...more] = text.split(':')
  const fields = text.split(':').length
  if (more.length > 0) return 'malformed'
  const [offset, hex, empty, modifiers] =
    fields % 2 === 0 ? [first, second, third, fourth] : ['*', first, second, third]
  if (empty !== '' || /[^ifwa]/.test(modifiers)) return 'malformed'
  return { hex, offset, modifiers }
}

/** `name`: of its strings, such as `s0`. Gives the reason when there is none. */
export function translateSubSignature(
  { hex, offset, modifiers }: SubSignatureText,
  name: string,
  target: Target,
): SubSignature | string {
  const pattern = readHexPattern(hex)
  if (typeof pattern === 'string') return pattern
  const place = readOffset(offset, target)
  if (typeof place === 'string') return place
  const isAnchored = place.kind === 'between' && place.isConstant && place.last === null
  if (!isAnchored && longestRun(pattern) < leastRun) return 'pattern too short to be fast'
  const has = (letter: string): boolean => modifiers.includes(letter)
  const plain = plainBytes(pattern)
  const isFixed = plain?.every(({ mask }) => mask === 0xff) ?? false
  // A text of YARA's has all modifiers; its bytes cannot be compared one by one where its place moves.
  if (plain !== null && isFixed && (has('f') || (modifiers !== '' && place.kind === 'anywhere')))
    return placed([[name, textString(plain, modifiers), null]], place, false)
  if (has('f')) return 'whole words with wildcards'
  const either = has('i') ? withoutCase(pattern) : pattern
  const isWide = has('w')
  const forms = [...(isWide ? [widened(either)] : []), ...(isWide && !has('a') ? [] : [either])]
  const strings = forms.map((form, index): NamedString => [`${name}${index === 0 ? '' : 'a'}`, yaraHex(form), form])
  return placed(strings, place, pattern.hasGaps)
}

/** Name, definition, and the pattern when that is a hexadecimal one. */
type NamedString = readonly [name: string, definition: string, pattern: HexPattern | null]

function textString(bytes: readonly ByteUnit[], modifiers: string): string {
  const has = (letter: string): boolean => modifiers.includes(letter)
  const text = bytes.map(({ value }) => `\\x${value.toString(16).padStart(2, '0')}`).join('')
  const words = [
    ...(has('w') ? ['wide'] : []),
    ...(has('w') && has('a') ? ['ascii'] : []),
    ...(has('i') ? ['nocase'] : []),
    ...(has('f') ? ['fullword'] : []),
  ]
  return [`"${text}"`, ...words].join(' ')
}

function placed(strings: readonly NamedString[], place: Place, hasGaps: boolean): SubSignature {
  const any = strings.map((string) => anyOf(string, place))
  const isCounted = !hasGaps && place.kind === 'anywhere'
  return {
    strings: strings.map(([name, definition]) => `$${name} = ${definition}`),
    any: any.length === 1 ? (any[0] ?? 'false') : `(${any.join(' or ')})`,
    count: isCounted ? strings.map(([name]) => `#${name}`).join(' + ') : null,
    mayBeUndefined: place.kind === 'between' && !place.isConstant,
  }
}

/**
 * Of a pattern that a content is stuffed with not all matches are kept: where its place is not the same in every content, the
 * bytes there are compared themselves, as far as they are plain.
 */
function anyOf([name, , pattern]: NamedString, place: Place): string {
  if (place.kind === 'anywhere') return `$${name}`
  const { first, last, guard, isConstant } = place
  const isNear = place.shift <= farthestCompared
  const matched = last === null ? `$${name} at ${first}` : `$${name} in (${first}..${last})`
  const isExact = (isConstant && last === null) || pattern === null || !isNear
  const compared = isExact ? null : comparisons(pattern, last === null ? first : 'i')
  if (compared === null) return guard === null ? matched : `(${guard} and ${matched})`
  const there = compared.join(' and ')
  const conditions = [...(guard === null ? [] : [guard]), `$${name}`]
  conditions.push(last === null ? there : `for any i in (${first}..${last}) : (${there})`)
  return `(${conditions.join(' and ')})`
}

function comparisons(pattern: HexPattern, first: string): string[] | null {
  const bytes = plainBytes(pattern)
  if (bytes === null || bytes.length > mostComparedBytes) return null
  const result: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const width = bytes.length - at >= 4 ? 4 : bytes.length - at >= 2 ? 2 : 1
    const part = bytes.slice(at, at + width)
    const digits = (of: (unit: ByteUnit) => number): string => Buffer.from(part.map(of)).toString('hex')
    const mask = digits((unit) => unit.mask)
    const value = digits((unit) => unit.value & unit.mask)
    const read = `uint${width * 8}${width === 1 ? '' : 'be'}(${first} + ${at})`
    result.push(/^f+$/.test(mask) ? `${read} == 0x${value}` : `${read} & 0x${mask} == 0x${value}`)
    at += width
  }
  return result
}
