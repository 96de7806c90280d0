// Looks contents and the sections of Windows programs up in the hash signatures. Computes MD5 and SHA-1 only for sizes that
// some signature is about. Never trusts by anything but SHA-256.
import { createHash, type Hash } from 'node:crypto'
import type { Content } from '../files/byte-source.ts'
import { type HashAlgorithm, type HashTable, type OpenTable, openTable, type Signature } from './hash-table.ts'
import { matchSections, wantedSections } from './section-hashes.ts'
import type { Detection } from './subject.ts'

export type HashTables = Readonly<Record<HashAlgorithm, HashTable>>

/** The digests of one content that comes in pieces. */
export interface PiecewiseHash {
  update(piece: Buffer): void
  /** Ends it. */
  digests(): Digests
}

/** MD5 and SHA-1 only where some signature may be about such a content. */
export type Digests = Readonly<Partial<Record<HashAlgorithm, Buffer>> & { sha256: Buffer }>

export interface HashSignatures {
  /** Of a whole content. */
  ofContent(sha256: Buffer, size: number, bytes: Buffer): Detection[]
  /** Digests for `ofDigests`; `size` null while nobody knows it. */
  inPieces(size: number | null): PiecewiseHash
  /** Of a whole content that came in pieces. */
  ofDigests(digests: Digests, size: number): Detection[]
  /** Of the sections of a Windows program; `isComplete` is false when not each could be asked about. */
  ofSections(program: Content): { readonly detections: Detection[]; readonly isComplete: boolean }
  /** Whether some signature may be about a section of it. Reads its headers only. */
  asksSections(program: Content): boolean
  isTrusted(sha256: Buffer, size: number): boolean
  close(): void
}

export interface HashSignatureTables {
  readonly hashes: HashTables
  /** Digests of single sections with the section's size. */
  readonly sections: HashTables
  readonly trusted: HashTable
}

/** For one thread. Throws when stored tables are not those that were loaded. */
export function openHashSignatures({ hashes, sections, trusted }: HashSignatureTables): HashSignatures {
  const contents = [hashes.sha256, hashes.sha1, hashes.md5].map(openTable)
  const parts = [sections.sha256, sections.sha1, sections.md5].filter(({ rows }) => rows > 0).map(openTable)
  const known = openTable(trusted)
  return {
    ofContent: (sha256, size, bytes) =>
      worstFirst(
        contents.flatMap((table) => {
          if (!table.mayHold(size)) return []
          return found(table, table.algorithm === 'sha256' ? sha256 : digestOf(table, bytes), size)
        }),
      ),
    inPieces: (size) => hashInPieces(contents.filter((table) => isWanted(table, size))),
    ofDigests: (digests, size) =>
      worstFirst(
        contents.flatMap((table) => {
          const digest = table.mayHold(size) ? digests[table.algorithm] : undefined
          return digest === undefined ? [] : found(table, digest, size)
        }),
      ),
    ofSections: (program) => {
      const { signatures, isComplete } = matchSections(parts, program)
      return { detections: signatures.map(detectionOf), isComplete }
    },
    asksSections: (program) => wantedSections(parts, program).length > 0,
    isTrusted: (sha256, size) => known.find(sha256, size).length > 0,
    close: () => {
      for (const table of [...contents, ...parts, known]) table.close()
    },
  }
}

function isWanted(table: OpenTable, size: number | null): boolean {
  return size === null ? table.rows > 0 : table.mayHold(size)
}

function hashInPieces(wanted: readonly OpenTable[]): PiecewiseHash {
  const sha256 = createHash('sha256')
  const others = wanted.flatMap(({ algorithm }): [HashAlgorithm, Hash][] =>
    algorithm === 'sha256' ? [] : [[algorithm, createHash(algorithm)]],
  )
  return {
    update: (piece) => {
      sha256.update(piece)
      for (const [, hash] of others) hash.update(piece)
    },
    digests: () => ({
      ...Object.fromEntries(others.map(([algorithm, hash]) => [algorithm, hash.digest()])),
      sha256: sha256.digest(),
    }),
  }
}

function digestOf({ algorithm }: OpenTable, bytes: Buffer): Buffer {
  return createHash(algorithm).update(bytes).digest()
}

function found(table: OpenTable, digest: Buffer, size: number): Detection[] {
  return table.find(digest, size).map(detectionOf)
}

function detectionOf(signature: Signature): Detection {
  return { threat: signature.name, verdict: verdictOf(signature), detector: 'hash' }
}

/** Of two signatures with one name only the first is reported. */
function worstFirst(detections: Detection[]): Detection[] {
  if (detections.length < 2) return detections
  return [...detections.filter(isInfected), ...detections.filter((detection) => !isInfected(detection))]
}

function isInfected({ verdict }: Detection): boolean {
  return verdict === 'infected'
}

function verdictOf({ name, isUnwanted }: Signature): Detection['verdict'] {
  return isUnwanted || name.startsWith('PUA.') ? 'risky' : 'infected'
}
