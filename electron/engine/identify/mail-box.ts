// Tells which files hold mails in a form of their own around them: mailboxes of programs other than mbox, and the single mails
// of Apple Mail. Told by their first lines. Never reads a mail.
import { isMailHead } from './mail-head.ts'

export type MailboxKind = 'mmdf' | 'mbx' | 'babyl' | 'emlx'

const marks: readonly (readonly [kind: MailboxKind, mark: string])[] = [
  ['mmdf', '\x01\x01\x01\x01\n'],
  ['mmdf', '\x01\x01\x01\x01\r\n'],
  ['mbx', '*mbx*\r\n'],
  ['babyl', 'BABYL OPTIONS:'],
]
/** How many bytes the mail behind it has. */
const lengthLine = /^\d{1,12}[ \t]*\r?\n/
const headBytes = 64

/** Null for anything else, for a mail and for a mailbox (mbox) too. */
export function mailboxKind(bytes: Buffer): MailboxKind | null {
  const head = bytes.toString('latin1', 0, headBytes)
  const kind = marks.find(([, mark]) => head.startsWith(mark))?.[0]
  if (kind !== undefined) return kind
  const line = lengthLine.exec(head)?.[0]
  return line !== undefined && isMailHead(bytes.subarray(line.length)) ? 'emlx' : null
}
