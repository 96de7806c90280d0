// Loads a folder of signature databases once, into parts that every thread can share without loading again.
// Never writes into that folder, never falls back silently: what could not be used is listed in `info.rejected`.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Timestamp } from '#shared/domain/primitives.ts'
import type { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import type { HashAlgorithm, HashTable } from '../detect/hash-table.ts'
import { preferredBackend } from '../detect/pattern-backends.ts'
import type { PatternBackend, RuleSet, RuleSource } from '../detect/pattern-engine.ts'
import { unpackContainers } from './clamav/container-files.ts'
import type { ContainerKeys } from './clamav/container-signature.ts'
import { type TranslatedFiles, translateFiles } from './clamav/pattern-files.ts'
import { readIfReadable } from './clamav/system-databases.ts'
import { type DatabaseFile, readFolder, signaturePieces } from './database-folder.ts'
import { engineVersion } from './engine-version.ts'
import { rejectedList } from './rejected-list.ts'
import { type Compiling, compileRules } from './rule-store.ts'
import { type Rejected, type SignatureFile, SignatureLines } from './signature-text.ts'

/** Structured-clonable: post it to workers as it is; the tables and compiled rules are shared memory. */
export interface LoadedDatabases {
  readonly info: DatabasesInfo
  readonly hashes: Readonly<Record<HashAlgorithm, HashTable>>
  /** Of single sections of Windows programs, with the section's size. */
  readonly sections: Readonly<Record<HashAlgorithm, HashTable>>
  /** SHA-256 of contents that are known to be good. */
  readonly trusted: HashTable
  readonly rules: RuleSet
  /** Names that are found but not reported. */
  readonly ignored: readonly string[]
}

export interface LoadOptions {
  readonly source: DatabasesInfo['source']
  /** More folders, used as if their files lay in the first one. */
  readonly besides?: readonly string[]
  /** Folders like `besides`, as far as they can be read; what cannot is in `info.rejected`. */
  readonly ifReadable?: readonly string[]
  /** Folder of ours where compiled rules are kept between starts. */
  readonly rulesCacheDir?: string
  /** Default: the best one that loads here. */
  readonly backend?: PatternBackend
  /** Default: `here`. With `elsewhere`, throws ProductError `databases-not-compiled` for a large set without stored form. */
  readonly compiling?: Compiling
  /** Keys of database containers. Default: ClamAV's own. */
  readonly containerKeys?: ContainerKeys
}

const Manifest = z.object({ releasedAt: Timestamp })

/** Throws ProductError `databases-unusable` when the folder cannot be read or holds nothing that can be used. */
export async function loadDatabases(dir: string, options: LoadOptions): Promise<LoadedDatabases> {
  const { files, lines, patterns, unused } = await readFiles([dir, ...(options.besides ?? [])], options)
  const compiled = await compileRules([...ruleSources(files), ...patterns.sources], {
    storeDir: options.rulesCacheDir,
    backend: options.backend,
    compiling: options.compiling,
  })
  const rejected = [...unused, ...lines.rejected, ...patterns.rejected, ...compiled.rejected]
  const builders = [...Object.values(lines.hashes), ...Object.values(lines.sections)]
  const hashSignatures = builders.reduce((sum, { rows }) => sum + rows, 0)
  if (hashSignatures + compiled.rules.rules + lines.trusted.rows === 0)
    throw new ProductError('databases-unusable', 'empty')
  return {
    info: {
      version: versionOf(files),
      releasedAt: releasedAt(files, lines),
      hashSignatures,
      rules: compiled.rules.rules,
      rejected: rejectedList(rejected, rejected.length - lines.rejected.length + lines.rejectedLines),
      source: options.source,
    },
    hashes: tablesOf(lines.hashes),
    sections: tablesOf(lines.sections),
    trusted: lines.trusted.build(),
    rules: compiled.rules,
    ignored: [...lines.ignored],
  }
}

function tablesOf({ md5, sha1, sha256 }: SignatureLines['hashes']): LoadedDatabases['hashes'] {
  return { md5: md5.build(), sha1: sha1.build(), sha256: sha256.build() }
}

interface ReadFiles {
  /** With those of containers in the place of the containers. */
  readonly files: readonly DatabaseFile[]
  readonly lines: SignatureLines
  readonly patterns: TranslatedFiles
  /** What of folders and containers is not used. */
  readonly unused: readonly Rejected[]
}

async function readFiles(folders: readonly string[], options: LoadOptions): Promise<ReadFiles> {
  const optional = (options.ifReadable ?? []).filter((folder) => !folders.includes(folder)).map(readIfReadable)
  const listed = [...folders.flatMap(readFolder), ...optional.flatMap((folder) => folder.files)]
  const unpacked = await unpackContainers(listed, {
    spoolDir: options.rulesCacheDir,
    keys: options.containerKeys,
  })
  try {
    const { files } = unpacked
    const unused = [...optional.flatMap((folder) => folder.rejected), ...unpacked.rejected]
    const lines = readSignatures(files)
    const isIgnored = (name: string, line: string): boolean => lines.isIgnored(name, line)
    const patterns = translateFiles(files, isIgnored, options.backend ?? preferredBackend())
    return { files, lines, patterns, unused }
  } finally {
    unpacked.dispose()
  }
}

function readSignatures(files: readonly DatabaseFile[]): SignatureLines {
  const of = (kind: DatabaseFile['kind']): DatabaseFile[] => files.filter((file) => file.kind === kind)
  const bytesOf = (kind: DatabaseFile['kind']): number => of(kind).reduce((sum, { size }) => sum + size, 0)
  const lines = new SignatureLines({
    hashes: bytesOf('hashes'),
    sections: bytesOf('sections'),
    trusted: bytesOf('trust'),
  })
  const text = (file: DatabaseFile): SignatureFile => ({ file: file.file, pieces: signaturePieces(file) })
  for (const file of of('ignore')) lines.addIgnored(text(file))
  for (const file of files) {
    if (file.kind === 'hashes') lines.addHashes(text(file))
    else if (file.kind === 'sections') lines.addSections(text(file))
    else if (file.kind === 'trust') lines.addTrusted(text(file))
    else if (file.kind === 'later') lines.reject(file.file, 0, 'not supported yet')
  }
  lines.finish()
  return lines
}

function ruleSources(files: readonly DatabaseFile[]): RuleSource[] {
  return files
    .filter(({ kind }) => kind === 'rules')
    .map(({ file, bytes }) => ({ namespace: file, source: bytes.toString('utf8') }))
}

function versionOf(files: readonly DatabaseFile[]): string {
  const hash = createHash('sha256').update(`${engineVersion}\n`)
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
