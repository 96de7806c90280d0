// Opens PDF documents: attached files, scripts, and other streams that are neither picture, font nor page text.
// Finds objects by walking through the bytes: tables of objects can lie, and readers repair them. Never renders.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Format } from '../../identify/identify.ts'
import type { Budget } from '../budget.ts'
import { GrowingBytes } from '../growing-bytes.ts'
import type { Member, Unpacker } from '../unpacker.ts'
import { type Decoded, decodeStream, hexBytes, pictureFilters } from './pdf-filters.ts'
import { filtersOf, type PdfStream, PdfTexts, streamsOf } from './pdf-objects.ts'
import { type PdfValue, readValue, unescaped } from './pdf-values.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['pdf'])

export const pdfUnpacker: Unpacker = {
  formats,
  unpack: async function* ({ bytes, budget }) {
    // What is encrypted would come out as noise; that the document is, is told for the whole of it.
    if (bytes.includes('/Encrypt')) return
    const streams = [...streamsOf(bytes, budget)]
    if (streams.some(({ isUnread }) => isUnread)) yield { kind: 'problem', reason: 'corrupt' }
    const own = new PdfTexts([bytes.toString('latin1')])
    const inStreams = await objectTexts(streams, own, budget)
    if (inStreams.problem !== undefined) yield { kind: 'problem', reason: inStreams.problem }
    const texts = own.with(inStreams.texts)
    const scripts = scriptNumbers(texts, budget)
    yield* scriptsOf(texts, scripts, budget)
    const names = attachedNames(texts, budget)
    for (const stream of streams) {
      if (budget.isOverTime()) break
      const isNamed = isAttachment(stream) || names.has(stream.number) || scripts.has(stream.number)
      if (!isNamed && isOfNoInterest(stream)) continue
      const decoded = await decodeStream(stream.packed, filtersOf(stream.dictionary, texts), budget)
      if (!isNamed && (isPageText(decoded.bytes) || decoded.bytes.length === 0)) continue
      yield memberOf(names.get(stream.number) ?? `object-${stream.number}`, decoded, isNamed)
    }
    if (Math.max(streams.length, names.size) >= budget.limits.members) yield { kind: 'problem', reason: 'member-count' }
    // None of the steps before goes on then.
    if (budget.isOverTime()) yield { kind: 'problem', reason: 'time-limit' }
  },
}

function isAttachment({ dictionary }: PdfStream): boolean {
  return /\/EmbeddedFile\b/.test(dictionary)
}

/**
 * The texts of objects that stand in streams of their own, all of them together no longer than one member may be. A damaged
 * one is read as far as it goes, as readers do.
 */
async function objectTexts(
  streams: readonly PdfStream[],
  own: PdfTexts,
  budget: Budget,
): Promise<{ readonly texts: string[]; readonly problem?: NotScannedReason }> {
  const texts: string[] = []
  let problem: NotScannedReason | undefined
  let room = budget.room()
  for (const { dictionary, packed } of streams.filter((stream) => /\/ObjStm\b/.test(stream.dictionary))) {
    if (budget.isOverTime()) break
    const decoded = await decodeStream(packed, filtersOf(dictionary, own), budget)
    if (decoded.problem !== 'corrupt') problem ??= decoded.problem
    if (decoded.bytes.length > room) return { texts, problem: 'too-big' }
    room -= decoded.bytes.length
    texts.push(decoded.bytes.toString('latin1'))
  }
  return problem === undefined ? { texts } : { texts, problem }
}

/** That a stream beside attachments and scripts is damaged is no gap that anybody could be hurt by: readers ignore it too. */
function memberOf(name: string, { bytes, problem }: Decoded, isNamed: boolean): Member {
  const content = { kind: 'content', name: Buffer.from(name, 'latin1'), bytes } as const
  return problem === undefined || (!isNamed && problem === 'corrupt') ? content : { ...content, problem }
}

function isOfNoInterest({ dictionary }: PdfStream): boolean {
  if (filtersOf(dictionary, null).some(({ name }) => pictureFilters.has(name))) return true
  if (/\/Subtype\s*\/Image/.test(dictionary)) return /\/Width\b/.test(dictionary) && /\/Height\b/.test(dictionary)
  return /\/Subtype\s*\/(?:Type1C|CIDFontType0C|OpenType|XML)|\/Type\s*\/(?:XRef|ObjStm|Metadata)|\/Length[123]\b/.test(
    dictionary,
  )
}

/** Drawing operators: what a page or a form looks like; or a profile of colors. */
function isPageText(content: Buffer): boolean {
  if (content.toString('latin1', 36, 40) === 'acsp') return true
  return /(?:^|\s)(?:BT|Tf|re|cm|q|gs|BI|d1|begincmap)\s/.test(content.toString('latin1', 0, 600))
}

const scriptKey = String.raw`\/(?:J|#4a)(?:S|#53)`
const reference = String.raw`\s*(\d{1,10})\s+\d{1,5}\s+R\b`

/** Numbers of the objects that the document runs: scripts, and forms with scripts in them (XFA). */
function scriptNumbers(texts: PdfTexts, budget: Budget): ReadonlySet<number> {
  const numbers = new Set<number>()
  for (const text of texts.all) {
    for (const match of text.matchAll(new RegExp(`(?:${scriptKey}|/XFA)${reference}`, 'gi'))) {
      if (budget.isOverTime() || numbers.size > budget.limits.members) return numbers
      numbers.add(Number(match[1]))
    }
    for (const [list] of text.matchAll(/\/XFA\s*\[[^\]]{0,20000}/g))
      for (const match of list.matchAll(/(\d{1,10})\s+\d{1,5}\s+R\b/g)) numbers.add(Number(match[1]))
  }
  // One that is nothing but a reference stands for the other.
  for (const number of [...numbers]) {
    const other = /^\s*(\d{1,10})\s+\d{1,5}\s+R\b/.exec(texts.object(number)?.slice(0, 100) ?? '')
    if (other !== null) numbers.add(Number(other[1]))
  }
  return numbers
}

/** Scripts that stand in the text of objects, and in objects that are named as scripts. */
function* scriptsOf(texts: PdfTexts, named: ReadonlySet<number>, budget: Budget): Generator<Member> {
  let index = 0
  for (const text of texts.all) {
    for (const match of text.matchAll(new RegExp(`${scriptKey}\\s*([(<])`, 'gi'))) {
      // One that has no end goes to the end of the text, and so do all behind it.
      if (budget.isOverTime()) return
      index += 1
      yield* scriptAt(text, match.index + match[0].length - 1, { index, budget })
    }
  }
  for (const number of named) {
    const text = texts.object(number) ?? ''
    const from = text.search(/\S/)
    if (budget.isOverTime()) return
    if (from === -1 || !'(<'.includes(text[from] ?? '-') || text[from + 1] === '<') continue
    index += 1
    yield* scriptAt(text, from, { index, budget })
  }
}

/** `from`: its bracket. */
function* scriptAt(
  text: string,
  from: number,
  { index, budget }: { index: number; budget: Budget },
): Generator<Member> {
  const most = budget.limits.scriptBytes
  const isLiteral = text[from] === '('
  const digits = isLiteral ? '' : text.slice(from + 1, from + 1 + most * 2)
  const bytes = isLiteral ? literal(text, from + 1) : hexBytes(Buffer.from(digits, 'latin1'))
  if (bytes.length === 0) return
  const member = { kind: 'content', name: Buffer.from(`script-${index}.js`), bytes: plainText(bytes) } as const
  const isCut = digits.length === most * 2 && !digits.includes('>')
  yield isCut ? { ...member, problem: 'too-big' } : member
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
function attachedNames(texts: PdfTexts, budget: Budget): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const text of texts.all) {
    for (const match of text.matchAll(/\/(?:E|#45)(?:F|#46)(?![\w.-])/g)) {
      if (names.size >= budget.limits.members || budget.isOverTime()) return names
      const around = unescaped(text.slice(Math.max(0, match.index - 1000), match.index + 1000))
      const name = /\/U?F\s*\(((?:[^()\\]|\\.){1,300})\)/.exec(around)?.[1]
      for (const number of filesIn(readValue(text, match.index + match[0].length), texts)) {
        const shown = name === undefined ? `object-${number}` : plainText(literal(`${name})`, 0)).toString('latin1')
        names.set(number, shown)
      }
    }
  }
  return names
}

const systems = ['F', 'UF', 'DOS', 'Mac', 'Unix']

/** The objects of one file, of which there may be one for each system. */
function filesIn(value: PdfValue | null, texts: PdfTexts): number[] {
  const object = value?.kind === 'reference' ? texts.object(value.number) : undefined
  const entry = object === undefined ? value : readValue(object, 0)
  if (entry?.kind !== 'dictionary') return []
  const files = systems.map((system) => entry.entries.get(system))
  return files.flatMap((file) => (file?.kind === 'reference' ? [file.number] : []))
}
