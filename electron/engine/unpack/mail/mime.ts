// Finds the parts of a mail by its lines, tolerant of what mail programs tolerate: boundaries that are not declared, end
// marks that are missing, text before and after. Gives places in the mail, so that a part can be named and cut exactly.
// Source: RFC 2045 to 2047, RFC 2231, RFC 5322. Never decodes a content.
import { withLineFeeds } from '../../identify/line-ends.ts'
import { mailHeaderAt } from '../../identify/mail-head.ts'

export interface MimePart {
  /** Of the attachment, as bytes; null where the part says none. */
  readonly name: string | null
  /** In lower case, without parameters; `text/plain` where the part says none. */
  readonly type: string
  /** In lower case; empty where the part says none. */
  readonly encoding: string
  /** Where its header begins; the body lies in `bodyAt` to `end`. */
  readonly headerAt: number
  readonly bodyAt: number
  readonly end: number
  /** The mail ends in it, before the boundary that ends all of its parts. */
  readonly isCut?: true
}

const longestHeader = 256 * 1024
const longestLine = 1024
const newline = 0x0a

/** Lines between two looks at the clock. */
const linesOfATurn = 4096

/**
 * All parts in their order, also those of mails inside of it; the first one is the mail itself. `isOverTime`: the last part
 * goes to the end then, whatever is in it.
 */
export function* mimeParts(mail: Buffer, isOverTime = (): boolean => false): Generator<MimePart> {
  const bytes = withLineFeeds(mail)
  const separators = new Separators(bytes, isOverTime)
  const mailAt = mailHeaderAt(bytes)
  let headerAt = mailAt
  for (;;) {
    const bodyAt = endOfHeader(bytes, headerAt)
    const header = headerFields(bytes.toString('latin1', headerAt, Math.min(bodyAt, headerAt + longestHeader)))
    separators.declare(boundariesOf(header), headerAt === mailAt)
    const separator = separators.next(bodyAt)
    const part = partOf(header, { headerAt, bodyAt, end: separator?.at ?? bytes.length })
    yield separator === null && separators.isEndMissing ? { ...part, isCut: true } : part
    if (separator === null) return
    headerAt = separator.next
  }
}

/** Values of each field, in their order: which of two counts depends on who reads it. */
type Fields = ReadonlyMap<string, readonly string[]>

/** As it is read with and without comments; one that looks like a comment may be a part of it. */
function boundariesOf(header: Fields): string[] {
  const fields = header.get('content-type') ?? []
  const readings = fields.flatMap((field) => [withoutComments(field), field])
  return readings.flatMap((field) => parameter(field, 'boundary') || [])
}

interface Place {
  readonly headerAt: number
  readonly bodyAt: number
  readonly end: number
}

function partOf(header: Fields, place: Place): MimePart {
  const [contentType = ''] = header.get('content-type') ?? []
  const [disposition = ''] = header.get('content-disposition') ?? []
  const name = parameter(disposition, 'filename') ?? parameter(contentType, 'name')
  const type = /^[\s"]*([A-Za-z0-9.+-]+\/[A-Za-z0-9.+-]+)/.exec(withoutComments(contentType))?.[1]?.toLowerCase()
  return {
    name: name === null ? null : decodedWords(name),
    type: type ?? 'text/plain',
    encoding: encodingOf(header),
    ...place,
  }
}

/** Of several the one that hides something. */
function encodingOf(header: Fields): string {
  const stated = (header.get('content-transfer-encoding') ?? []).map((field) => {
    const word = /[a-z0-9-]+/i.exec(withoutComments(field))?.[0]?.toLowerCase() ?? ''
    return word === 'b64' ? 'base64' : word
  })
  return stated.find((word) => word === 'base64' || word === 'quoted-printable') ?? stated[0] ?? ''
}

/** Where the body begins: after the first empty line, or at once where no header line stands. */
function endOfHeader(bytes: Buffer, headerAt: number): number {
  let at = headerAt
  while (at < bytes.length && at - headerAt < longestHeader) {
    const end = lineEnd(bytes, at)
    if (isBlank(bytes, at, end)) return Math.min(bytes.length, end + 1)
    // Neither a field nor the rest of one: the empty line is missing. A boundary right behind another has no header at all.
    const isFirst = at === headerAt && bytes.toString('latin1', at, at + 2) !== '--'
    if (!isFirst && !/^(?:[!-9;-~]+[ \t]*:|[ \t])/.test(bytes.toString('latin1', at, Math.min(end, at + 200))))
      return at
    at = end + 1
  }
  return Math.min(at, bytes.length)
}

/** The lines of one mail that separate its parts. */
class Separators {
  private readonly bytes: Buffer
  private readonly isOverTime: () => boolean
  private readonly declared = new Set<string>()
  /** Those that only showed themselves by what follows them; nothing once a declared one was seen. */
  private readonly seen = new Set<string>()
  private isDeclaredSeen = false
  /** Of the mail itself: the same in all its readings. */
  private readonly outermost = new Set<string>()
  private isOutermostOpen = false

  constructor(bytes: Buffer, isOverTime: () => boolean) {
    this.bytes = bytes
    this.isOverTime = isOverTime
  }

  declare(boundaries: readonly string[], isOfMail: boolean): void {
    for (const boundary of boundaries) {
      this.declared.add(boundary)
      if (isOfMail) this.outermost.add(boundary)
    }
  }

  /** True when the parts of the mail itself began, and nothing said that the last of them ended. */
  get isEndMissing(): boolean {
    return this.isOutermostOpen && !this.isOverTime()
  }

  /** The next one: of a declared boundary, or any `--` line that header lines of a part follow. */
  next(from: number): { readonly at: number; readonly next: number } | null {
    const { bytes } = this
    let at = bytes.toString('latin1', from, from + 2) === '--' ? from : after(bytes.indexOf('\n--', from))
    for (let lines = 1; at !== -1; lines += 1) {
      if (lines % linesOfATurn === 0 && this.isOverTime()) return null
      const end = lineEnd(bytes, at)
      const next = Math.min(bytes.length, end + 1)
      if (this.separates(bytes.toString('latin1', at + 2, Math.min(end, at + longestLine)).trimEnd(), next))
        return { at, next }
      at = after(bytes.indexOf('\n--', end))
    }
    return null
  }

  private separates(line: string, next: number): boolean {
    const bare = line.endsWith('--') ? line.slice(0, -2) : line
    const isIn = (boundaries: ReadonlySet<string>): boolean => boundaries.has(line) || boundaries.has(bare)
    if (isIn(this.declared)) {
      this.isDeclaredSeen = true
      if (isIn(this.outermost)) this.isOutermostOpen = this.outermost.has(line)
      return true
    }
    if (!this.isDeclaredSeen && isIn(this.seen)) return true
    if (!/^content-[a-z-]+[ \t]*:/i.test(this.bytes.toString('latin1', next, next + 60))) return false
    this.seen.add(line)
    return true
  }
}

function after(at: number): number {
  return at === -1 ? -1 : at + 1
}

function lineEnd(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(newline, at)
  return end === -1 ? bytes.length : end
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false
  }
  return true
}

function headerFields(text: string): Fields {
  const fields = new Map<string, string[]>()
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    const values = fields.get(name)
    const value = line.slice(colon + 1).trim()
    if (values === undefined) fields.set(name, [value])
    else values.push(value)
  }
  return fields
}

/** What stands in parentheses, which may lie in each other, outside of quotes. */
function withoutComments(field: string): string {
  if (!field.includes('(')) return field
  let [text, depth, isQuoted] = ['', 0, false]
  for (let at = 0; at < field.length; at += 1) {
    const letter = field[at] ?? ''
    const isEscape = letter === '\\' && (isQuoted || depth > 0)
    if (depth === 0 && letter === '"') isQuoted = !isQuoted
    if (!isQuoted && letter === '(') depth += 1
    if (depth === 0) text += isEscape ? field.slice(at, at + 2) : letter
    if (!isQuoted && letter === ')' && depth > 0) depth -= 1
    if (isEscape) at += 1
  }
  return text
}

/** A parameter of a header field, also one that is cut into pieces (RFC 2231); null where there is none. */
function parameter(field: string, name: string): string | null {
  const found = new Map<number, { value: string; isEncoded: boolean }>()
  const matcher = /;\s*([a-z]+)(?:\*(\d{1,3}))?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;\s]*))/gi
  for (const match of `;${field}`.matchAll(matcher)) {
    if (match[1]?.toLowerCase() !== name) continue
    const index = Number(match[2] ?? 0)
    const value = match[4]?.replace(/\\(.)/g, '$1') ?? match[5] ?? ''
    if (!found.has(index)) found.set(index, { value, isEncoded: match[3] === '*' })
  }
  if (found.size === 0) return null
  const pieces = [...found].sort(([a], [b]) => a - b).map(([, piece]) => piece)
  const text = pieces.map(({ value, isEncoded }, at) => {
    const plain = at === 0 && isEncoded ? value.replace(/^[^']*'[^']*'/, '') : value
    return isEncoded
      ? plain.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      : plain
  })
  return text.join('')
}

/** `=?charset?B?...?=` and `=?charset?Q?...?=`; bytes stay what they are. */
function decodedWords(text: string): string {
  return text.replace(/=\?[^?\s]{1,40}\?([bq])\?([^?]*)\?=\s*/gi, (_, kind: string, content: string) => {
    if (kind.toLowerCase() === 'b') return Buffer.from(content, 'base64').toString('latin1')
    return content
      .replace(/_/g, ' ')
      .replace(/=([0-9a-f]{2})/gi, (__, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  })
}
