// Looks contents and the sections of Windows programs up in the hash signatures. Computes MD5 and SHA-1 only for sizes that
// some signature is about. Never trusts by anything but SHA-256.
import { createHash } from 'node:crypto'
import { readPe } from '../identify/pe.ts'
import { type HashAlgorithm, type HashTable, type OpenTable, openTable } from './hash-table.ts'
import type { Detection, Subject } from './subject.ts'

export type HashTables = Readonly<Record<HashAlgorithm, HashTable>>

export interface HashSignatures {
  /** Of a whole content; `bytes` null when only its SHA-256 is known. */
  ofContent(sha256: Buffer, size: number, bytes: Buffer | null): Detection[]
  /** Of the sections of a Windows program. */
  ofSections(subject: Subject): Detection[]
  isTrusted(sha256: Buffer, size: number): boolean
  close(): void
}

export interface HashSignatureTables {
  readonly hashes: HashTables
  /** Digests of single sections with the section's size. */
  readonly sections: HashTables
  readonly trusted: HashTable
}

/** Sections may overlap: so often the content is hashed at most for them. */
const mostPasses = 4

/** For one thread. Throws when stored tables are not those that were loaded. */
export function openHashSignatures({ hashes, sections, trusted }: HashSignatureTables): HashSignatures {
  const contents = [hashes.sha256, hashes.sha1, hashes.md5].map(openTable)
  const parts = [sections.sha256, sections.sha1, sections.md5].filter(({ rows }) => rows > 0).map(openTable)
  const known = openTable(trusted)
  return {
    ofContent: (sha256, size, bytes) =>
      contents.flatMap((table) => {
        if (!table.mayHold(size)) return []
        if (table.algorithm === 'sha256') return found(table, sha256, size)
        return bytes === null ? [] : found(table, digestOf(table, bytes), size)
      }),
    ofSections: (subject) => (parts.length === 0 ? [] : inSections(parts, subject.bytes)),
    isTrusted: (sha256, size) => known.find(sha256, size) !== null,
    close: () => {
      for (const table of [...contents, ...parts, known]) table.close()
    },
  }
}

function inSections(tables: readonly OpenTable[], bytes: Buffer): Detection[] {
  let left = bytes.length * mostPasses
  return (readPe(bytes)?.sections ?? []).flatMap(({ rawOffset, rawSize }) => {
    if (rawSize === 0 || rawOffset + rawSize > bytes.length) return []
    return tables.flatMap((table) => {
      if (!table.mayHold(rawSize) || left < rawSize) return []
      left -= rawSize
      return found(table, digestOf(table, bytes.subarray(rawOffset, rawOffset + rawSize)), rawSize)
    })
  })
}

function digestOf({ algorithm }: OpenTable, bytes: Buffer): Buffer {
  return createHash(algorithm).update(bytes).digest()
}

function found(table: OpenTable, digest: Buffer, size: number): Detection[] {
  const threat = table.find(digest, size)
  if (threat === null) return []
  return [{ threat, verdict: threat.startsWith('PUA.') ? 'risky' : 'infected', detector: 'hash' }]
}
