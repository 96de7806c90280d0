// Reads the text signature files: hash signatures, trust entries, ignored names. Each bad line is named, none is dropped.
// Never opens a file; never trusts a weak digest.
import { createHash } from 'node:crypto'
import { type HashAlgorithm, HashTableBuilder, maxRows } from '../detect/hash-table.ts'

export interface Rejected {
  readonly file: string
  readonly line: number
  readonly problem: string
}

export interface SignatureFile {
  readonly file: string
  readonly text: string
}

/** Collects the lines of all files of a database folder. Ignored names must be read before the signatures. */
export class SignatureLines {
  readonly hashes: Readonly<Record<HashAlgorithm, HashTableBuilder>> = {
    md5: new HashTableBuilder('md5'),
    sha1: new HashTableBuilder('sha1'),
    sha256: new HashTableBuilder('sha256'),
  }
  readonly trusted = new HashTableBuilder('sha256')
  readonly ignored = new Set<string>()
  readonly rejected: Rejected[] = []
  /** Signature name -> MD5 digests of lines that are ignored. */
  private readonly ignoredLines = new Map<string, Set<string>>()

  /** `NAME` or `NAME:MD5 of the signature's line`. */
  addIgnored(file: SignatureFile): void {
    for (const { line, text } of linesOf(file.text)) {
      const [name = '', digest, ...more] = text.split(':')
      if (name === '' || more.length > 0) this.reject(file.file, line, 'not NAME or NAME:MD5')
      else if (digest === undefined) this.ignored.add(name)
      else if (/^[0-9a-f]{32}$/i.test(digest)) this.ignoreLine(name, digest.toLowerCase())
      else this.reject(file.file, line, 'not an MD5 digest')
    }
  }

  /** `DIGEST:SIZE:NAME[:minimum level[:maximum level]]`; MD5, SHA-1 or SHA-256 by length, SIZE may be `*`. */
  addHashes(file: SignatureFile): void {
    for (const { line, text } of linesOf(file.text)) {
      const row = readRow(text)
      if (typeof row === 'string') this.reject(file.file, line, row)
      else if (this.hashes[row.algorithm].rows >= maxRows) this.reject(file.file, line, 'too many signatures')
      else if (!this.isIgnoredLine(row.name, text)) this.hashes[row.algorithm].add(row.digest, row.size, row.name)
    }
  }

  /** Trust entries, same form. SECURITY: only SHA-256 may trust; collisions of weaker digests can be made. */
  addTrusted(file: SignatureFile): void {
    for (const { line, text } of linesOf(file.text)) {
      const row = readRow(text)
      if (typeof row === 'string') this.reject(file.file, line, row)
      else if (row.algorithm !== 'sha256') this.reject(file.file, line, 'trust needs SHA-256')
      else this.trusted.add(row.digest, row.size, row.name)
    }
  }

  reject(file: string, line: number, problem: string): void {
    this.rejected.push({ file, line, problem })
  }

  private ignoreLine(name: string, digest: string): void {
    const digests = this.ignoredLines.get(name) ?? new Set()
    this.ignoredLines.set(name, digests.add(digest))
  }

  private isIgnoredLine(name: string, text: string): boolean {
    const digests = this.ignoredLines.get(name)
    return digests?.has(createHash('md5').update(text).digest('hex')) ?? false
  }
}

interface Row {
  readonly algorithm: HashAlgorithm
  readonly digest: string
  readonly size: number
  readonly name: string
}

const algorithms: ReadonlyMap<number, HashAlgorithm> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [64, 'sha256'],
])

/** The parts of a line, or what is wrong with it. */
function readRow(text: string): Row | string {
  const [digest = '', size = '', name = '', ...levels] = text.split(':')
  const algorithm = algorithms.get(digest.length)
  if (algorithm === undefined || !/^[0-9a-f]+$/i.test(digest)) return 'no MD5, SHA-1 or SHA-256 digest'
  if (size !== '*' && !/^\d{1,15}$/.test(size)) return 'size is neither a number nor *'
  if (name === '' || name.length > 256) return 'no name, or one of more than 256 characters'
  if (levels.length > 2) return 'too many fields'
  return { algorithm, digest: digest.toLowerCase(), size: size === '*' ? -1 : Number(size), name }
}

function* linesOf(text: string): Generator<{ line: number; text: string }> {
  let line = 0
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    line += 1
    const content = text.slice(start, end).trim()
    if (content !== '' && !content.startsWith('#')) yield { line, text: content }
    start = end + 1
  }
}
