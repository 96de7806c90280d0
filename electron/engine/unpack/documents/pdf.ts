// Opens PDF documents: attached files, scripts, and other streams that are neither picture, font nor page text.
// Finds objects by walking through the bytes: tables of objects can lie, and readers repair them. Never renders.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Format } from '../../identify/identify.ts'
import type { Budget } from '../budget.ts'
import { GrowingBytes } from '../growing-bytes.ts'
import type { Member, Unpacker } from '../unpacker.ts'
import { type Decoded, decodeStream, hexBytes, pictureFilters } from './pdf-filters.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['pdf'])

interface PdfStream {
  readonly number: number
  /** Its dictionary as text. */
  readonly dictionary: string
  readonly packed: Buffer
}

export const pdfUnpacker: Unpacker = {
  formats,
  unpack: async function* ({ bytes, budget }) {
    // What is encrypted would come out as noise; that the document is, is told for the whole of it.
    if (bytes.includes('/Encrypt')) return
    const streams = [...streamsOf(bytes, budget)]
    const inStreams = await objectTexts(streams, budget)
    if (inStreams.problem !== undefined) yield { kind: 'problem', reason: inStreams.problem }
    const texts = [bytes.toString('latin1'), ...inStreams.texts]
    yield* scriptsOf(texts, budget)
    const names = attachedNames(texts, budget)
    for (const stream of streams) {
      if (budget.isOverTime()) break
      const isAttached = /\/EmbeddedFile\b/.test(stream.dictionary) || names.has(stream.number)
      if (!isAttached && isOfNoInterest(stream)) continue
      const decoded = await decodeStream(stream.packed, filtersOf(stream.dictionary), budget)
      if (!isAttached && (isPageText(decoded.bytes) || decoded.bytes.length === 0)) continue
      yield memberOf(names.get(stream.number) ?? `object-${stream.number}`, decoded, isAttached)
    }
    if (Math.max(streams.length, names.size) >= budget.limits.members) yield { kind: 'problem', reason: 'member-count' }
    // None of the steps before goes on then.
    if (budget.isOverTime()) yield { kind: 'problem', reason: 'time-limit' }
  },
}

/**
 * The texts of objects that stand in streams of their own, all of them together no longer than one member may be. A damaged
 * one is read as far as it goes, as readers do.
 */
async function objectTexts(
  streams: readonly PdfStream[],
  budget: Budget,
): Promise<{ readonly texts: string[]; readonly problem?: NotScannedReason }> {
  const texts: string[] = []
  let problem: NotScannedReason | undefined
  let room = budget.room()
  for (const { dictionary, packed } of streams.filter((stream) => /\/ObjStm\b/.test(stream.dictionary))) {
    if (budget.isOverTime()) break
    const decoded = await decodeStream(packed, filtersOf(dictionary), budget)
    if (decoded.problem !== 'corrupt') problem ??= decoded.problem
    if (decoded.bytes.length > room) return { texts, problem: 'too-big' }
    room -= decoded.bytes.length
    texts.push(decoded.bytes.toString('latin1'))
  }
  return problem === undefined ? { texts } : { texts, problem }
}

/** That a stream beside the attachments is damaged is no gap that anybody could be hurt by: readers ignore it too. */
function memberOf(name: string, { bytes, problem }: Decoded, isAttached: boolean): Member {
  const content = { kind: 'content', name: Buffer.from(name, 'latin1'), bytes } as const
  return problem === undefined || (!isAttached && problem === 'corrupt') ? content : { ...content, problem }
}

const longestDictionary = 16_384

function* streamsOf(bytes: Buffer, budget: Budget): Generator<PdfStream> {
  let count = 0
  for (
    let at = bytes.indexOf('stream');
    at !== -1 && count < budget.limits.members && !budget.isOverTime();
    at = bytes.indexOf('stream', at + 6)
  ) {
    const start = contentStart(bytes, at)
    if (start === null) continue
    const from = Math.max(0, at - longestDictionary)
    const before = bytes.toString('latin1', from, at)
    const object = /(\d{1,10})\s+\d{1,5}\s+obj\b(?![\s\S]*\bobj\b)/.exec(before.slice(before.lastIndexOf('endobj') + 1))
    if (object === null) continue
    count += 1
    const dictionary = object.input.slice(object.index)
    const end = contentEnd(bytes, start, dictionary)
    yield { number: Number(object[1]), dictionary, packed: bytes.subarray(start, end) }
    at = Math.max(at, end - 6)
  }
}

/** Behind the keyword and its line end; null where it is another word. */
function contentStart(bytes: Buffer, at: number): number | null {
  if (bytes.toString('latin1', Math.max(0, at - 3), at) === 'end') return null
  if (bytes[at + 6] === 0x0a) return at + 7
  if (bytes[at + 6] !== 0x0d) return null
  return bytes[at + 7] === 0x0a ? at + 8 : at + 7
}

/** As the stated length says if the end mark stands there, else before the next end mark. */
function contentEnd(bytes: Buffer, start: number, dictionary: string): number {
  const stated = /\/Length\s+(\d{1,12})(?!\s+\d+\s+R)/.exec(dictionary)?.[1]
  const end = start + Number(stated ?? Number.NaN)
  if (end <= bytes.length && /^\s{0,4}endstream/.test(bytes.toString('latin1', end, end + 14))) return end
  const mark = bytes.indexOf('endstream', start)
  return mark === -1 ? bytes.length : mark
}

function filtersOf(dictionary: string): string[] {
  const list = /\/Filter\s*(\[[^\]]{0,400}\]|\/[A-Za-z0-9]{1,40})/.exec(unescaped(dictionary))?.[1] ?? ''
  return list.match(/[A-Za-z0-9]+/g) ?? []
}

/** `#46` in a name is the character of that number. */
function unescaped(text: string): string {
  return text.replace(/#([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function isOfNoInterest({ dictionary }: PdfStream): boolean {
  if (filtersOf(dictionary).some((filter) => pictureFilters.has(filter))) return true
  return /\/Subtype\s*\/(?:Image|Type1C|CIDFontType0C|OpenType|XML)|\/Type\s*\/(?:XRef|ObjStm|Metadata)|\/Length[123]\b|\/N\s+[134]\b/.test(
    dictionary,
  )
}

/** Drawing operators: what a page or a form looks like. */
function isPageText(content: Buffer): boolean {
  return /(?:^|\s)(?:BT|Tf|re|cm|q|gs|BI|d1|begincmap)\s/.test(content.toString('latin1', 0, 600))
}

const mostHexText = 1_000_000

/** Scripts that stand in the text of objects. */
function* scriptsOf(texts: readonly string[], budget: Budget): Generator<Member> {
  let index = 0
  for (const text of texts) {
    for (const match of text.matchAll(/\/(?:JS|#4aS|J#53|#4a#53)\s*([(<])/gi)) {
      // One that has no end goes to the end of the text, and so do all behind it.
      if (budget.isOverTime()) return
      const from = match.index + match[0].length
      const bytes = match[1] === '(' ? literal(text, from) : hexBytes(Buffer.from(text.slice(from, from + mostHexText)))
      if (bytes.length === 0) continue
      index += 1
      yield { kind: 'content', name: Buffer.from(`script-${index}.js`), bytes: plainText(bytes) }
    }
  }
}

/** A text in parentheses, which may be nested and escaped. */
function literal(text: string, from: number): Buffer {
  const value = new GrowingBytes(text.length - from)
  let depth = 1
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === backslash) {
      const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))?.[0]
      const next = text[at + 1] ?? ''
      if (octal !== undefined) value.push(Number.parseInt(octal, 8) & 0xff)
      else value.append(Buffer.from(escapes[next] ?? next, 'latin1'))
      at += octal?.length ?? 1
      continue
    }
    if (code === open) depth += 1
    if (code === close) depth -= 1
    if (depth === 0) break
    value.push(code)
  }
  return value.take()
}

const [backslash, open, close] = [0x5c, 0x28, 0x29]
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', '\n': '', '\r': '' }

/** UTF-16 with its mark becomes what patterns can read. */
function plainText(bytes: Buffer): Buffer {
  if (bytes[0] !== 0xfe || bytes[1] !== 0xff) return bytes
  return Buffer.from(
    Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString('utf16le'),
  )
}

/** Numbers of attached files' objects with the names that they are shown under. */
function attachedNames(texts: readonly string[], budget: Budget): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const text of texts) {
    for (const match of text.matchAll(/\/EF\s*<<[^>]{0,200}?\/U?F\s+(\d{1,10})\s+\d{1,5}\s+R/g)) {
      if (names.size >= budget.limits.members || budget.isOverTime()) return names
      const around = text.slice(Math.max(0, match.index - 1000), match.index + 1000)
      const name = /\/U?F\s*\(((?:[^()\\]|\\.){1,300})\)/.exec(around)?.[1]
      const shown = name === undefined ? `object-${match[1]}` : plainText(literal(`${name})`, 0)).toString('latin1')
      names.set(Number(match[1]), shown)
    }
  }
  return names
}
