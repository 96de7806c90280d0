// Hash signatures in flat memory that threads share: sorted by digest prefix, everything else looked at only after a match
// of that. Lookups allocate nothing. Large tables keep what lies behind the prefixes on disk (databases/signature-store.ts).
// Never builds itself (hash-table-builder.ts), never hashes (the detectors do, once for all tables).
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

export type HashAlgorithm = 'md5' | 'sha1' | 'sha256'

export const digestBytes = { md5: 16, sha1: 20, sha256: 32 } as const satisfies Record<HashAlgorithm, number>

/** Rows whose parts lie one kind after the other, in the order of the prefixes. */
export interface RowsInMemory {
  readonly digests: Uint8Array<SharedArrayBuffer>
  /** Size of the content that a row is about; -1 = any. */
  readonly sizes: Float64Array<SharedArrayBuffer>
  /** Where each name begins in `names`, with `unwantedMark`; it ends at the next line feed. */
  readonly nameStarts: Uint32Array<SharedArrayBuffer>
  readonly names: Uint8Array<SharedArrayBuffer>
}

/** The same in a file, each kind at its place; the file is the one of this size and inode. */
export interface RowsInFile {
  readonly path: string
  readonly inode: bigint
  readonly fileBytes: bigint
  readonly digestsAt: number
  readonly sizesAt: number
  readonly nameStartsAt: number
  readonly namesAt: number
}

/** A set of sizes that may be wrong about what is in it, never about what is not: one bit for many sizes. */
export interface SizeFilter {
  /** Some row is about contents of any size. */
  readonly any: boolean
  /** A power of two of bits. */
  readonly bits: Uint8Array<SharedArrayBuffer>
}

/** Plain shared memory: may be posted to any thread without a copy. Rows are sorted by the first four digest bytes. */
export interface HashTable {
  readonly algorithm: HashAlgorithm
  readonly rows: number
  readonly prefixes: Uint32Array<SharedArrayBuffer>
  readonly sizeFilter: SizeFilter
  readonly behind: RowsInMemory | RowsInFile
}

export const nameEnd = 0x0a
/** In a row's `nameStart`: the signature is of unwanted, not of malicious software. */
export const unwantedMark = 0x80000000
/** 256 characters. */
const longestNameBytes = 768
/** Of the rows for one content; more tell nothing new. */
const mostFound = 8
const nothing: readonly Signature[] = []

export interface Signature {
  readonly name: string
  /** Of software that somebody may have wanted. */
  readonly isUnwanted: boolean
}

/** A table as one thread uses it. */
export interface OpenTable {
  readonly algorithm: HashAlgorithm
  readonly rows: number
  /** False when no row is about contents of this size: then there is nothing to hash for. */
  mayHold(size: number): boolean
  /** The signatures for this digest and size. Throws when the file behind is damaged. */
  find(digest: Buffer, size: number): readonly Signature[]
  close(): void
}

/** Throws when the file behind the table is not the one that it was made with. */
export function openTable(table: HashTable): OpenTable {
  const { behind } = table
  const rows = 'path' in behind ? rowsInFile(table.algorithm, behind) : rowsInMemory(table.algorithm, behind)
  return {
    algorithm: table.algorithm,
    rows: table.rows,
    mayHold: (size) => table.rows > 0 && (table.sizeFilter.any || hasSize(table.sizeFilter, size)),
    find: (digest, size) => find(table, rows, digest, size),
    close: rows.close,
  }
}

interface Rows {
  /** True when the row is about this digest and size. */
  fits(row: number, digest: Buffer, size: number): boolean
  signature(row: number): Signature
  close(): void
}

function find({ prefixes, rows }: HashTable, behind: Rows, digest: Buffer, size: number): readonly Signature[] {
  const prefix = digest.readUInt32BE(0)
  let found: Signature[] | null = null
  for (let row = firstRow(prefixes, prefix); row < rows && prefixes[row] === prefix; row += 1) {
    if (!behind.fits(row, digest, size)) continue
    found ??= []
    found.push(behind.signature(row))
    if (found.length === mostFound) break
  }
  return found ?? nothing
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

function rowsInMemory(algorithm: HashAlgorithm, { digests, sizes, nameStarts, names }: RowsInMemory): Rows {
  const width = digestBytes[algorithm]
  return {
    fits: (row, digest, size) => {
      const stated = sizes[row]
      if (stated !== -1 && stated !== size) return false
      const start = row * width
      for (let at = 0; at < width; at += 1) if (digests[start + at] !== digest[at]) return false
      return true
    },
    signature: (row) => {
      const { start, isUnwanted } = readStart(nameStarts[row] ?? 0)
      return { name: Buffer.from(names.slice(start, names.indexOf(nameEnd, start))).toString('utf8'), isUnwanted }
    },
    close: () => {},
  }
}

function rowsInFile(algorithm: HashAlgorithm, behind: RowsInFile): Rows {
  const width = digestBytes[algorithm]
  const fd = openSync(behind.path, constants.O_RDONLY | constants.O_NOFOLLOW)
  const { ino, size: fileBytes } = fstatSync(fd, { bigint: true })
  if (ino !== behind.inode || fileBytes !== behind.fileBytes) {
    closeSync(fd)
    throw new Error('the stored signatures are not those that were loaded')
  }
  const piece = Buffer.alloc(Math.max(width, longestNameBytes + 1))
  const read = (at: number, length: number): Buffer => {
    const got = readSync(fd, piece, 0, length, at)
    return piece.subarray(0, got)
  }
  return {
    fits: (row, digest, size) => {
      const stored = read(behind.digestsAt + row * width, width)
      // The prefixes were checked when they were loaded: a row that does not begin like its own is damaged.
      if (stored.length < width || stored.readUInt32BE(0) !== digest.readUInt32BE(0))
        throw new Error('the stored signatures are damaged')
      if (!stored.equals(digest)) return false
      const stated = read(behind.sizesAt + row * 8, 8).readDoubleLE(0)
      return stated === -1 || stated === size
    },
    signature: (row) => {
      const { start, isUnwanted } = readStart(read(behind.nameStartsAt + row * 4, 4).readUInt32LE(0))
      const text = read(behind.namesAt + start, longestNameBytes + 1)
      const end = text.indexOf(nameEnd)
      return { name: text.toString('utf8', 0, end === -1 ? text.length : end), isUnwanted }
    },
    close: () => closeSync(fd),
  }
}

function readStart(stored: number): { start: number; isUnwanted: boolean } {
  return stored >= unwantedMark
    ? { start: stored - unwantedMark, isUnwanted: true }
    : { start: stored, isUnwanted: false }
}

const [fewestBits, mostBits] = [1 << 10, 1 << 24]

/** A filter over the sizes of `rows` rows. */
export function sizeFilterOf(sizes: Float64Array, rows: number): SizeFilter {
  let bitCount = fewestBits
  while (bitCount < rows * 8 && bitCount < mostBits) bitCount *= 2
  const bits = new Uint8Array(new SharedArrayBuffer(bitCount / 8))
  let any = false
  for (let row = 0; row < rows; row += 1) {
    const size = sizes[row] ?? -1
    if (size === -1) any = true
    else {
      const bit = bitOf(size, bitCount)
      bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7))
    }
  }
  return { any, bits }
}

function hasSize({ bits }: SizeFilter, size: number): boolean {
  const bit = bitOf(size, bits.length * 8)
  return ((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0
}

function bitOf(size: number, bitCount: number): number {
  const low = size >>> 0
  const high = Math.floor(size / 2 ** 32)
  return (Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) >>> 7) & (bitCount - 1)
}
