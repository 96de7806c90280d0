// The remembered files of one folder as one value of the store: a generation, then a row of numbers for each file.
// Pure: packs and reads bytes. What does not have exactly this form is no record.

/** Who a file was when it was read, from the very descriptor. Times in ns since the epoch. */
export interface SeenFile {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  readonly birthtimeNs: bigint
}

/** A row: what it is found by, size, mtime, ctime, birth time, and when it was read (ms since the epoch). */
const columns = 6
const rowBytes = columns * 8
const readAtColumn = 5
export const generationBytes = 16

export type Rows = BigInt64Array

/** Rows that grow: what will be the record of a folder. */
export class RecordBuilder {
  #numbers = new BigInt64Array(8 * columns)
  #rows = 0

  get length(): number {
    return this.#rows
  }

  /** `id`: what it is found by; different for each file and, of a file with several names, for each name. */
  add(file: SeenFile, id: bigint, readAtMs: number): void {
    const { size, mtimeNs, ctimeNs, birthtimeNs } = file
    this.#place([id, size, mtimeNs, ctimeNs, birthtimeNs, BigInt(Math.floor(readAtMs))])
  }

  /** Rows of an earlier record, as they are. */
  addRows(rows: Rows): void {
    for (let at = 0; at < rows.length; at += columns) this.#place(rows.subarray(at, at + columns))
  }

  /** The value to store. */
  pack(generation: Buffer): Buffer {
    const { buffer } = this.#numbers
    return Buffer.concat([generation, Buffer.from(buffer, 0, this.#rows * rowBytes)])
  }

  #place(row: ArrayLike<bigint>): void {
    const at = this.#rows * columns
    if (at === this.#numbers.length) {
      const larger = new BigInt64Array(at * 2)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers.set(row, at)
    this.#rows += 1
  }
}

/** The rows of a stored value; null when it is of another generation or no record. */
export function readRecord(generation: Buffer, value: Buffer): Rows | null {
  const length = value.length - generationBytes
  if (length < 0 || length % rowBytes !== 0) return null
  if (generation.compare(value, 0, generationBytes) !== 0) return null
  // A copy: the store's memory is not aligned and may go away.
  const copy = new Uint8Array(length)
  copy.set(value.subarray(generationBytes))
  return new BigInt64Array(copy.buffer)
}

/** Looks rows up in about the order in which they were stored, which is that of the walk. */
export class RecordReader {
  readonly #rows: Rows
  readonly #oldestMs: bigint
  readonly #newestMs: bigint
  #next = 0
  #byId: Map<bigint, number> | null = null

  /** Rows that were read before `oldestMs` or after `newestMs` (a clock that was set back) do not count. */
  constructor(rows: Rows, oldestMs: number, newestMs: number) {
    this.#rows = rows
    this.#oldestMs = BigInt(oldestMs)
    this.#newestMs = BigInt(newestMs)
  }

  get length(): number {
    return this.#rows.length / columns
  }

  /** The place of the row with this id, if it is exactly of this file; -1 when there is none. */
  find(file: SeenFile, id: bigint): number {
    const at = this.#placeOf(id)
    if (at === -1) return -1
    this.#next = at + 1
    const rows = this.#rows
    const start = at * columns
    const same =
      rows[start + 1] === file.size &&
      rows[start + 2] === file.mtimeNs &&
      rows[start + 3] === file.ctimeNs &&
      rows[start + 4] === file.birthtimeNs
    if (!same) return -1
    const readAt = rows[start + readAtColumn] ?? 0n
    return readAt >= this.#oldestMs && readAt <= this.#newestMs ? at : -1
  }

  row(at: number): Rows {
    return this.#rows.subarray(at * columns, (at + 1) * columns)
  }

  #placeOf(id: bigint): number {
    if (this.#rows[this.#next * columns] === id) return this.#next
    if (this.#byId === null) {
      this.#byId = new Map()
      for (let at = 0; at < this.length; at += 1) this.#byId.set(this.#rows[at * columns] ?? -1n, at)
    }
    return this.#byId.get(id) ?? -1
  }
}
