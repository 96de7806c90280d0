// Builds the table of triggers: where in each literal to look for it, chosen so that ordinary data seldom looks like that.
// Owns what is ordinary: a sample of the very program that runs. Never decides which literals a rule is looked for by.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import {
  bitsOfHeads,
  bitsOfTable,
  bitsOfXorTable,
  hashOf,
  type TriggerTable,
  xorHashOf,
} from '../../detect/trigger-table.ts'
import type { Literal } from './rule-strings.ts'
import type { Rarity } from './rule-triggers.ts'

const ways = { is: 0, nocase: 1, xor: 2 } as const
const sampleBits = 20
const sampleBlocks = 512
const blockBytes = 64 * 1024
/** Of a literal, only so much is looked at. */
const mostPlaces = 200
/** Of the eight million places in the sample: what is met more often than this costs more than asking its rules. */
const mostMet = 1000

/** How often four bytes are met in ordinary data, by their hashes. */
export interface Sample {
  readonly plain: Uint32Array
  readonly xor: Uint32Array
}

/** A sample of programs, scripts and texts, also wide ones: what the program that runs consists of, from its begin to its end. */
export function takeSample(): Sample {
  const plain = new Uint32Array(2 ** sampleBits)
  const xor = new Uint32Array(2 ** sampleBits)
  const file = openSync(process.execPath, 'r')
  try {
    // Aligned, for it is read as words.
    const block = Buffer.from(new ArrayBuffer(blockBytes))
    const words = new Int32Array(block.buffer)
    const between = Math.max(blockBytes, Math.floor(fstatSync(file).size / sampleBlocks))
    for (let at = 0; at < sampleBlocks; at += 1) {
      const read = readSync(file, block, 0, blockBytes, at * between)
      for (const word of words.subarray(0, read >> 2)) {
        const plainAt = hashOf(word) >>> (32 - sampleBits)
        const xorAt = xorHashOf(word) >>> (32 - sampleBits)
        plain[plainAt] = (plain[plainAt] as number) + 1
        xor[xorAt] = (xor[xorAt] as number) + 1
      }
    }
    return { plain, xor }
  } finally {
    closeSync(file)
  }
}

/** What it costs to look for a literal; null for one that is too short, or too common to be worth it. */
export function rarityIn(sample: Sample): Rarity {
  return (literal) => {
    const places = placesOf(literal, sample)
    if (places === null) return null
    const met = places.reduce((sum, place) => sum + metAt(literal, place, sample), 0)
    // Even one that is never met has to be kept, and compared now and then.
    return met > mostMet ? null : met + 1
  }
}

/** Where the four bytes of each phase are that are met least often; null when one phase has no four certain bytes. */
function placesOf(literal: Literal, sample: Sample): number[] | null {
  const places: number[] = []
  for (let phase = 0; phase < 4; phase += 1) {
    let best = -1
    for (let at = phase; at + 4 <= literal.bytes.length && at < mostPlaces; at += 4) {
      if (!isCertain(literal, at)) continue
      if (best === -1 || metAt(literal, at, sample) < metAt(literal, best, sample)) best = at
    }
    if (best === -1) return null
    places.push(best)
  }
  return places
}

function isCertain({ known }: Literal, at: number): boolean {
  return known.readInt32LE(at) === -1
}

function metAt({ bytes, as }: Literal, at: number, { plain, xor }: Sample): number {
  const word = bytes.readInt32LE(at)
  const met = as === 'xor' ? xor[xorHashOf(word) >>> (32 - sampleBits)] : plain[hashOf(word) >>> (32 - sampleBits)]
  return met ?? 0
}

/** `rules[n]`: the literals that rule n is looked for by, none of which is too short or too common. */
export function buildTable(rules: readonly (readonly Literal[])[], sample: Sample): TriggerTable {
  const used = usedLiterals(rules)
  const bits = sharedInts(2 ** (bitsOfTable - 5))
  const xorBits = sharedInts(2 ** (bitsOfXorTable - 5))
  const heads = sharedInts(2 ** bitsOfHeads).fill(-1)
  const entries = used.flatMap(({ literal }, number) => entriesOf(literal, number, sample))
  const next: number[] = []
  for (const [at, { hash, isXor }] of entries.entries()) {
    if (isXor) setBit(xorBits, hash >>> (32 - bitsOfXorTable))
    else setBit(bits, hash >>> (32 - bitsOfTable))
    const head = hash >>> (32 - bitsOfHeads)
    next.push(heads[head] ?? -1)
    heads[head] = at
  }
  return {
    bits,
    xorBits,
    heads,
    next: sharedInts(next),
    hashes: sharedInts(entries.map(({ hash }) => hash)),
    literal: sharedInts(entries.map(({ number }) => number)),
    place: sharedInts(entries.map(({ place }) => place)),
    from: sharedInts(starts(used.map(({ literal }) => literal.bytes.length))),
    bytes: sharedBytes(Buffer.concat(used.map(({ literal }) => literal.bytes))),
    known: sharedBytes(Buffer.concat(used.map(({ literal }) => literal.known))),
    as: sharedBytes(used.map(({ literal }) => ways[literal.as])),
    rulesFrom: sharedInts(starts(used.map((each) => each.rules.length))),
    rules: sharedInts(used.flatMap((each) => each.rules)),
  }
}

interface Entry {
  readonly hash: number
  readonly isXor: boolean
  /** Of the literal. */
  readonly number: number
  readonly place: number
}

function entriesOf(literal: Literal, number: number, sample: Sample): Entry[] {
  const isXor = literal.as === 'xor'
  return (placesOf(literal, sample) ?? []).map((place) => {
    const word = literal.bytes.readInt32LE(place)
    return { hash: isXor ? xorHashOf(word) : hashOf(word), isXor, number, place }
  })
}

interface UsedLiteral {
  readonly literal: Literal
  readonly rules: number[]
}

/** Each once, with all its rules. */
function usedLiterals(rules: readonly (readonly Literal[])[]): UsedLiteral[] {
  const known = new Map<string, UsedLiteral>()
  for (const [rule, literals] of rules.entries()) {
    for (const literal of literals) {
      const key = `${literal.as} ${literal.bytes.toString('latin1')} ${literal.known.toString('latin1')}`
      const used = known.get(key) ?? { literal, rules: [] }
      known.set(key, used)
      if (used.rules.at(-1) !== rule) used.rules.push(rule)
    }
  }
  return [...known.values()]
}

function setBit(bits: Int32Array, bit: number): void {
  bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31))
}

/** Where each begins, and at last where the last one ends. */
function starts(lengths: readonly number[]): number[] {
  const result = [0]
  for (const length of lengths) result.push((result.at(-1) ?? 0) + length)
  return result
}

function sharedInts(values: number | readonly number[]): Int32Array<SharedArrayBuffer> {
  const length = typeof values === 'number' ? values : values.length
  const ints = new Int32Array(new SharedArrayBuffer(length * 4))
  if (typeof values !== 'number') ints.set(values)
  return ints
}

function sharedBytes(values: ArrayLike<number>): Uint8Array<SharedArrayBuffer> {
  const bytes = new Uint8Array(new SharedArrayBuffer(values.length))
  bytes.set(values)
  return bytes
}
