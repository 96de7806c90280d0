// Hash signatures in flat shared memory: sorted by digest prefix, names in one block. Lookups allocate nothing.
// Never builds itself (hash-table-builder.ts), never hashes (the scanner does, once for all tables).

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
  /** Where each name begins in `names`; it ends at the next line feed. */
  readonly nameStarts: Uint32Array<SharedArrayBuffer>
  readonly names: Uint8Array<SharedArrayBuffer>
}

export const nameEnd = 0x0a

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

function nameOf({ names, nameStarts }: HashTable, row: number): string {
  const start = nameStarts[row] ?? 0
  return Buffer.from(names.slice(start, names.indexOf(nameEnd, start))).toString('utf8')
}
