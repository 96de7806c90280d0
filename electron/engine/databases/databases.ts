// Loads a folder of signature databases once, into parts that every thread can share without loading again.
// Never writes into that folder, never falls back silently: what could not be used is listed in `info.rejected`.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { z } from 'zod'
import { Timestamp } from '#shared/domain/primitives.ts'
import type { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import type { HashAlgorithm, HashTable } from '../detect/hash-table.ts'
import type { PatternBackend, RuleSet, RuleSource } from '../detect/pattern-engine.ts'
import { engineVersion } from './engine-version.ts'
import { compileRules } from './rule-store.ts'
import { type Rejected, SignatureLines } from './signature-text.ts'

/** Structured-clonable: post it to workers as it is; the tables and compiled rules are shared memory. */
export interface LoadedDatabases {
  readonly info: DatabasesInfo
  readonly hashes: Readonly<Record<HashAlgorithm, HashTable>>
  /** SHA-256 of contents that are known to be good. */
  readonly trusted: HashTable
  readonly rules: RuleSet
  /** Names that are found but not reported. */
  readonly ignored: readonly string[]
}

export interface LoadOptions {
  readonly source: DatabasesInfo['source']
  /** Folder of ours where compiled rules are kept between starts. */
  readonly rulesCacheDir?: string
  /** Default: the best one that loads here. */
  readonly backend?: PatternBackend
}

interface DatabaseFile {
  readonly file: string
  readonly extension: string
  readonly bytes: Buffer
  readonly mtimeMs: number
}

const Manifest = z.object({ releasedAt: Timestamp })
const manifestName = 'databases.json'
const hashExtensions = new Set(['.hdb', '.hsb', '.hdu', '.hsu'])
const trustExtensions = new Set(['.fp', '.sfp'])
const ruleExtensions = new Set(['.yar', '.yara'])
const laterExtensions = new Set(
  [
    'mdb',
    'msb',
    'mdu',
    'msu',
    'cvd',
    'cld',
    'cud',
    'ndb',
    'ndu',
    'ldb',
    'ldu',
    'cdb',
    'cbc',
    'idb',
    'imp',
    'pdb',
    'gdb',
  ]
    .concat(['wdb', 'ftm', 'crb', 'cat', 'pwdb', 'ign'])
    .map((name) => `.${name}`),
)
const maxRejected = 200

/** Throws ProductError `databases-unusable` when the folder cannot be read or holds nothing that can be used. */
export async function loadDatabases(dir: string, options: LoadOptions): Promise<LoadedDatabases> {
  const files = readFolder(dir)
  const lines = new SignatureLines()
  const text = ({ file, bytes }: DatabaseFile): { file: string; text: string } => ({
    file,
    text: bytes.toString('utf8'),
  })
  for (const file of files.filter(({ extension }) => extension === '.ign2')) lines.addIgnored(text(file))
  for (const file of files) {
    if (hashExtensions.has(file.extension)) lines.addHashes(text(file))
    else if (trustExtensions.has(file.extension)) lines.addTrusted(text(file))
    else if (laterExtensions.has(file.extension)) lines.reject(file.file, 0, 'not supported yet')
  }
  const compiled = await compileRules(ruleSources(files), options.rulesCacheDir, options.backend)
  const hashSignatures = lines.hashes.md5.rows + lines.hashes.sha1.rows + lines.hashes.sha256.rows
  if (hashSignatures + compiled.rules.rules + lines.trusted.rows === 0)
    throw new ProductError('databases-unusable', 'empty')
  return {
    info: {
      version: versionOf(files),
      releasedAt: releasedAt(files, lines.rejected),
      hashSignatures,
      rules: compiled.rules.rules,
      rejected: bounded([...lines.rejected, ...compiled.rejected]),
      source: options.source,
    },
    hashes: {
      md5: lines.hashes.md5.build(),
      sha1: lines.hashes.sha1.build(),
      sha256: lines.hashes.sha256.build(),
    },
    trusted: lines.trusted.build(),
    rules: compiled.rules,
    ignored: [...lines.ignored],
  }
}

function readFolder(dir: string): DatabaseFile[] {
  try {
    return readdirSync(dir)
      .sort()
      .filter((file) => file === manifestName || isKnown(extname(file).toLowerCase()))
      .map((file) => ({ file, path: join(dir, file), stat: statSync(join(dir, file)) }))
      .filter(({ stat }) => stat.isFile())
      .map(({ file, path, stat }) => {
        const extension = extname(file).toLowerCase()
        const bytes = laterExtensions.has(extension) ? Buffer.alloc(0) : readFileSync(path)
        return { file, extension, bytes, mtimeMs: stat.mtimeMs }
      })
  } catch (error) {
    throw new ProductError('databases-unusable', 'unreadable', { cause: error })
  }
}

function isKnown(extension: string): boolean {
  return (
    [hashExtensions, trustExtensions, ruleExtensions, laterExtensions].some((set) => set.has(extension)) ||
    extension === '.ign2'
  )
}

function ruleSources(files: readonly DatabaseFile[]): RuleSource[] {
  return files
    .filter(({ extension }) => ruleExtensions.has(extension))
    .map(({ file, bytes }) => ({ namespace: file, source: bytes.toString('utf8') }))
}

function versionOf(files: readonly DatabaseFile[]): string {
  const hash = createHash('sha256').update(`${engineVersion}\n`)
  for (const { file, bytes } of files) {
    hash.update(`${file}\0${createHash('sha256').update(bytes).digest('hex')}\n`)
  }
  return hash.digest('hex').slice(0, 24)
}

/** As the manifest says, else when the newest file was changed. */
function releasedAt(files: readonly DatabaseFile[], rejected: Rejected[]): string {
  const manifest = files.find(({ file }) => file === manifestName)
  if (manifest !== undefined) {
    try {
      return Manifest.parse(JSON.parse(manifest.bytes.toString('utf8'))).releasedAt
    } catch {
      rejected.push({ file: manifestName, line: 0, problem: 'not a manifest' })
    }
  }
  return new Date(Math.max(0, ...files.map(({ mtimeMs }) => mtimeMs))).toISOString()
}

function bounded(rejected: readonly Rejected[]): DatabasesInfo['rejected'] {
  const listed = rejected.map(({ file, line, problem }) => ({
    file: file.slice(0, 256),
    line,
    problem: problem.slice(0, 4096),
  }))
  if (listed.length <= maxRejected) return listed
  const more = { file: '', line: 0, problem: `${listed.length - maxRejected + 1} more` }
  return [...listed.slice(0, maxRejected - 1), more]
}
