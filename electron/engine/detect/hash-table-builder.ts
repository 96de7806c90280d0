// Makes a hash table: rows go straight from the bytes of a text file into shared memory, which is then sorted in place.
// A million rows take what the finished table takes and no more: no string, no object, no second copy.
import { digestBytes, type HashAlgorithm, type HashTable, nameEnd, sizeFilterOf, unwantedMark } from './hash-table.ts'

/** Most rows of one table: an index has 24 bits while it is sorted. */
const maxRows = 0xffffff
/** Most bytes of all names: where one begins has 31 bits. The last ones are left for a name that is being added. */
const maxNameBytes = unwantedMark - 1024

/** What a table may come to hold. Room is only reserved: the system gives memory to what is written. */
export interface Expected {
  readonly rows: number
  readonly nameBytes: number
}

/** Where the parts of one signature lie in a line of text. `size`: -1 for any. */
export interface HashLine {
  readonly digestAt: number
  readonly size: number
  readonly nameAt: number
  readonly nameEnd: number
}

const notHex = 0xff
const hexValues = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16)
  return Number.isNaN(value) ? notHex : value
})

export class HashTableBuilder {
  private readonly algorithm: HashAlgorithm
  private readonly width: number
  private digests: Uint8Array<SharedArrayBuffer>
  private sizes: Float64Array<SharedArrayBuffer>
  private nameStarts: Uint32Array<SharedArrayBuffer>
  private names: Uint8Array<SharedArrayBuffer>
  private namesUsed = 0
  private count = 0

  constructor(algorithm: HashAlgorithm, expected: Expected = { rows: 0, nameBytes: 0 }) {
    const rows = Math.min(maxRows, Math.max(64, expected.rows))
    this.algorithm = algorithm
    this.width = digestBytes[algorithm]
    this.digests = new Uint8Array(new SharedArrayBuffer(rows * this.width))
    this.sizes = new Float64Array(new SharedArrayBuffer(rows * 8))
    this.nameStarts = new Uint32Array(new SharedArrayBuffer(rows * 4))
    this.names = new Uint8Array(new SharedArrayBuffer(Math.max(1024, expected.nameBytes)))
  }

  get rows(): number {
    return this.count
  }

  /** True when it takes no more rows. */
  get isFull(): boolean {
    return this.count >= maxRows || this.namesUsed >= maxNameBytes
  }

  /** `digest`: hex of the right length. `size`: -1 for any. `name`: without a line feed, at most 256 characters. */
  add(digest: string, size: number, name: string, isUnwanted = false): void {
    const line = Buffer.from(`${digest}${name}`)
    this.addLine(line, { digestAt: 0, size, nameAt: digest.length, nameEnd: line.length }, isUnwanted)
  }

  /** Takes a row from a line of text. False, and nothing is taken, when its digest is not hexadecimal. */
  addLine(text: Uint8Array, line: HashLine, isUnwanted: boolean): boolean {
    this.makeRoom(line.nameEnd - line.nameAt + 1)
    const { digests, names, count, width } = this
    let to = count * width
    for (let at = line.digestAt; at < line.digestAt + width * 2; at += 2) {
      const high = hexValues[text[at] ?? 0] ?? notHex
      const low = hexValues[text[at + 1] ?? 0] ?? notHex
      if ((high | low) > 0x0f) return false
      digests[to++] = (high << 4) | low
    }
    let used = this.namesUsed
    this.nameStarts[count] = isUnwanted ? used + unwantedMark : used
    for (let at = line.nameAt; at < line.nameEnd; at += 1) names[used++] = text[at] ?? 0
    names[used++] = nameEnd
    this.namesUsed = used
    this.sizes[count] = line.size
    this.count = count + 1
    return true
  }

  /** The table of all rows. The builder is used up. */
  build(): HashTable {
    const rows = this.count
    this.sort()
    const digests = trimmed(this.digests, rows * this.width, Uint8Array)
    const prefixes = new Uint32Array(new SharedArrayBuffer(rows * 4))
    const view = new DataView(digests.buffer, digests.byteOffset)
    for (let row = 0; row < rows; row += 1) prefixes[row] = view.getUint32(row * this.width)
    const sizes = trimmed(this.sizes, rows, Float64Array)
    return {
      algorithm: this.algorithm,
      rows,
      prefixes,
      sizeFilter: sizeFilterOf(sizes, rows),
      behind: {
        digests,
        sizes,
        nameStarts: trimmed(this.nameStarts, rows, Uint32Array),
        names: trimmed(this.names, this.namesUsed, Uint8Array),
      },
    }
  }

  /** Sorts 40 bits of prefix with 24 bits of row number as native 64-bit integers: far faster than a comparator. */
  private sort(): void {
    const { count: rows, width, digests } = this
    const keys = new BigUint64Array(rows)
    const halves = new Uint32Array(keys.buffer)
    const view = new DataView(digests.buffer, digests.byteOffset)
    for (let row = 0; row < rows; row += 1) {
      halves[row * 2] = (((digests[row * width + 4] ?? 0) << 24) | row) >>> 0
      halves[row * 2 + 1] = view.getUint32(row * width)
    }
    keys.sort()
    // The first half becomes the list of rows in their new order.
    for (let place = 0; place < rows; place += 1) halves[place] = (halves[place * 2] ?? 0) & 0xffffff
    this.arrange(halves.subarray(0, rows))
  }

  /** Puts row `order[place]` to each place, along the cycles of that order. `order` is used up. */
  private arrange(order: Uint32Array): void {
    const { sizes, nameStarts } = this
    const perRow = this.width / 4
    const words = new Uint32Array(this.digests.buffer, 0, order.length * perRow)
    const kept = new Uint32Array(perRow)
    for (let first = 0; first < order.length; first += 1) {
      if (order[first] === first) continue
      for (let word = 0; word < perRow; word += 1) kept[word] = words[first * perRow + word] ?? 0
      const [size, nameStart] = [sizes[first] ?? -1, nameStarts[first] ?? 0]
      let place = first
      for (let from = order[place] ?? first; from !== first; from = order[place] ?? first) {
        for (let word = 0; word < perRow; word += 1) words[place * perRow + word] = words[from * perRow + word] ?? 0
        sizes[place] = sizes[from] ?? -1
        nameStarts[place] = nameStarts[from] ?? 0
        order[place] = place
        place = from
      }
      for (let word = 0; word < perRow; word += 1) words[place * perRow + word] = kept[word] ?? 0
      sizes[place] = size
      nameStarts[place] = nameStart
      order[place] = place
    }
  }

  /** More was there than expected: twice the room. */
  private makeRoom(nameBytes: number): void {
    if (this.count === this.sizes.length) {
      const rows = this.count * 2
      this.digests = resized(this.digests, rows * this.width, Uint8Array)
      this.sizes = resized(this.sizes, rows, Float64Array)
      this.nameStarts = resized(this.nameStarts, rows, Uint32Array)
    }
    if (this.namesUsed + nameBytes > this.names.length)
      this.names = resized(this.names, this.names.length * 2 + nameBytes, Uint8Array)
  }
}

interface Numbers<Shared> {
  readonly length: number
  readonly buffer: SharedArrayBuffer
  set(values: Shared): void
  subarray(start: number, end: number): Shared
}

type Maker<Shared> = new (buffer: SharedArrayBuffer, offset?: number, length?: number) => Shared

function resized<Shared extends Numbers<Shared> & { BYTES_PER_ELEMENT: number }>(
  from: Shared,
  length: number,
  Kind: Maker<Shared>,
): Shared {
  const result = new Kind(new SharedArrayBuffer(length * from.BYTES_PER_ELEMENT))
  result.set(from.subarray(0, Math.min(length, from.length)))
  return result
}

/** The used part; a copy where most of the room was not needed. */
function trimmed<Shared extends Numbers<Shared> & { BYTES_PER_ELEMENT: number }>(
  from: Shared,
  length: number,
  Kind: Maker<Shared>,
): Shared {
  return length * 2 < from.length ? resized(from, length, Kind) : from.subarray(0, length)
}
