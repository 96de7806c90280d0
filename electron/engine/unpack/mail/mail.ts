// Opens mails and mailboxes: every part that has a content of its own is a member, decoded; so is every file in uuencode and
// every block of base64 in a text. Reads mails the way careless mail programs do, for so do those who hide things in them.
// Never trusts what a part says of itself further than to decode it.
import type { Format } from '../../identify/identify.ts'
import type { Member, Unpacker, UnpackInput } from '../unpacker.ts'
import { base64Blocks } from './base64-blocks.ts'
import { type MimePart, mimeParts } from './mime.ts'
import { decodeBase64, decodeQuotedPrintable, uuFiles } from './transfer-encodings.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['mail'])

export const mailUnpacker: Unpacker = {
  formats,
  unpack: async function* (input) {
    let at = 0
    for (const bytes of mailsOf(input.bytes)) {
      if (bytes === input.bytes) return yield* partsOf(input)
      at += 1
      yield { kind: 'content', name: Buffer.from(`${at}.eml`), bytes }
    }
  },
}

/** The mails of a mailbox, each with its `From ` line; for a mail alone the very bytes. */
function* mailsOf(bytes: Buffer): Generator<Buffer> {
  let start = 0
  const isBox = bytes.toString('latin1', 0, 5) === 'From '
  for (let at = isBox ? bytes.indexOf('\nFrom ') : -1; at !== -1; at = bytes.indexOf('\nFrom ', at + 1)) {
    // After an empty line; others are quoted by careful programs and a sentence in the mail for the rest.
    if (bytes[at - 1] !== 0x0a && (bytes[at - 1] !== 0x0d || bytes[at - 2] !== 0x0a)) continue
    yield bytes.subarray(start, at + 1)
    start = at + 1
  }
  yield start === 0 ? bytes : bytes.subarray(start)
}

function* partsOf({ bytes, budget }: UnpackInput): Generator<Member> {
  let index = 0
  for (const part of mimeParts(bytes)) {
    index += 1
    if (isEncrypted(part.type)) yield { kind: 'problem', reason: 'encrypted' }
    // One part with tens of thousands of others is no mail that anybody reads.
    if (index > budget.limits.members) return yield { kind: 'problem', reason: 'member-count' }
    yield* membersOf({ bytes, budget }, part, index)
    if (budget.isOverTime()) return yield { kind: 'problem', reason: 'time-limit' }
  }
}

function* membersOf(
  { bytes, budget }: Pick<UnpackInput, 'bytes' | 'budget'>,
  part: MimePart,
  index: number,
): Generator<Member> {
  const body = bytes.subarray(part.bodyAt, part.end)
  const name = Buffer.from(part.name ?? `part-${index}${endingFor(part.type)}`, 'latin1')
  if (part.encoding === 'base64') return yield { kind: 'content', name, bytes: decodeBase64(body) }
  const isPlain = part.encoding !== 'quoted-printable'
  const text = isPlain ? body : decodeQuotedPrintable(body)
  let files = 0
  for (const file of uuFiles(text, budget)) {
    files += 1
    if (file.isComplete) yield { kind: 'content', name: file.name, bytes: file.bytes }
    else yield { kind: 'content', name: file.name, bytes: file.bytes, problem: 'truncated' }
  }
  if (files === 0) yield* looseBlocks(text, index)
  // The text of a mail is looked at in the mail itself; what was decoded, named or is a page is looked at on its own.
  const isOwn = !isPlain || part.name !== null || part.type === 'text/html'
  if (isOwn && !part.type.startsWith('multipart/') && text.length > 0) yield { kind: 'content', name, bytes: text }
}

/** Base64 that no header announces. */
function* looseBlocks(text: Buffer, index: number): Generator<Member> {
  let block = 0
  for (const lines of base64Blocks(text)) {
    block += 1
    const name = Buffer.from(`part-${index}-block-${block}`)
    yield { kind: 'content', name, bytes: decodeBase64(lines) }
  }
}

function isEncrypted(type: string): boolean {
  return type === 'multipart/encrypted' || type === 'application/pkcs7-mime' || type === 'application/x-pkcs7-mime'
}

function endingFor(type: string): string {
  if (type === 'text/html') return '.html'
  if (type === 'message/rfc822') return '.eml'
  return type.startsWith('text/') ? '.txt' : ''
}
