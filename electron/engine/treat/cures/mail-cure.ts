// Takes bad parts out of mails: a notice stands in the place of each, every other byte stays. Of a mailbox only the mails that are
// concerned change. Signed and encrypted mails are never rewritten, and nothing is where a part cannot be told for certain.
import type { Finding } from '#shared/domain/object-report.ts'
import { memberName } from '../../files/path-text.ts'
import { mailboxKind } from '../../identify/mail-box.ts'
import { limitsWith } from '../../limits/limits.ts'
import { Budget } from '../../unpack/budget.ts'
import { isEncrypted, membersOf, type PlacedMember } from '../../unpack/mail/mail.ts'
import { mailsOf } from '../../unpack/mail/mailboxes.ts'
import { type MimePart, mimeParts } from '../../unpack/mail/mime.ts'
import type { Cure, CureInput, CureResult } from './cure.ts'
import { type Edit, lineEndOf, noticeEdit, partEdit, withEdits, withGap, withLength } from './mail-edit.ts'

export const mailCure: Cure = {
  applies: ({ container }) => container?.format === 'mail',
  cure: (input) => {
    try {
      return cured(input)
    } catch (error) {
      if (error instanceof MailRefused) return { kind: 'no-cure', reason: error.message }
      throw error
    }
  },
}

class MailRefused extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'MailRefused'
  }
}

/** What is bad in one mail: names of members; an empty one stands for the mail as a whole. */
type BadParts = ReadonlyMap<string, readonly string[]>

function cured({ bytes, object, now }: CureInput): CureResult {
  // Only of an mbox it is known what has to change around a mail.
  if (mailboxKind(bytes) !== null) throw new MailRefused('other-mailbox')
  const mails = [...mailsOf(bytes)]
  const budget = new Budget(limitsWith())
  const [alone] = mails
  if (mails.length === 1 && alone !== undefined) {
    const bad = badParts(object.findings, 0)
    if (bad.has('')) throw new MailRefused('bad-itself')
    return { kind: 'cured', bytes: curedMail(alone, bad, { now, budget }), companions: Number.POSITIVE_INFINITY }
  }
  const byMail = new Map<string, Finding[]>()
  for (const finding of object.findings) {
    const [mail = ''] = finding.member
    byMail.set(mail, [...(byMail.get(mail) ?? []), finding])
  }
  const pieces = mails.map((mail, index) => {
    const findings = byMail.get(`${index + 1}.eml`)
    if (findings === undefined) return mail
    byMail.delete(`${index + 1}.eml`)
    return withGap(curedMail(mail, badParts(findings, 1), { now, budget }), mail)
  })
  if (byMail.size > 0) throw new MailRefused('unknown-mail')
  return { kind: 'cured', bytes: Buffer.concat(pieces), companions: Number.POSITIVE_INFINITY }
}

function badParts(findings: readonly Finding[], depth: number): BadParts {
  const bad = new Map<string, string[]>()
  for (const { member, threat } of findings) {
    const name = member[depth] ?? ''
    bad.set(name, [...new Set([...(bad.get(name) ?? []), threat])])
  }
  return bad
}

interface MailTools {
  readonly now: Date
  readonly budget: Budget
}

function curedMail(mail: Buffer, bad: BadParts, { now, budget }: MailTools): Buffer {
  const parts = [...mimeParts(mail)]
  const [first] = parts
  if (first === undefined || parts.length > budget.limits.members) throw new MailRefused('too-many-parts')
  if (isSealed(mail, parts)) throw new MailRefused('signed')
  const eol = lineEndOf(mail)
  const whole = bad.get('')
  // The mail is bad as a whole: nothing of it stays but who sent it, and when.
  if (whole !== undefined) {
    const notice = { threats: whole, name: 'the message', now }
    return withEdits(mail, [partEdit(mail, { ...first, end: mail.length }, { notice, eol })])
  }
  const places = placesOf(mail, { parts, names: new Set(bad.keys()), budget })
  const edits = [...bad].map(([name, threats]): Edit => {
    const [place, namesake] = places.get(name) ?? []
    if (place === undefined) throw new MailRefused('unknown-part')
    // Which of several is bad nobody can tell.
    if (namesake !== undefined) throw new MailRefused('ambiguous-name')
    const notice = { threats, name, now }
    if (place.piece === 'decoded') throw new MailRefused('inside-a-text')
    if (place.piece !== undefined) return noticeEdit(mail, place.piece, { notice, eol })
    if (isAround(mail, place.part)) throw new MailRefused('around-others')
    return partEdit(mail, place.part, { notice, eol })
  })
  return withLength(withEdits(mail, edits), mail, first)
}

/** A text with the words of a signature in it is taken for a signed one too. */
function isSealed(mail: Buffer, parts: readonly MimePart[]): boolean {
  const isSigned = (type: string): boolean =>
    type === 'multipart/signed' || /^application\/(?:x-)?(?:pkcs7|pgp)-/.test(type)
  return parts.some(({ type }) => isSigned(type) || isEncrypted(type)) || mail.includes('-----BEGIN PGP ')
}

type Place = Pick<PlacedMember, 'part' | 'piece'>

interface Wanted {
  readonly parts: readonly MimePart[]
  readonly names: ReadonlySet<string>
  readonly budget: Budget
}

/** Where the members of these names come from. */
function placesOf(mail: Buffer, { parts, names, budget }: Wanted): Map<string, Place[]> {
  const places = new Map<string, Place[]>()
  for (const [index, part] of parts.entries()) {
    for (const { member, piece } of membersOf({ bytes: mail, budget }, part, index + 1)) {
      const name = memberName(member.name)
      if (names.has(name)) places.set(name, [...(places.get(name) ?? []), { part, piece }])
    }
    if (budget.isOverTime()) throw new MailRefused('time')
  }
  return places
}

/** A part that has others in it: they would hang in the air. */
function isAround(mail: Buffer, { type, bodyAt, end }: MimePart): boolean {
  if (type.startsWith('multipart/')) return true
  return (
    type.startsWith('message/') && /^content-type[ \t]*:[ \t]*multipart\//im.test(mail.toString('latin1', bodyAt, end))
  )
}
