// Reads everything of database folders that is not compiled: hash signatures, trust, names to leave out, and the sources of
// rules. Large sets are kept ready to load, so that the next start reads no text. Never compiles, never writes into a folder
// of databases.
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { extname } from 'node:path'
import { z } from 'zod'
import { Timestamp } from '#shared/domain/primitives.ts'
import { ProductError } from '#shared/errors.ts'
import type { HashTables } from '../detect/hash-signatures.ts'
import { preferredBackend } from '../detect/pattern-backends.ts'
import type { PatternBackend, RuleSource } from '../detect/pattern-engine.ts'
import { unpackContainers } from './clamav/container-files.ts'
import type { ContainerKeys } from './clamav/container-signature.ts'
import { systemRoots } from './clamav/detached-signature.ts'
import { translateFiles } from './clamav/pattern-files.ts'
import { readIfReadable } from './clamav/system-databases.ts'
import { signaturesIn, unreadNote } from './clamav/unread-kinds.ts'
import { readRecipes } from './cure-recipes.ts'
import { type DatabaseFile, isAboutUnwanted, readFolder, signaturePieces } from './database-folder.ts'
import { engineBuild } from './engine-version.ts'
import { eachLine } from './line-reader.ts'
import { sourcesInMemory } from './rule-sources.ts'
import type { Compiling } from './rule-store.ts'
import { readStoredSet, type SignatureSet, writeStoredSet } from './signature-store.ts'
import { type Rejected, type SignatureFile, SignatureLines } from './signature-text.ts'

export interface SetOptions {
  /** Used as if all their files lay in one. */
  readonly folders: readonly string[]
  /** As far as they can be read; what cannot is rejected. */
  readonly ifReadable: readonly string[]
  /** Where sets are kept between starts; without it they are read each time. */
  readonly storeDir: string | undefined
  readonly backend: PatternBackend | undefined
  readonly compiling: Compiling
  readonly containerKeys: ContainerKeys | undefined
}

/** Bytes of text from which on a set is kept, and from which on it is not read in a process that scans. */
const [keptFrom, readElsewhereFrom] = [4 * 1024 * 1024, 32 * 1024 * 1024]
const storedFormat = 4
const textKinds: ReadonlySet<DatabaseFile['kind']> = new Set([
  ...(['hashes', 'sections', 'trust', 'patterns', 'container', 'unread'] as const),
])

/** Throws ProductError `databases-unusable`, and `databases-not-compiled` for a large set that is to be read elsewhere. */
export async function readSignatureSet(options: SetOptions): Promise<SignatureSet> {
  const optional = options.ifReadable.filter((folder) => !options.folders.includes(folder)).map(readIfReadable)
  const folders = [...options.folders.map(readFolder), ...optional]
  const listed = folders.flatMap((folder) => folder.files)
  const unreadable = folders.flatMap((folder) => folder.rejected)
  const textBytes = listed.reduce((sum, { kind, size }) => sum + (textKinds.has(kind) ? size : 0), 0)
  // With keys of its own a set is one of a test.
  const isKept = options.storeDir !== undefined && textBytes >= keptFrom && options.containerKeys === undefined
  if (!isKept || options.storeDir === undefined) return readListed(listed, unreadable, options)
  const key = keyOf(listed, unreadable, options)
  const stored = readStoredSet(options.storeDir, key)
  if (stored !== null) return stored
  if (options.compiling === 'elsewhere' && textBytes >= readElsewhereFrom)
    throw new ProductError('databases-not-compiled')
  const fresh = await readListed(listed, unreadable, options)
  // What cannot be kept stays in memory.
  return writeStoredSet(options.storeDir, key, fresh) ?? fresh
}

/**
 * Files that are the same by place, size, inode and times are not read again: whoever can write into these folders can also
 * replace them, so that their content proves no more than that.
 */
function keyOf(listed: readonly DatabaseFile[], unreadable: readonly Rejected[], { backend }: SetOptions): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([storedFormat, engineBuild, backend ?? preferredBackend(), unreadable]))
  for (const { fingerprint256 } of systemRoots()) hash.update(fingerprint256)
  for (const { path, file } of listed) {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    hash.update(JSON.stringify([path, file, ...[dev, ino, size, mtimeNs, ctimeNs].map(String)]))
  }
  return hash.digest('hex')
}

async function readListed(
  listed: readonly DatabaseFile[],
  unreadable: readonly Rejected[],
  options: SetOptions,
): Promise<SignatureSet> {
  const unpacked = await unpackContainers(listed, { spoolDir: options.storeDir, keys: options.containerKeys })
  try {
    const { files } = unpacked
    const lines = readSignatures(files)
    const isIgnored = (name: string, line: string): boolean => lines.isIgnored(name, line)
    const patterns = translateFiles(files, isIgnored, options.backend ?? preferredBackend())
    const released = releasedAt(files, lines)
    const recipes = readRecipes(files.filter(({ kind }) => kind === 'recipes'))
    const others = [...unreadable, ...unpacked.rejected, ...patterns.rejected, ...recipes.rejected]
    return {
      version: versionOf(files),
      releasedAt: released,
      rules: sourcesInMemory([...ruleSources(files), ...patterns.sources]),
      hashes: tablesOf(lines.hashes),
      sections: tablesOf(lines.sections),
      trusted: lines.trusted.build(),
      ignored: [...lines.ignored],
      recipes: recipes.recipes,
      rejected: [...unreadable, ...unpacked.rejected, ...lines.rejected, ...patterns.rejected, ...recipes.rejected],
      rejectedCount: others.length + lines.rejectedLines,
    }
  } finally {
    unpacked.dispose()
  }
}

function tablesOf({ md5, sha1, sha256 }: SignatureLines['hashes']): HashTables {
  return { md5: md5.build(), sha1: sha1.build(), sha256: sha256.build() }
}

const Manifest = z.object({ releasedAt: Timestamp })

function readSignatures(files: readonly DatabaseFile[]): SignatureLines {
  const of = (kind: DatabaseFile['kind']): DatabaseFile[] => files.filter((file) => file.kind === kind)
  const bytesOf = (kind: DatabaseFile['kind']): number => of(kind).reduce((sum, { size }) => sum + size, 0)
  const lines = new SignatureLines({
    hashes: bytesOf('hashes'),
    sections: bytesOf('sections'),
    trusted: bytesOf('trust'),
  })
  const text = (file: DatabaseFile): SignatureFile => {
    return { file: file.file, pieces: signaturePieces(file), isUnwanted: isAboutUnwanted(file.file) }
  }
  for (const file of of('ignore')) lines.addIgnored(text(file))
  for (const file of files) {
    if (file.kind === 'hashes') lines.addHashes(text(file))
    else if (file.kind === 'sections') lines.addSections(text(file))
    else if (file.kind === 'trust') lines.addTrusted(text(file))
    else if (file.kind === 'unread') rejectUnread(lines, text(file))
  }
  lines.finish()
  return lines
}

/** What nobody reads here is counted, so that it is not taken for signatures in use. */
function rejectUnread(lines: SignatureLines, { file, pieces }: SignatureFile): void {
  let count = 0
  eachLine(pieces, (bytes, start, end) => {
    const text = bytes.toString('latin1', start, Math.min(end, start + 80)).trim()
    if (text !== '' && !text.startsWith('#')) count += 1
  })
  const extension = extname(file).slice(1).toLowerCase()
  const note = unreadNote(new Map([[extension, signaturesIn(extension, count)]]))
  if (note !== null) lines.reject(file, 0, note)
}

function ruleSources(files: readonly DatabaseFile[]): RuleSource[] {
  return files
    .filter(({ kind }) => kind === 'rules')
    .map(({ file, bytes }) => ({ namespace: file, source: bytes.toString('utf8') }))
}

function versionOf(files: readonly DatabaseFile[]): string {
  const hash = createHash('sha256').update(`${engineBuild}\n`)
  for (const { file, sha256 } of files) hash.update(`${file}\0${sha256}\n`)
  return hash.digest('hex').slice(0, 24)
}

/** As the manifest says, else when the newest file was changed. */
function releasedAt(files: readonly DatabaseFile[], lines: SignatureLines): string {
  const manifest = files.find(({ kind }) => kind === 'manifest')
  if (manifest !== undefined) {
    try {
      return Manifest.parse(JSON.parse(manifest.bytes.toString('utf8'))).releasedAt
    } catch {
      lines.reject(manifest.file, 0, 'not a manifest')
    }
  }
  return new Date(Math.max(0, ...files.map(({ mtimeMs }) => mtimeMs))).toISOString()
}
