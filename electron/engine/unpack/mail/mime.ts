// Finds the parts of a mail by its lines, tolerant of what mail programs tolerate: boundaries that are not declared, end
// marks that are missing, text before and after. Gives places in the mail, so that a part can be named and cut exactly.
// Source: RFC 2045 to 2047, RFC 2231, RFC 5322. Never decodes a content.
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
export function* mimeParts(bytes: Buffer, isOverTime = (): boolean => false): Generator<MimePart> {
  const boundaries = new Set<string>()
  let headerAt = mailHeaderAt(bytes)
  for (;;) {
    const bodyAt = endOfHeader(bytes, headerAt)
    const header = headerFields(bytes.toString('latin1', headerAt, Math.min(bodyAt, headerAt + longestHeader)))
    const boundary = parameter(header.get('content-type') ?? '', 'boundary')
    if (boundary !== null && boundary !== '') boundaries.add(boundary)
    const separator = nextSeparator(bytes, { from: bodyAt, boundaries, isOverTime })
    yield partOf(header, { headerAt, bodyAt, end: separator?.at ?? bytes.length })
    if (separator === null) return
    headerAt = separator.next
  }
}

interface Place {
  readonly headerAt: number
  readonly bodyAt: number
  readonly end: number
}

function partOf(header: ReadonlyMap<string, string>, place: Place): MimePart {
  const contentType = header.get('content-type') ?? ''
  const disposition = header.get('content-disposition') ?? ''
  const name = parameter(disposition, 'filename') ?? parameter(contentType, 'name')
  const type = /^[\s"]*([A-Za-z0-9.+-]+\/[A-Za-z0-9.+-]+)/.exec(contentType)?.[1]?.toLowerCase() ?? 'text/plain'
  const encoding = /[a-z0-9-]+/i.exec(header.get('content-transfer-encoding') ?? '')?.[0]?.toLowerCase() ?? ''
  return { name: name === null ? null : decodedWords(name), type, encoding, ...place }
}

/** Where the body begins: after the first empty line, or at once where no header line stands. */
function endOfHeader(bytes: Buffer, headerAt: number): number {
  let at = headerAt
  while (at < bytes.length && at - headerAt < longestHeader) {
    const end = lineEnd(bytes, at)
    if (isBlank(bytes, at, end)) return Math.min(bytes.length, end + 1)
    // Neither a field nor the rest of one: the empty line is missing.
    if (at - headerAt > 0 && !/^(?:[!-9;-~]+[ \t]*:|[ \t])/.test(bytes.toString('latin1', at, Math.min(end, at + 200))))
      return at
    at = end + 1
  }
  return Math.min(at, bytes.length)
}

interface Separators {
  readonly from: number
  readonly boundaries: ReadonlySet<string>
  isOverTime(): boolean
}

/** The next line that separates parts: one of a declared boundary, or any `--` line that header lines of a part follow. */
function nextSeparator(
  bytes: Buffer,
  { from, boundaries, isOverTime }: Separators,
): { readonly at: number; readonly next: number } | null {
  let at = bytes.toString('latin1', from, from + 2) === '--' ? from : after(bytes.indexOf('\n--', from))
  for (let lines = 1; at !== -1; lines += 1) {
    if (lines % linesOfATurn === 0 && isOverTime()) return null
    const end = lineEnd(bytes, at)
    const line = bytes.toString('latin1', at + 2, Math.min(end, at + longestLine)).trimEnd()
    const next = Math.min(bytes.length, end + 1)
    const isDeclared = boundaries.has(line) || (line.endsWith('--') && boundaries.has(line.slice(0, -2)))
    if (isDeclared || /^content-[a-z-]+[ \t]*:/i.test(bytes.toString('latin1', next, next + 60))) return { at, next }
    at = after(bytes.indexOf('\n--', end))
  }
  return null
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

/** The first field of each name, unfolded. */
function headerFields(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    if (!fields.has(name)) fields.set(name, line.slice(colon + 1).trim())
  }
  return fields
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
