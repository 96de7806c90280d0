// The files a scan is done with: one fixed record each, appended, with the numbers they add to the counters.
// Paths are kept as 64-bit keyed hashes, so that a million of them is 36 MB on disk and 8 MB in memory.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { noCounters, type ScanCounters } from '#shared/domain/scan.ts'
import { type AppendDisk, AppendFile, realDisk } from './append-file.ts'

/** A file that is finished, and what it adds to the counters. */
export interface CompletedFile {
  readonly path: Uint8Array
  readonly counts: ScanCounters
}

/** Hash, counters, and a sum over both: what a power cut left of a record is no record. */
const sumAt = 32
const recordBytes = sumAt + 4

export class DoneLog {
  /** Sum over what was in the log when it was opened. */
  readonly counters: ScanCounters
  readonly #file: AppendFile
  readonly #key: Uint8Array
  /** Sorted hashes of the paths done before this process. */
  readonly #before: BigUint64Array

  /** Opens or makes the file; a torn last record is cut off. */
  constructor(file: string, key: Uint8Array, disk: AppendDisk = realDisk) {
    this.#key = key
    const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
    const count = Math.floor(bytes.length / recordBytes)
    const hashes = new BigUint64Array(count)
    let known = 0
    let counters = noCounters
    for (let index = 0; index < count; index++) {
      const record = bytes.subarray(index * recordBytes, (index + 1) * recordBytes)
      if (record.readUInt32LE(sumAt) !== crc32(record.subarray(0, sumAt))) continue
      hashes[known] = record.readBigUInt64LE(0)
      known += 1
      counters = addCounters(counters, readCounts(record))
    }
    this.#before = hashes.subarray(0, known).sort()
    this.counters = counters
    this.#file = new AppendFile(file, disk, count * recordBytes)
  }

  /** True when the file was done before this process began. */
  has(path: Uint8Array): boolean {
    if (this.#before.length === 0) return false
    const wanted = this.#hash(path)
    let low = 0
    let high = this.#before.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#before[middle] ?? 0n) < wanted) low = middle + 1
      else high = middle
    }
    return this.#before[low] === wanted
  }

  /** Throws file system errors; then none of them is done. */
  append(files: readonly CompletedFile[]): void {
    if (files.length === 0) return
    const bytes = Buffer.alloc(files.length * recordBytes)
    for (const [index, { path, counts }] of files.entries()) {
      const record = bytes.subarray(index * recordBytes, (index + 1) * recordBytes)
      record.writeBigUInt64LE(this.#hash(path), 0)
      writeCounts(record, counts)
      record.writeUInt32LE(crc32(record.subarray(0, sumAt)), sumAt)
    }
    this.#file.append(bytes)
  }

  close(): void {
    this.#file.close()
  }

  /** Keyed, so that nobody can make a file name that counts as done. */
  #hash(path: Uint8Array): bigint {
    return createHash('sha256').update(this.#key).update(path).digest().readBigUInt64LE(0)
  }
}

/** The sum of two sets of counters. */
export function addCounters(one: ScanCounters, other: ScanCounters): ScanCounters {
  return {
    objects: one.objects + other.objects,
    files: one.files + other.files,
    bytes: one.bytes + other.bytes,
    found: one.found + other.found,
    notScanned: one.notScanned + other.notScanned,
    excluded: one.excluded + other.excluded,
  }
}

function writeCounts(record: Buffer, counts: ScanCounters): void {
  record.writeDoubleLE(counts.bytes, 8)
  record.writeUInt32LE(counts.objects, 16)
  record.writeUInt32LE(counts.notScanned, 20)
  record.writeUInt16LE(counts.found, 24)
  record.writeUInt16LE(counts.files, 26)
  record.writeUInt32LE(counts.excluded, 28)
}

function readCounts(record: Buffer): ScanCounters {
  return {
    bytes: record.readDoubleLE(8),
    objects: record.readUInt32LE(16),
    notScanned: record.readUInt32LE(20),
    found: record.readUInt16LE(24),
    files: record.readUInt16LE(26),
    excluded: record.readUInt32LE(28),
  }
}
