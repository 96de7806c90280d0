// Lists the files of a database folder by what they are, and reads them. Signature files go in pieces, for they are large.
// Never writes; never looks into a file of a kind it does not know.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { ProductError } from '#shared/errors.ts'
import { unreadKinds } from './clamav/unread-kinds.ts'
import { readPieces } from './line-reader.ts'
import type { Rejected } from './signature-text.ts'

/** `recipes`: for disinfection. `unread`: left to ClamAV, only counted. `container`: holds other files; `detached`: signs one. `patterns`: translated into rules. */
export type FileKind =
  | 'hashes'
  | 'sections'
  | 'trust'
  | 'ignore'
  | 'rules'
  | 'patterns'
  | 'recipes'
  | 'container'
  | 'manifest'
  | 'detached'
  | 'unread'

export interface DatabaseFile {
  readonly file: string
  readonly path: string
  readonly kind: FileKind
  readonly size: number
  readonly mtimeMs: number
  /** Content of rules, recipes and manifest; empty for the others. */
  readonly bytes: Buffer
  /** Of what was read of it; signature files have it after they were read to their end. */
  sha256: string
  /** Where its content comes from when it is not a file of its own. */
  readonly pieces?: () => Generator<Buffer>
}

const extensions: Readonly<Record<Exclude<FileKind, 'manifest'>, readonly string[]>> = {
  hashes: ['hdb', 'hsb', 'hdu', 'hsu'],
  sections: ['mdb', 'msb', 'mdu', 'msu'],
  trust: ['fp', 'sfp'],
  ignore: ['ign2'],
  rules: ['yar', 'yara'],
  patterns: ['ndb', 'ndu', 'ldb', 'ldu'],
  recipes: ['cure'],
  container: ['cvd', 'cld', 'cud'],
  unread: [...unreadKinds.keys()],
  detached: ['sign'],
}
const kinds: ReadonlyMap<string, FileKind> = new Map(
  Object.entries(extensions).flatMap(([kind, names]) => names.map((name) => [`.${name}`, kind as FileKind] as const)),
)

export interface FolderContent {
  readonly files: readonly DatabaseFile[]
  /** Files that cannot be read, a link that leads nowhere among them: they cost themselves, not the folder. */
  readonly rejected: readonly Rejected[]
}

/** In the order of their names. Throws ProductError `databases-unusable` when the folder cannot be listed. */
export function readFolder(dir: string): FolderContent {
  const files: DatabaseFile[] = []
  const rejected: Rejected[] = []
  for (const file of namesIn(dir)) {
    const kind = kindOf(file)
    const path = join(dir, file)
    if (kind === undefined) continue
    try {
      const stat = statSync(path)
      if (stat.isFile()) files.push(readSmall({ file, path, kind, stat }))
    } catch {
      rejected.push({ file, line: 0, problem: 'cannot be read' })
    }
  }
  return { files, rejected }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).sort()
  } catch (error) {
    throw unreadable(error)
  }
}

/** The content of a signature file. Sets its digest at the end, so that the version is of what was really read. */
export function* signaturePieces(file: DatabaseFile): Generator<Buffer> {
  const hash = createHash('sha256')
  const pieces = file.pieces?.() ?? readPieces(file.path)
  try {
    for (;;) {
      const next = nextOf(pieces)
      if (next.done === true) break
      hash.update(next.value)
      yield next.value
    }
  } finally {
    pieces.return(undefined)
  }
  file.sha256 = hash.digest('hex')
}

function nextOf(pieces: Generator<Buffer>): IteratorResult<Buffer> {
  try {
    return pieces.next()
  } catch (error) {
    throw unreadable(error)
  }
}

function readSmall(given: {
  file: string
  path: string
  kind: FileKind
  stat: { size: number; mtimeMs: number }
}): DatabaseFile {
  const { file, path, kind, stat } = given
  const isSmall = kind === 'rules' || kind === 'recipes' || kind === 'manifest'
  const bytes = isSmall ? readFileSync(path) : Buffer.alloc(0)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { file, path, kind, size: stat.size, mtimeMs: stat.mtimeMs, bytes, sha256 }
}

/** By its name alone; undefined for files that are none of ours. */
export function kindOf(file: string): FileKind | undefined {
  return file === 'databases.json' ? 'manifest' : kinds.get(extname(file).toLowerCase())
}

/** By its name alone: ClamAV keeps signatures of software that somebody may have wanted in files of their own. */
export function isAboutUnwanted(file: string): boolean {
  return /^\.(?:hdu|hsu|mdu|msu|ndu|ldu)$/i.test(extname(file))
}

function unreadable(cause: unknown): ProductError {
  return new ProductError('databases-unusable', 'unreadable', { cause })
}
