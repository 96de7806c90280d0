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

/** Collects rows and makes a table of them. Memory grows with the rows, not with the database text. */
export class HashTableBuilder {
  private readonly algorithm: HashAlgorithm
  private readonly width: number
  private digests: Buffer
  private sizes: Float64Array
  private readonly names: string[] = []

  constructor(algorithm: HashAlgorithm) {
    this.algorithm = algorithm
    this.width = digestBytes[algorithm]
    this.digests = Buffer.alloc(1024 * this.width)
    this.sizes = new Float64Array(1024)
  }

  get rows(): number {
    return this.names.length
  }

  /** `digest`: hex of the right length. `size`: -1 for any. */
  add(digest: string, size: number, name: string): void {
    const row = this.names.length
    if (row === this.sizes.length) this.grow()
    this.digests.write(digest, row * this.width, 'hex')
    this.sizes[row] = size
    this.names.push(name)
  }

  build(): HashTable {
    const rows = this.names.length
    const encoded = this.names.map((name) => Buffer.from(name, 'utf8'))
    const table: HashTable = {
      algorithm: this.algorithm,
      rows,
      prefixes: new Uint32Array(new SharedArrayBuffer(rows * 4)),
      digests: new Uint8Array(new SharedArrayBuffer(rows * this.width)),
      sizes: new Float64Array(new SharedArrayBuffer(rows * 8)),
      nameEnds: new Uint32Array(new SharedArrayBuffer(rows * 4)),
      names: new Uint8Array(new SharedArrayBuffer(encoded.reduce((sum, name) => sum + name.length, 0))),
    }
    let nameEnd = 0
    this.sortedRows().forEach((row, place) => {
      const name = encoded[row] ?? Buffer.alloc(0)
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
    const rows = this.names.length
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
    const digests = Buffer.alloc(this.digests.length * 2)
    digests.set(this.digests)
    this.digests = digests
    const sizes = new Float64Array(this.sizes.length * 2)
    sizes.set(this.sizes)
    this.sizes = sizes
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
