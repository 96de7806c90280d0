// Hash signatures in flat shared memory: sorted by digest prefix, names in one block. Lookups allocate nothing.
// Never parses database text (databases/), never hashes (the scanner does, once for all tables).

export type HashAlgorithm = 'md5' | 'sha1' | 'sha256'

export const digestBytes = { md5: 16, sha1: 20, sha256: 32 } as const satisfies Record<HashAlgorithm, number>

/** Plain shared memory: may be posted to any thread without a copy. Rows are sorted by the first four digest bytes. */
export interface HashTable {
  readonly algorithm: HashAlgorithm
  readonly rows: number
  readonly prefixes: Uint32Array<SharedArrayBuffer>
  readonly digests: Uint8Array<SharedArrayBuffer>
  /** Size of the file that a row is about; -1 = any. */
  readonly sizes: Float64Array<SharedArrayBuffer>
  /** Where each name ends in `names`. */
  readonly nameEnds: Uint32Array<SharedArrayBuffer>
  readonly names: Uint8Array<SharedArrayBuffer>
}

/** Most rows of one table: an index has 24 bits while it is sorted. */
export const maxRows = 0xffffff

/** Collects rows and makes a table of them. Keeps bytes, not objects: a million rows take no more than their text. */
export class HashTableBuilder {
  private readonly algorithm: HashAlgorithm
  private readonly width: number
  private digests: Buffer
  private sizes: Float64Array
  private nameEnds: Uint32Array
  private names = Buffer.alloc(1024)
  private count = 0

  constructor(algorithm: HashAlgorithm) {
    this.algorithm = algorithm
    this.width = digestBytes[algorithm]
    this.digests = Buffer.alloc(64 * this.width)
    this.sizes = new Float64Array(64)
    this.nameEnds = new Uint32Array(64)
  }

  get rows(): number {
    return this.count
  }

  /** `digest`: hex of the right length. `size`: -1 for any. `name`: up to 256 characters. */
  add(digest: string, size: number, name: string): void {
    const row = this.count
    if (row === this.sizes.length) this.grow()
    const nameStart = row === 0 ? 0 : (this.nameEnds[row - 1] ?? 0)
    if (nameStart + 1024 > this.names.length) this.names = Buffer.concat([this.names, Buffer.alloc(this.names.length)])
    this.digests.write(digest, row * this.width, 'hex')
    this.sizes[row] = size
    this.nameEnds[row] = nameStart + this.names.write(name, nameStart, 'utf8')
    this.count += 1
  }

  build(): HashTable {
    const rows = this.count
    const table: HashTable = {
      algorithm: this.algorithm,
      rows,
      prefixes: new Uint32Array(new SharedArrayBuffer(rows * 4)),
      digests: new Uint8Array(new SharedArrayBuffer(rows * this.width)),
      sizes: new Float64Array(new SharedArrayBuffer(rows * 8)),
      nameEnds: new Uint32Array(new SharedArrayBuffer(rows * 4)),
      names: new Uint8Array(new SharedArrayBuffer(rows === 0 ? 0 : (this.nameEnds[rows - 1] ?? 0))),
    }
    let nameEnd = 0
    this.sortedRows().forEach((row, place) => {
      const name = this.names.subarray(row === 0 ? 0 : (this.nameEnds[row - 1] ?? 0), this.nameEnds[row])
      table.prefixes[place] = this.digests.readUInt32BE(row * this.width)
      table.digests.set(this.digests.subarray(row * this.width, (row + 1) * this.width), place * this.width)
      table.sizes[place] = this.sizes[row] ?? -1
      table.names.set(name, nameEnd)
      nameEnd += name.length
      table.nameEnds[place] = nameEnd
    })
    return table
  }

  /** Sorts 40 bits of prefix with 24 bits of row number as native 64-bit integers: far faster than a comparator. */
  private sortedRows(): Uint32Array {
    const rows = this.count
    const keys = new BigUint64Array(rows)
    const halves = new Uint32Array(keys.buffer)
    for (let row = 0; row < rows; row += 1) {
      const at = row * this.width
      halves[row * 2] = (((this.digests[at + 4] ?? 0) << 24) | row) >>> 0
      halves[row * 2 + 1] = this.digests.readUInt32BE(at)
    }
    keys.sort()
    return Uint32Array.from({ length: rows }, (_, place) => (halves[place * 2] ?? 0) & 0xffffff)
  }

  private grow(): void {
    const rows = this.sizes.length * 2
    this.digests = Buffer.concat([this.digests, Buffer.alloc(this.digests.length)])
    const [sizes, nameEnds] = [new Float64Array(rows), new Uint32Array(rows)]
    sizes.set(this.sizes)
    nameEnds.set(this.nameEnds)
    this.sizes = sizes
    this.nameEnds = nameEnds
  }
}

/** Name of the signature for this digest and size; null when there is none. */
export function lookUp(table: HashTable, digest: Buffer, size: number): string | null {
  const prefix = digest.readUInt32BE(0)
  for (let row = firstRow(table.prefixes, prefix); row < table.rows && table.prefixes[row] === prefix; row += 1) {
    const stated = table.sizes[row]
    if ((stated === -1 || stated === size) && hasDigest(table, row, digest)) return nameOf(table, row)
  }
  return null
}

function firstRow(prefixes: Uint32Array, prefix: number): number {
  let low = 0
  let high = prefixes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((prefixes[middle] ?? 0) < prefix) low = middle + 1
    else high = middle
  }
  return low
}

function hasDigest(table: HashTable, row: number, digest: Buffer): boolean {
  const start = row * digest.length
  for (let at = 0; at < digest.length; at += 1) if (table.digests[start + at] !== digest[at]) return false
  return true
}

function nameOf(table: HashTable, row: number): string {
  const start = row === 0 ? 0 : (table.nameEnds[row - 1] ?? 0)
  return Buffer.from(table.names.slice(start, table.nameEnds[row])).toString('utf8')
}
