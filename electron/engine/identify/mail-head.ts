// Where the header of a mail begins, and whether it is one: mail programs read much that no standard knows, and so do those
// who hide things from scanners. Source: RFC 5322. Never reads a body.
import { withLineFeeds } from './line-ends.ts'

const headBytes = 256 * 1024
/** Blank lines, marks of an encoding and zeros before the first line. */
const passed = /^(?:\xef\xbb\xbf|[\0\r\n])*/
/** The line that stands before each mail of a mailbox, also as programs write it that moved the mail from one to another. */
const boxLine = /^>?From [^\n]*\n/
const field = /^([A-Za-z][\w-]{0,60})[ \t]*:/
/** One of these alone is enough: nothing else has them. */
const certain =
  /^(?:received|message-id|mime-version|return-path|delivered-to|content-transfer-encoding)[ \t]*:|^content-type[ \t]*:\s*"?multipart\//im
const usual: ReadonlySet<string> = new Set([
  ...['from', 'to', 'cc', 'bcc', 'subject', 'date', 'sender', 'reply-to', 'in-reply-to', 'references', 'content-type'],
  ...['content-disposition', 'x-mailer', 'user-agent', 'x-priority', 'list-id', 'organization', 'importance', 'status'],
])

/** Where the first line of the header stands, behind what does not belong to it. */
export function mailHeaderAt(bytes: Buffer): number {
  return startOf(inLines(bytes)).at
}

/** True for what begins with the header lines of a mail: one that only mails have, two usual ones, or any in a mailbox. */
export function isMailHead(content: Buffer): boolean {
  const bytes = inLines(content)
  const { at, isBox } = startOf(bytes)
  const first = bytes.toString('latin1', at, at + 100)
  const [line, name = ''] = field.exec(first) ?? []
  if (line === undefined || !(usual.has(name.toLowerCase()) || /^\s/.test(first.slice(line.length)))) return false
  if (isBox) return true
  const end = endOfHead(bytes, at)
  const head = bytes.toString('latin1', at, end)
  return certain.test(head) || usualNames(head) > 1
}

function inLines(bytes: Buffer): Buffer {
  return withLineFeeds(bytes.subarray(0, 2 * headBytes))
}

function startOf(bytes: Buffer): { readonly at: number; readonly isBox: boolean } {
  let at = 0
  let isBox = false
  for (;;) {
    const text = bytes.toString('latin1', at, at + 1024)
    const skipped = passed.exec(text)?.[0].length ?? 0
    const line = boxLine.exec(text.slice(skipped))?.[0].length ?? 0
    if (skipped + line === 0 || at > headBytes) return { at, isBox }
    if (line > 0 && text[skipped] === 'F') isBox = true
    at += skipped + line
  }
}

/** Up to the first empty line. */
function endOfHead(bytes: Buffer, at: number): number {
  const most = Math.min(bytes.length, at + headBytes)
  const head = bytes.subarray(at, most)
  const ends = [head.indexOf('\n\n'), head.indexOf('\n\r\n')].filter((end) => end !== -1)
  return ends.length === 0 ? most : at + Math.min(...ends) + 1
}

function usualNames(head: string): number {
  const names = new Set<string>()
  for (const line of head.split('\n')) {
    const name = field.exec(line)?.[1]?.toLowerCase()
    if (name !== undefined && usual.has(name)) names.add(name)
    // The header ends with what is neither a field nor the rest of one.
    if (name === undefined && !/^[ \t\r\0]/.test(line)) break
  }
  return names.size
}
