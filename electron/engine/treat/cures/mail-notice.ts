// The text that stands in a mail where something bad was. Plain ASCII whatever the bad thing was called, and no line of it can be
// taken for a boundary or for the beginning of another mail.
import { brand } from '#shared/brand.ts'

export interface MailNotice {
  readonly threats: readonly string[]
  /** Of what was removed. */
  readonly name: string
  readonly now: Date
}

/** Header fields that say what the notice is. */
export const noticeFields: readonly string[] = [
  'Content-Type: text/plain; charset=us-ascii',
  'Content-Transfer-Encoding: 7bit',
  'Content-Disposition: inline',
]

/** Without a line end behind the last line. */
export function noticeLines({ threats, name, now }: MailNotice): string[] {
  return [
    `${brand.app} removed a part of this message on ${now.toISOString().slice(0, 10)}, because it was infected.`,
    `Threat: ${threats.map(plain).join(', ').slice(0, 400)}`,
    `Removed: "${plain(name)}"`,
    'The message as it was is kept in Quarantine.',
  ]
}

function plain(text: string): string {
  const ascii = text.replace(/[^\x20-\x7e]|"/g, '?')
  return ascii.length > 120 ? `${ascii.slice(0, 117)}...` : ascii
}
