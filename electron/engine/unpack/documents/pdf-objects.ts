// Finds the objects of a PDF and their streams by walking through the bytes: tables of objects can lie, and readers repair
// them. Never decodes a stream, never decides which one matters.
import type { Budget } from '../budget.ts'
import type { Filter } from './pdf-filters.ts'
import { type PdfValue, readValue, unescaped } from './pdf-values.ts'

export interface PdfStream {
  readonly number: number
  /** Its dictionary as text, with the characters that its names only describe. */
  readonly dictionary: string
  readonly packed: Buffer
  /** Its dictionary is too long to be one: only the end of it was read. */
  readonly isUnread: boolean
}

const longestDictionary = 256 * 1024

export function* streamsOf(bytes: Buffer, budget: Budget): Generator<PdfStream> {
  const objects = new ObjectMarks(bytes)
  let count = 0
  for (
    let at = bytes.indexOf('stream');
    at !== -1 && count < budget.limits.members && !budget.isOverTime();
    at = bytes.indexOf('stream', at + 6)
  ) {
    const start = contentStart(bytes, at)
    if (start === null) continue
    const object = objects.before(at)
    if (object === null) continue
    const from = Math.max(object.at, at - longestDictionary)
    const dictionary = unescaped(bytes.toString('latin1', from, at))
    const isUnread = from > object.at
    // A word far behind an object that has no stream.
    if (isUnread && !/>>\s*$/.test(dictionary)) continue
    count += 1
    const end = contentEnd(bytes, start, dictionary)
    yield { number: object.number, dictionary, packed: bytes.subarray(start, end), isUnread }
    at = Math.max(at, end - 6)
  }
}

interface ObjectMark {
  readonly number: number
  /** Behind the word. */
  readonly at: number
}

/** Where objects begin and end, for one who goes forwards. */
class ObjectMarks {
  private readonly bytes: Buffer
  private next: number
  private last: ObjectMark | null = null

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.next = bytes.indexOf('obj')
  }

  /** The object that is open at this place, not before the last one that was asked for; null when there is none. */
  before(place: number): ObjectMark | null {
    const { bytes } = this
    for (; this.next !== -1 && this.next < place; this.next = bytes.indexOf('obj', this.next + 3)) {
      const words = bytes.toString('latin1', Math.max(0, this.next - 40), this.next)
      const number = /(\d{1,10})\s+\d{1,5}\s+$/.exec(words)?.[1]
      if (number !== undefined) this.last = { number: Number(number), at: this.next + 3 }
      else if (words.endsWith('end')) this.last = null
    }
    return this.last
  }
}

/** Behind the keyword and its line end; null where it is another word. */
function contentStart(bytes: Buffer, at: number): number | null {
  if (bytes.toString('latin1', Math.max(0, at - 3), at) === 'end') return null
  if (bytes[at + 6] === 0x0a) return at + 7
  if (bytes[at + 6] !== 0x0d) return null
  return bytes[at + 7] === 0x0a ? at + 8 : at + 7
}

/** As the stated length says if the end mark stands there, else before the next end mark. */
function contentEnd(bytes: Buffer, start: number, dictionary: string): number {
  const stated = /\/Length\s+(\d{1,12})(?!\s+\d+\s+R)/.exec(dictionary)?.[1]
  const end = start + Number(stated ?? Number.NaN)
  if (end <= bytes.length && /^\s{0,4}endstream/.test(bytes.toString('latin1', end, end + 14))) return end
  const mark = bytes.indexOf('endstream', start)
  return mark === -1 ? bytes.length : mark
}

const unknown: Filter = { name: 'unknown' }

/** Its filters; one of no filter where `texts` (null: nothing is looked up) do not say what a reference stands for. */
export function filtersOf(dictionary: string, texts: PdfTexts | null): Filter[] {
  const names = items(valueBehind(dictionary, /\/Filter(?![\w.-])/), texts)
  if (names.length === 0) return []
  const parameters = items(valueBehind(dictionary, /\/(?:DecodeParms|DP)(?![\w.-])/), texts)
  return names.map((name, index) => {
    if (name.kind !== 'name') return unknown
    const given = parameters[index]
    return { name: name.text, ...(given !== undefined && parametersIn(given, texts)) }
  })
}

function parametersIn(given: PdfValue, texts: PdfTexts | null): Pick<Filter, 'predictor' | 'early'> {
  // A reference to nothing may stand for anything.
  if (given.kind === 'reference') return { predictor: { kind: Number.NaN, colors: 1, bits: 8, columns: 1 } }
  if (given.kind !== 'dictionary') return {}
  const number = (key: string, otherwise: number): number => {
    const value = resolved(given.entries.get(key), texts)
    if (value === undefined) return otherwise
    return value.kind === 'number' ? value.value : Number.NaN
  }
  const shape = { colors: number('Colors', 1), bits: number('BitsPerComponent', 8), columns: number('Columns', 1) }
  const kind = number('Predictor', 1)
  return { ...(kind !== 1 && { predictor: { kind, ...shape } }), early: number('EarlyChange', 1) === 0 ? 0 : 1 }
}

function valueBehind(dictionary: string, key: RegExp): PdfValue | undefined {
  const found = key.exec(dictionary)
  return (found === null ? null : readValue(dictionary, found.index + found[0].length)) ?? undefined
}

/** One value is a list of one. Without texts references stay what they are. */
function items(value: PdfValue | undefined, texts: PdfTexts | null): PdfValue[] {
  const one = resolved(value, texts)
  if (one === undefined) return []
  if (one.kind !== 'list') return [one]
  return one.items.map((item) => resolved(item, texts) ?? item)
}

function resolved(value: PdfValue | undefined, texts: PdfTexts | null): PdfValue | undefined {
  if (value?.kind !== 'reference' || texts === null) return value
  const object = texts.object(value.number)
  return (object === undefined ? null : readValue(object, 0)) ?? value
}

/** The texts that objects stand in: the document's own, and those of its streams of objects. */
export class PdfTexts {
  readonly all: readonly string[]
  private places: Map<number, readonly [text: string, at: number]> | undefined

  /** The first one is the document itself; of the others each begins with the numbers of its objects. */
  constructor(all: readonly string[]) {
    this.all = all
  }

  with(more: readonly string[]): PdfTexts {
    return more.length === 0 ? this : new PdfTexts([...this.all, ...more])
  }

  /** What stands behind the beginning of an object; the last one of its number. */
  object(number: number): string | undefined {
    this.places ??= placesOf(this.all)
    const [text, at] = this.places.get(number) ?? []
    return text?.slice(at)
  }
}

/** More objects are in no document; of a reference into the rest it is told that nobody knows what it is. */
const mostObjects = 1_000_000

function placesOf(texts: readonly string[]): Map<number, readonly [string, number]> {
  const places = new Map<number, readonly [string, number]>()
  for (const [index, text] of texts.entries()) {
    if (index > 0) placesInStream(text, places)
    else
      for (const match of text.matchAll(/(\d{1,10})\s+\d{1,5}\s+obj\b/g)) {
        if (places.size >= mostObjects) break
        places.set(Number(match[1]), [text, match.index + match[0].length])
      }
  }
  return places
}

/** Pairs of a number and a place, which counts from behind the last pair. */
function placesInStream(text: string, places: Map<number, readonly [string, number]>): void {
  const pairs = /^(?:\s*\d{1,10}\s+\d{1,10}(?=\s))+/.exec(text.slice(0, mostPairs))?.[0] ?? ''
  const numbers = pairs.match(/\d+/g) ?? []
  const first = pairs.length + (/^\s*/.exec(text.slice(pairs.length, pairs.length + 100))?.[0].length ?? 0)
  for (let at = 0; at + 1 < numbers.length && places.size < mostObjects; at += 2)
    places.set(Number(numbers[at]), [text, first + Number(numbers[at + 1])])
}

const mostPairs = 100_000
