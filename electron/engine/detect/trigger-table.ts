// Finds which of many literals are in a content, in one fast pass over it, so that rules whose literals are not there need
// not be asked. Looks at four bytes at every fourth place, with letters of either case taken as one.
// Never misses a literal that is there; never reads outside of the content.

/**
 * In shared memory, for any thread. Wherever a literal lies, one of its four entries is at a fourth place: they are of the four
 * phases. Made by databases/triggers/trigger-table-builder.ts.
 */
export interface TriggerTable {
  /** Bits of the hashes of four bytes of some literal. */
  readonly bits: Int32Array
  /** The same for the differences of neighbouring bytes, which no XOR key changes. */
  readonly xorBits: Int32Array
  /** First entry of a chain by hash, -1 = none; and the one behind each entry. */
  readonly heads: Int32Array
  readonly next: Int32Array
  /** Of an entry: the hash of its four bytes, whose literal it is, and where in it they are. */
  readonly hashes: Int32Array
  readonly literal: Int32Array
  readonly place: Int32Array
  /** Of a literal: where its bytes begin in `bytes`; one more at the end. */
  readonly from: Int32Array
  readonly bytes: Uint8Array
  /** Of each of these bytes: 0 where it may be anything, else 0xff. */
  readonly known: Uint8Array
  /** Of a literal: 0 as it is, 1 letters of either case, 2 with any key. */
  readonly as: Uint8Array
  /** Of a literal: where its rules begin in `rules`; one more at the end. */
  readonly rulesFrom: Int32Array
  readonly rules: Int32Array
}

export const bitsOfTable = 19
export const bitsOfXorTable = 15
export const bitsOfHeads = 16
/** The bit that tells bytes with letters from others, in each of four. */
const letters = 0x40404040
const factor = 0x9e3779b1 | 0
const xorSalt = 0x2545f491

/** Of four bytes as they lie in memory (little endian). */
export function hashOf(word: number): number {
  const folded = word & ~((word & letters) >>> 1)
  return Math.imul(folded ^ (folded >>> 15), factor)
}

/** Of the three differences between four bytes. */
export function xorHashOf(word: number): number {
  const differences = (word ^ (word >>> 8)) & 0xffffff
  return Math.imul(differences ^ (differences >>> 11), factor) ^ xorSalt
}

/** Numbers of the rules of which a literal is in the content, each once; null as soon as there are more than `most`. */
export function findTriggered(table: TriggerTable, content: Buffer, most: number): number[] | null {
  const search = new Search(table, content, most)
  return search.run() ? search.rules : null
}

class Search {
  readonly rules: number[] = []
  private readonly table: TriggerTable
  private readonly content: Buffer
  private readonly most: number
  /** Literals that were found. */
  private readonly known = new Set<number>()

  constructor(table: TriggerTable, content: Buffer, most: number) {
    this.table = table
    this.content = content
    this.most = most
  }

  /** False: too many. The two hashes are written out here: this loop decides what a scan costs. */
  run(): boolean {
    const { bits, xorBits } = this.table
    const { buffer, byteOffset, length } = this.content
    const start = (4 - (byteOffset & 3)) & 3
    const words = new Int32Array(
      buffer,
      length < start ? byteOffset & ~3 : byteOffset + start,
      Math.max(0, length - start) >> 2,
    )
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] as number
      const folded = word & ~((word & letters) >>> 1)
      const hash = Math.imul(folded ^ (folded >>> 15), factor)
      const bit = hash >>> (32 - bitsOfTable)
      const differences = (word ^ (word >>> 8)) & 0xffffff
      const xorHash = Math.imul(differences ^ (differences >>> 11), factor) ^ xorSalt
      const xorBit = xorHash >>> (32 - bitsOfXorTable)
      const hit = ((bits[bit >>> 5] as number) >>> (bit & 31)) | ((xorBits[xorBit >>> 5] as number) >>> (xorBit & 31))
      if ((hit & 1) === 1 && !(this.follow(start + at * 4, hash) && this.follow(start + at * 4, xorHash))) return false
    }
    return true
  }

  private follow(at: number, hash: number): boolean {
    const { heads, next, hashes, literal, place } = this.table
    for (let entry = heads[hash >>> (32 - bitsOfHeads)] ?? -1; entry !== -1; entry = next[entry] ?? -1) {
      if (hashes[entry] !== hash) continue
      const number = literal[entry] ?? 0
      if (!this.known.has(number) && this.isAt(number, at - (place[entry] ?? 0)) && !this.add(number)) return false
    }
    return true
  }

  private isAt(literal: number, at: number): boolean {
    const { from, bytes, known, as } = this.table
    const first = from[literal] ?? 0
    const length = (from[literal + 1] ?? 0) - first
    const { content } = this
    if (at < 0 || at + length > content.length) return false
    const way = as[literal]
    const key = way === 2 ? (content[at] ?? 0) ^ (bytes[first] ?? 0) : 0
    for (let index = 0; index < length; index += 1) {
      const there = (content[at + index] as number) ^ key
      const here = bytes[first + index] as number
      if (there === here || known[first + index] === 0) continue
      if (way !== 1 || !isSameLetter(there, here)) return false
    }
    return true
  }

  private add(literal: number): boolean {
    const { rulesFrom, rules } = this.table
    this.known.add(literal)
    for (let at = rulesFrom[literal] ?? 0; at < (rulesFrom[literal + 1] ?? 0); at += 1) {
      const rule = rules[at] ?? 0
      if (!this.rules.includes(rule)) this.rules.push(rule)
    }
    return this.rules.length <= this.most
  }
}

function isSameLetter(a: number, b: number): boolean {
  const lower = a | 0x20
  return lower === (b | 0x20) && lower >= 0x61 && lower <= 0x7a
}
