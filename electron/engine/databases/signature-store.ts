// Keeps large sets of signatures in files that are ready to load: only prefixes and size filters go into memory, everything
// behind them is read from the file after a match. Never gives a file that somebody else could have written, or whose part in
// memory does not fit its own digest. Numbers lie as this processor has them: the files are no use elsewhere.
import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CureRecipe } from '#shared/files/cure-recipe.ts'
import type { HashTables } from '../detect/hash-signatures.ts'
import type { HashAlgorithm, HashTable, RowsInFile } from '../detect/hash-table.ts'
import { writeAtomically } from '../files/atomic-write.ts'
import { writeAll } from '../files/content.ts'
import type { RuleSources } from './rule-sources.ts'
import type { Rejected } from './signature-text.ts'

/** What is read from database folders, before anything is compiled. */
export interface SignatureSet {
  /** Hash over the content of all files and the engine version. */
  readonly version: string
  readonly releasedAt: string
  readonly rules: RuleSources
  readonly hashes: HashTables
  readonly sections: HashTables
  readonly trusted: HashTable
  readonly ignored: readonly string[]
  readonly recipes: readonly CureRecipe[]
  readonly rejected: readonly Rejected[]
  /** More than are listed. */
  readonly rejectedCount: number
}

const Place = z.strictObject({ at: z.number().int().nonnegative(), bytes: z.number().int().nonnegative() })
type Place = z.infer<typeof Place>
const StoredTable = z.strictObject({
  algorithm: z.enum(['md5', 'sha1', 'sha256']),
  rows: z.number().int().nonnegative(),
  anySize: z.boolean(),
  prefixes: Place,
  filter: Place,
  digests: Place,
  sizes: Place,
  nameStarts: Place,
  names: Place,
})
type StoredTable = z.infer<typeof StoredTable>
const Sources = z.array(z.strictObject({ namespace: z.string(), source: z.string() }))
const Head = z.strictObject({
  version: z.string(),
  releasedAt: z.string(),
  /** Sources of rules: their digest, and where they are as JSON. */
  rules: z.strictObject({ digest: z.string(), isEmpty: z.boolean(), place: Place }),
  ignored: z.array(z.string()),
  recipes: z.array(CureRecipe),
  rejected: z.array(z.strictObject({ file: z.string(), line: z.number(), problem: z.string() })),
  rejectedCount: z.number(),
  /** In the order of `tableOrder`. */
  tables: z.array(StoredTable).length(7),
})
type Head = z.infer<typeof Head>

const magic = Buffer.from('AMSS0004')
/** Magic, digest of head and of what goes into memory, length of the head. */
const fixedBytes = magic.length + 32 + 8
const suffix = '.signatures'
const keptSets = 2
const align = 16
const pieceBytes = 256 * 1024
const algorithms = ['md5', 'sha1', 'sha256'] as const

/** Null when there is none that can be used; it is then made anew. */
export function readStoredSet(dir: string, key: string): SignatureSet | null {
  const path = join(dir, key + suffix)
  let fd: number | undefined
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    const stat = fstatSync(fd, { bigint: true })
    // SECURITY: who may write this file may take signatures away.
    if (!stat.isFile() || Number(stat.uid) !== process.getuid?.() || (stat.mode & 0o022n) !== 0n) return null
    const fixed = read(fd, 0, fixedBytes)
    if (!fixed.subarray(0, magic.length).equals(magic)) return null
    const headBytes = Number(fixed.readBigUInt64LE(fixedBytes - 8))
    if (headBytes > Number(stat.size)) return null
    const json = read(fd, fixedBytes, headBytes)
    const head = Head.parse(JSON.parse(json.toString('utf8')))
    const last = head.tables.at(-1)?.names
    if (last === undefined || last.at + last.bytes !== Number(stat.size)) return null
    const hash = createHash('sha256').update(json)
    for (const piece of piecesAt(fd, head.rules.place)) hash.update(piece)
    const file = { path, inode: stat.ino, fileBytes: stat.size }
    const tables = head.tables.map((table) => loaded(fd ?? -1, table, file, (bytes) => hash.update(bytes)))
    if (!hash.digest().equals(fixed.subarray(magic.length, magic.length + 32))) return null
    return setOf(head, tables, file)
  } catch {
    return null
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** The set with its tables on disk; null when it could not be kept. */
export function writeStoredSet(dir: string, key: string, set: SignatureSet): SignatureSet | null {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const path = join(dir, key + suffix)
    const tables = tablesOf(set)
    const { json, sources, pieces } = laidOut(set, tables)
    const hash = createHash('sha256').update(json).update(sources)
    for (const { prefixes, sizeFilter } of tables) hash.update(prefixes).update(sizeFilter.bits)
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(json.length))
    writeAtomically(path, Buffer.concat([magic, hash.digest(), length, json]), (fd, bytes) => {
      writeAll(fd, bytes)
      for (const piece of pieces) writeAll(fd, piece)
    })
    removeOld(dir)
    return readStoredSet(dir, key)
  } catch {
    return null
  }
}

function tablesOf({ hashes, sections, trusted }: SignatureSet): HashTable[] {
  return [...algorithms.map((name) => hashes[name]), ...algorithms.map((name) => sections[name]), trusted]
}

function setOf(
  { tables: _, rules, ...head }: Head,
  tables: readonly HashTable[],
  file: Pick<RowsInFile, 'path' | 'inode'>,
): SignatureSet | null {
  const [md5, sha1, sha256, sectionMd5, sectionSha1, sectionSha256, trusted] = tables
  if (!md5 || !sha1 || !sha256 || !sectionMd5 || !sectionSha1 || !sectionSha256 || !trusted) return null
  const sections = { md5: sectionMd5, sha1: sectionSha1, sha256: sectionSha256 }
  const { digest, isEmpty, place } = rules
  const read = () => readSources(file, place)
  return { ...head, rules: { digest, isEmpty, read }, hashes: { md5, sha1, sha256 }, sections, trusted }
}

/** Throws when the file is another one by now. */
function readSources(
  { path, inode }: Pick<RowsInFile, 'path' | 'inode'>,
  { at, bytes }: Place,
): z.infer<typeof Sources> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    if (fstatSync(fd, { bigint: true }).ino !== inode)
      throw new Error('the stored rules are not those that were loaded')
    return Sources.parse(JSON.parse(read(fd, at, bytes).toString('utf8')))
  } finally {
    closeSync(fd)
  }
}

/** The head, and what follows it. Places are counted from the beginning of the file: the head is made twice, with room. */
function laidOut(
  set: SignatureSet,
  tables: readonly HashTable[],
): { json: Buffer; sources: Buffer; pieces: Uint8Array[] } {
  const { version, releasedAt, rules, ignored, recipes, rejected, rejectedCount } = set
  const sources = padded(Buffer.from(JSON.stringify(rules.read())))
  const headOf = (at: number, stored: StoredTable[]): Head => {
    return {
      version,
      releasedAt,
      rules: { digest: rules.digest, isEmpty: rules.isEmpty, place: { at, bytes: sources.length } },
      ignored: [...ignored],
      recipes: [...recipes],
      rejected: [...rejected],
      rejectedCount,
      tables: stored,
    }
  }
  const room = Buffer.byteLength(JSON.stringify(headOf(0, place(tables, 0).stored))) + (tables.length * 6 + 1) * 16
  const headBytes = Math.ceil((fixedBytes + room) / align) * align - fixedBytes
  const sourcesAt = fixedBytes + headBytes
  const { stored, pieces } = place(tables, sourcesAt + sources.length)
  const json = Buffer.alloc(headBytes, ' ')
  json.write(JSON.stringify(headOf(sourcesAt, stored)))
  return { json, sources, pieces: [sources, ...pieces] }
}

/** Blanks behind it mean nothing in JSON. */
function padded(json: Buffer): Buffer {
  return Buffer.concat([json, Buffer.alloc((align - (json.length % align)) % align, ' ')])
}

function place(tables: readonly HashTable[], from: number): { stored: StoredTable[]; pieces: Uint8Array[] } {
  const pieces: Uint8Array[] = []
  let at = from
  const put = (values: { buffer: SharedArrayBuffer; byteOffset: number; byteLength: number }): Place => {
    const piece = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    const placed = { at, bytes: piece.length }
    const padding = (align - (piece.length % align)) % align
    pieces.push(piece, new Uint8Array(padding))
    at += piece.length + padding
    return placed
  }
  const stored = tables.map(({ algorithm, rows, prefixes, sizeFilter, behind }): StoredTable => {
    if ('path' in behind) throw new Error('the set is stored already')
    const inMemory = { prefixes: put(prefixes), filter: put(sizeFilter.bits) }
    const [digests, sizes, nameStarts] = [put(behind.digests), put(behind.sizes), put(behind.nameStarts)]
    return {
      algorithm,
      rows,
      anySize: sizeFilter.any,
      ...inMemory,
      digests,
      sizes,
      nameStarts,
      names: put(behind.names),
    }
  })
  // The file ends with the last content, so that a cut one is known by its size.
  pieces.pop()
  return { stored, pieces }
}

function loaded(
  fd: number,
  table: StoredTable,
  file: Pick<RowsInFile, 'path' | 'inode' | 'fileBytes'>,
  seen: (bytes: Uint8Array) => void,
): HashTable {
  const shared = ({ at, bytes }: Place): SharedArrayBuffer => {
    const memory = new SharedArrayBuffer(bytes)
    if (readSync(fd, new Uint8Array(memory), 0, bytes, at) !== bytes) throw new Error('cut')
    seen(new Uint8Array(memory))
    return memory
  }
  const algorithm: HashAlgorithm = table.algorithm
  return {
    algorithm,
    rows: table.rows,
    prefixes: new Uint32Array(shared(table.prefixes)),
    sizeFilter: { any: table.anySize, bits: new Uint8Array(shared(table.filter)) },
    behind: {
      ...file,
      digestsAt: table.digests.at,
      sizesAt: table.sizes.at,
      nameStartsAt: table.nameStarts.at,
      namesAt: table.names.at,
    },
  }
}

/** One after the other in one piece of memory. */
function* piecesAt(fd: number, { at, bytes }: Place): Generator<Buffer> {
  const piece = Buffer.alloc(Math.min(bytes, pieceBytes))
  for (let done = 0; done < bytes; ) {
    const got = readSync(fd, piece, 0, Math.min(piece.length, bytes - done), at + done)
    if (got === 0) throw new Error('cut')
    yield piece.subarray(0, got)
    done += got
  }
}

function read(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  if (readSync(fd, bytes, 0, length, at) !== length) throw new Error('cut')
  return bytes
}

function removeOld(dir: string): void {
  const files = readdirSync(dir)
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(dir, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  for (const file of files.slice(keptSets)) rmSync(file, { force: true })
}
