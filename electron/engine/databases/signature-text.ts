// Reads the text signature files: hash signatures, trust entries, ignored names. Each bad line is named, none is dropped.
// Never opens a file; never trusts a weak digest.
import { createHash } from 'node:crypto'
import type { HashAlgorithm } from '../detect/hash-table.ts'
import { HashTableBuilder } from '../detect/hash-table-builder.ts'
import { isForOtherLevel } from './clamav/functionality-level.ts'
import { eachLine } from './line-reader.ts'
import { digestLengths, readSimpleLine } from './signature-line.ts'

export interface Rejected {
  readonly file: string
  readonly line: number
  readonly problem: string
}

/** `pieces`: the content, each piece valid only until the next one. */
export interface SignatureFile {
  readonly file: string
  readonly pieces: Iterable<Buffer>
  /** Its signatures are of software that somebody may have wanted. */
  readonly isUnwanted?: boolean
}

/** How many bytes of files will come, so that room is reserved once. */
export interface ExpectedText {
  readonly hashes: number
  readonly sections: number
  readonly trusted: number
}

const keptRejected = 1000

/** Collects the lines of all files of a database folder. Ignored names must be read before the signatures. */
export class SignatureLines {
  readonly hashes: Builders
  /** Of single sections of Windows programs. */
  readonly sections: Builders
  readonly trusted: HashTableBuilder
  readonly ignored = new Set<string>()
  /** The first bad lines; `rejectedLines` counts all of them. */
  readonly rejected: Rejected[] = []
  rejectedLines = 0
  /** Lines of each file that are for another version of ClamAV. */
  private readonly otherLevels = new Map<string, number>()
  /** Signature name -> MD5 digests of lines that are ignored. */
  private readonly ignoredLines = new Map<string, Set<string>>()

  constructor(expected: ExpectedText) {
    this.hashes = buildersFor(expected.hashes)
    this.sections = buildersFor(expected.sections)
    this.trusted = builderFor('sha256', expected.trusted)
  }

  /** `NAME` or `NAME:MD5 of the signature's line`. */
  addIgnored({ file, pieces }: SignatureFile): void {
    eachLine(pieces, (bytes, start, end, line) => {
      const text = contentOf(bytes, start, end)
      if (text === '') return
      const [name = '', digest, ...more] = text.split(':')
      if (name === '' || more.length > 0) this.reject(file, line, 'not NAME or NAME:MD5')
      else if (digest === undefined) this.ignored.add(name)
      else if (/^[0-9a-f]{32}$/i.test(digest)) this.ignoreLine(name, digest.toLowerCase())
      else this.reject(file, line, 'not an MD5 digest')
    })
  }

  /** `DIGEST:SIZE:NAME[:minimum level[:maximum level]]`; MD5, SHA-1 or SHA-256 by length, SIZE may be `*`. */
  addHashes({ file, pieces, isUnwanted = false }: SignatureFile): void {
    const someIgnored = this.ignoredLines.size > 0
    eachLine(pieces, (bytes, start, end, line) => {
      const simple = readSimpleLine(bytes, start, end)
      const mayBeIgnored =
        someIgnored && simple !== null && this.ignoredLines.has(bytes.toString('latin1', simple.nameAt, simple.nameEnd))
      if (simple !== null && !mayBeIgnored) {
        const builder = this.hashes[simple.algorithm]
        if (!builder.isFull && builder.addLine(bytes, simple, isUnwanted)) return
      }
      this.addRow(this.hashes, { file, line, text: contentOf(bytes, start, end), read: readRow, isUnwanted })
    })
  }

  /** `SIZE:DIGEST:NAME[:minimum level[:maximum level]]`, size and digest of a section. */
  addSections({ file, pieces, isUnwanted = false }: SignatureFile): void {
    eachLine(pieces, (bytes, start, end, line) => {
      this.addRow(this.sections, { file, line, text: contentOf(bytes, start, end), read: readSectionRow, isUnwanted })
    })
  }

  /** Trust entries, same form. SECURITY: only SHA-256 may trust; collisions of weaker digests can be made. */
  addTrusted({ file, pieces }: SignatureFile): void {
    eachLine(pieces, (bytes, start, end, line) => {
      const text = contentOf(bytes, start, end)
      if (text === '') return
      const row = readRow(text)
      if (typeof row === 'string') this.reject(file, line, row)
      else if (row.algorithm !== 'sha256') this.reject(file, line, 'trust needs SHA-256')
      else if (this.trusted.isFull) this.reject(file, line, 'too many signatures')
      else this.trusted.add(row.digest, row.size, row.name)
    })
  }

  /** Call after the last file: names what was only counted. */
  finish(): void {
    for (const [file, count] of this.otherLevels) {
      const what = count === 1 ? '1 signature' : `${count} signatures`
      this.reject(file, 0, `${what}: for another version of ClamAV`)
    }
    this.otherLevels.clear()
  }

  reject(file: string, line: number, problem: string): void {
    this.rejectedLines += 1
    if (this.rejected.length < keptRejected) this.rejected.push({ file, line, problem })
  }

  private addRow(builders: Builders, { file, line, text, read, isUnwanted }: RowText): void {
    if (text === '') return
    const row = read(text)
    if (typeof row === 'string') this.reject(file, line, row)
    else if (row.isForOther) this.otherLevels.set(file, (this.otherLevels.get(file) ?? 0) + 1)
    else if (builders[row.algorithm].isFull) this.reject(file, line, 'too many signatures')
    else if (!this.isIgnoredLine(row.name, text))
      builders[row.algorithm].add(row.digest, row.size, row.name, isUnwanted)
  }

  /** True when an entry excludes this name, or this line of it. */
  isIgnored(name: string, line: string): boolean {
    return this.ignored.has(name) || this.isIgnoredLine(name, line)
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

type Builders = Readonly<Record<HashAlgorithm, HashTableBuilder>>

interface RowText {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly read: (text: string) => Row | string
  readonly isUnwanted: boolean
}

function buildersFor(textBytes: number): Builders {
  return {
    md5: builderFor('md5', textBytes),
    sha1: builderFor('sha1', textBytes),
    sha256: builderFor('sha256', textBytes),
  }
}

/** Room for as many rows as so much text can hold. */
function builderFor(algorithm: HashAlgorithm, textBytes: number): HashTableBuilder {
  const shortestLine = digestLengths[algorithm] + ':*:N\n'.length
  return new HashTableBuilder(algorithm, { rows: Math.ceil(textBytes / shortestLine), nameBytes: textBytes })
}

interface Row {
  readonly algorithm: HashAlgorithm
  readonly digest: string
  readonly size: number
  readonly name: string
  /** For a level of ClamAV that we do not stand for. */
  readonly isForOther: boolean
}

const algorithms: ReadonlyMap<number, HashAlgorithm> = new Map(
  (['md5', 'sha1', 'sha256'] as const).map((algorithm) => [digestLengths[algorithm], algorithm]),
)

/** The parts of a line, or what is wrong with it. */
function readRow(text: string): Row | string {
  const [digest = '', size = '', name = '', ...levels] = text.split(':')
  const algorithm = algorithms.get(digest.length)
  if (algorithm === undefined || !/^[0-9a-f]+$/i.test(digest)) return 'no MD5, SHA-1 or SHA-256 digest'
  if (size !== '*' && !/^\d{1,15}$/.test(size)) return 'size is neither a number nor *'
  if (name === '' || name.length > 256) return 'no name, or one of more than 256 characters'
  if (levels.length > 2) return 'too many fields'
  const isForOther = isForOtherLevel(levels[0], levels[1])
  return { algorithm, digest: digest.toLowerCase(), size: size === '*' ? -1 : Number(size), name, isForOther }
}

function readSectionRow(text: string): Row | string {
  const [size = '', digest = '', ...rest] = text.split(':')
  return readRow([digest, size, ...rest].join(':'))
}

/** The text of a line; empty for a comment. */
function contentOf(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end).trim()
  return text.startsWith('#') ? '' : text
}
