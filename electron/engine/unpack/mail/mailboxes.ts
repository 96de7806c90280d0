// Finds the mails in mailboxes: mbox, MMDF, the one of UW-IMAP (mbx), the one of Emacs (Babyl), and in the files of Apple Mail.
// Of an mbox the pieces are all of it, in their order, so that it can be put together again. Never looks into a mail.
import { withLineFeeds } from '../../identify/line-ends.ts'
import { type MailboxKind, mailboxKind } from '../../identify/mail-box.ts'

/** One mail; `isCut`: it says that it is longer. */
export interface BoxedMail {
  readonly bytes: Buffer
  readonly isCut?: true
}

/** The mails of a mailbox of any kind; for a mail alone the very bytes. */
export function mailsIn(bytes: Buffer): Iterable<BoxedMail> {
  const kind = mailboxKind(bytes)
  return kind === null ? withoutFacts(mailsOf(bytes)) : splitters[kind](bytes)
}

/** The mails of an mbox, each with its `From ` line; for a mail alone the very bytes. */
export function* mailsOf(box: Buffer): Generator<Buffer> {
  const bytes = withLineFeeds(box)
  let start = 0
  const isBox = bytes.toString('latin1', 0, 5) === 'From '
  for (let at = isBox ? bytes.indexOf('\nFrom ') : -1; at !== -1; at = bytes.indexOf('\nFrom ', at + 1)) {
    // After an empty line; others are quoted by careful programs and a sentence in the mail for the rest.
    if (bytes[at - 1] !== 0x0a && (bytes[at - 1] !== 0x0d || bytes[at - 2] !== 0x0a)) continue
    yield box.subarray(start, at + 1)
    start = at + 1
  }
  yield start === 0 ? box : box.subarray(start)
}

const splitters: Readonly<Record<MailboxKind, (bytes: Buffer) => Iterable<BoxedMail>>> = {
  mmdf: (bytes) => withoutFacts(between(bytes, Buffer.from('\x01\x01\x01\x01'))),
  mbx: mailsOfMbx,
  babyl: mailsOfBabyl,
  emlx: mailOfEmlx,
}

function* withoutFacts(mails: Iterable<Buffer>): Generator<BoxedMail> {
  for (const bytes of mails) yield { bytes }
}

/** What lies between the marks and is more than line ends. */
function* between(bytes: Buffer, mark: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; ) {
    const at = bytes.indexOf(mark, from)
    const end = at === -1 ? bytes.length : at
    const start = skipLineEnds(bytes, from, end)
    if (start < end) yield bytes.subarray(start, end)
    from = end + mark.length
  }
}

function skipLineEnds(bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && (bytes[at] === 0x0a || bytes[at] === 0x0d)) at += 1
  return at
}

const mbxHead = 4096
/** When it came, how long it is, and marks of the program. */
const mbxLine = /^[ \d]\d-[A-Za-z]{3}-\d{4} [^,\n]{1,40},(\d{1,12});[^\n]{0,100}\n/
const mbxFirst = /\n(?=[ \d]\d-[A-Za-z]{3}-\d{4} [^,\n]{1,40},\d{1,12};)/

function* mailsOfMbx(bytes: Buffer): Generator<BoxedMail> {
  const first = mbxFirst.exec(bytes.toString('latin1', 0, mbxHead))
  let at = first === null ? 0 : first.index + 1
  while (at < bytes.length) {
    const [line, length = ''] = mbxLine.exec(bytes.toString('latin1', at, at + 256)) ?? []
    // Damaged, or empty: whatever is there may be a mail all the same.
    if (line === undefined) {
      const rest = bytes.subarray(skipLineEnds(bytes, at, bytes.length))
      if (first !== null && rest.length > 0) yield { bytes: rest, isCut: true }
      return
    }
    const from = at + line.length
    at = from + Number(length)
    const mail = bytes.subarray(from, at)
    yield at > bytes.length ? { bytes: mail, isCut: true } : { bytes: mail }
  }
}

const visible = Buffer.from('*** EOOH ***')

/** Behind each mark a line of labels, then the header as it came, then the one that is shown, and the text. */
function* mailsOfBabyl(bytes: Buffer): Generator<BoxedMail> {
  const end = Buffer.from([0x1f])
  let isFirst = true
  for (const piece of between(bytes, end)) {
    // The settings of the program.
    if (isFirst) isFirst = false
    else if (piece.length > 1) yield { bytes: ofBabyl(piece.subarray(piece[0] === 0x0c ? 1 : 0)) }
  }
}

function ofBabyl(piece: Buffer): Buffer {
  const labels = endOfLine(piece, skipLineEnds(piece, 0, piece.length))
  const mark = piece.indexOf(visible)
  if (mark === -1) return piece.subarray(labels)
  const shown = piece.subarray(endOfLine(piece, mark))
  const original = piece.subarray(labels, mark)
  if (original.toString('latin1', 0, 1024).trim() === '') return shown
  const blank = /\n\r?\n/.exec(shown.toString('latin1', 0, shownHeader))
  const text = blank === null ? shown : shown.subarray(blank.index + blank[0].length)
  return Buffer.concat([original, text])
}

const shownHeader = 256 * 1024

function endOfLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(0x0a, from)
  return end === -1 ? bytes.length : end + 1
}

/** A line with the length, the mail, and facts about it in XML. */
function* mailOfEmlx(bytes: Buffer): Generator<BoxedMail> {
  const from = endOfLine(bytes, 0)
  const end = from + Number.parseInt(bytes.toString('latin1', 0, from), 10)
  const mail = bytes.subarray(from, end)
  yield end > bytes.length ? { bytes: mail, isCut: true } : { bytes: mail }
}
