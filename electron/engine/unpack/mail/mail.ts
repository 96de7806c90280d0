// Opens mails and mailboxes: every part that has a content of its own is a member, decoded; so is every file in uuencode and
// every block of base64 in a text. Reads mails the way careless mail programs do, for so do those who hide things in them.
// Never trusts what a part says of itself further than to decode it.
import type { Format } from '../../identify/identify.ts'
import { withLineFeeds } from '../../identify/line-ends.ts'
import { holdsArmor } from '../../identify/locked.ts'
import { pkcs7Kind } from '../../identify/pkcs7-head.ts'
import type { Member, Unpacker, UnpackInput } from '../unpacker.ts'
import { base64Blocks } from './base64-blocks.ts'
import { mailsIn } from './mailboxes.ts'
import { type MimePart, mimeParts } from './mime.ts'
import { decodeBase64, decodeQuotedPrintable, uuFiles } from './transfer-encodings.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['mail'])

export const mailUnpacker: Unpacker = {
  formats,
  unpack: async function* (input) {
    let at = 0
    for (const { bytes, isCut } of mailsIn(input.bytes)) {
      if (bytes === input.bytes) return yield* partsOf(input)
      at += 1
      const mail = { kind: 'content', name: Buffer.from(`${at}.eml`), bytes } as const
      yield isCut ? { ...mail, problem: 'truncated' } : mail
    }
  },
}

/** A member of one mail, and what of the mail it comes from. */
export interface PlacedMember {
  readonly member: Extract<Member, { readonly kind: 'content' }>
  readonly part: MimePart
  /** Only these bytes of the mail; `decoded`: a piece of a text that had to be decoded first. Absent: the part as a whole. */
  readonly piece?: { readonly from: number; readonly to: number } | 'decoded' | undefined
}

function* partsOf({ bytes, budget }: UnpackInput): Generator<Member> {
  let index = 0
  for (const part of mimeParts(bytes, () => budget.isOverTime())) {
    index += 1
    if (isLockedPart(bytes, part)) yield { kind: 'problem', reason: 'encrypted' }
    // One part with tens of thousands of others is no mail that anybody reads.
    if (index > budget.limits.members) return yield { kind: 'problem', reason: 'member-count' }
    for (const { member } of membersOf({ bytes, budget }, part, index)) yield member
    if (part.isCut) yield { kind: 'problem', reason: 'truncated' }
    if (budget.isOverTime()) return yield { kind: 'problem', reason: 'time-limit' }
  }
}

/** The members of one part. `index`: of the part in its mail, from 1 on. */
export function* membersOf(
  { bytes, budget }: Pick<UnpackInput, 'bytes' | 'budget'>,
  part: MimePart,
  index: number,
): Generator<PlacedMember> {
  const body = bytes.subarray(part.bodyAt, part.end)
  const name = Buffer.from(part.name ?? `part-${index}${endingFor(part.type)}`, 'latin1')
  if (part.encoding === 'base64') return yield { member: { kind: 'content', name, bytes: decodeBase64(body) }, part }
  const isPlain = part.encoding !== 'quoted-printable'
  const text = isPlain ? body : decodeQuotedPrintable(body)
  const placed = (from: number, to: number): PlacedMember['piece'] =>
    isPlain ? { from: part.bodyAt + from, to: part.bodyAt + to } : 'decoded'
  const lines = withLineFeeds(text)
  let files = 0
  for (const { name: file, bytes: content, isComplete, from, to } of uuFiles(lines, budget)) {
    files += 1
    const member = { kind: 'content', name: file, bytes: content } as const
    yield { member: isComplete ? member : { ...member, problem: 'truncated' }, part, piece: placed(from, to) }
  }
  if (files === 0) yield* looseBlocks(lines, { part, index, placed })
  // The text of a mail is looked at in the mail itself; what was decoded, named or is a page is looked at on its own.
  const isOwn = !isPlain || part.name !== null || part.type === 'text/html' || isEncrypted(part.type)
  if (isOwn && !part.type.startsWith('multipart/') && text.length > 0)
    yield { member: { kind: 'content', name, bytes: text }, part }
}

/** Base64 that no header announces. */
function* looseBlocks(
  text: Buffer,
  given: {
    readonly part: MimePart
    readonly index: number
    readonly placed: (from: number, to: number) => PlacedMember['piece']
  },
): Generator<PlacedMember> {
  let block = 0
  for (const lines of base64Blocks(text)) {
    block += 1
    const from = lines.byteOffset - text.byteOffset
    const piece = given.placed(from, from + lines.length)
    const name = Buffer.from(`part-${given.index}-block-${block}`)
    yield { member: { kind: 'content', name, bytes: decodeBase64(lines) }, part: given.part, piece }
  }
}

/** True when nothing will come out of it, or only in part. What is a message of PKCS #7 says itself whether it is locked. */
function isLockedPart(bytes: Buffer, part: MimePart): boolean {
  const body = bytes.subarray(part.bodyAt, part.end)
  if (!isEncrypted(part.type)) return part.encoding !== 'base64' && holdsArmor(withLineFeeds(body))
  if (part.type.startsWith('multipart/')) return true
  const head = body.subarray(0, 1024)
  return pkcs7Kind(part.encoding === 'base64' ? decodeBase64(head) : head) === null
}

/** By the type of a part: it may be. */
export function isEncrypted(type: string): boolean {
  return type === 'multipart/encrypted' || type === 'application/pkcs7-mime' || type === 'application/x-pkcs7-mime'
}

function endingFor(type: string): string {
  if (type === 'text/html') return '.html'
  if (type === 'message/rfc822') return '.eml'
  return type.startsWith('text/') ? '.txt' : ''
}
