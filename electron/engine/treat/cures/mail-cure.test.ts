import { describe, expect, it } from 'vitest'
import { mutated } from '../../fuzz/testing/mutate.ts'
import { createRandom } from '../../fuzz/testing/random.ts'
import { mailsOf } from '../../unpack/mail/mailboxes.ts'
import { mimeParts } from '../../unpack/mail/mime.ts'
import { cureInput } from '../testing/cure-input.ts'
import { type MadeMail, type MadePart, makeMail, makeMailbox, partText, textPart } from '../testing/mails.ts'
import { mailCure } from './mail-cure.ts'

const bad: MadePart = { name: 'evil.exe', content: Buffer.alloc(900, 'bad ') }
const good: MadePart = { name: 'good.txt', content: Buffer.alloc(700, 'good ') }

const cureOf = (bytes: Buffer, ...members: string[][]) => mailCure.cure(cureInput(bytes, { members }))
function cured(bytes: Buffer, ...members: string[][]): string {
  const result = cureOf(bytes, ...members)
  if (result.kind !== 'cured') throw new Error(result.reason)
  return result.bytes.toString('latin1')
}
const reason = (bytes: Buffer, ...members: string[][]): string => {
  const result = cureOf(bytes, ...members)
  return result.kind === 'cured' ? result.kind : result.reason
}

const notice = (eol: string, name = 'evil.exe'): string =>
  [
    'Kaspersky removed a part of this message on 2026-03-01, because it was infected.',
    'Threat: Test.Threat',
    `Removed: "${name}"`,
    'The message as it was is kept in Quarantine.',
  ].join(eol)
const fields = (eol: string): string =>
  [
    'Content-Type: text/plain; charset=us-ascii',
    'Content-Transfer-Encoding: 7bit',
    'Content-Disposition: inline',
    '',
  ].join(eol)

describe('a mail', () => {
  it.each(['\n', '\r\n', '\r'] as const)(
    'has a notice in the place of a bad part and is otherwise the same; line ends %j',
    (eol) => {
      const mail: MadeMail = { parts: [textPart, bad, good], eol }
      const before = makeMail(mail).toString('latin1')
      const part = partText(bad, eol)
      expect(cured(makeMail(mail), ['evil.exe'])).toBe(before.replace(part, `${fields(eol)}${eol}${notice(eol)}${eol}`))
    },
  )

  it('keeps header fields of the part that are not about its content', () => {
    const mail = makeMail({
      parts: [textPart, { ...bad, fields: ['X-Own: a', ' b', 'Content-ID: <1>'].map((one) => one) }],
    })
    const out = cured(mail, ['evil.exe'])
    expect(out).toContain('X-Own: a\r\n b\r\nContent-Type: text/plain')
    expect(out).not.toContain('Content-ID')
  })

  it('that is an attachment itself keeps who sent it, and when', () => {
    const head = 'Return-Path: <a@b>\nSubject: hello\nMIME-Version: 1.0\n'
    const mail = Buffer.from(`${head}${partText(bad, '\n')}`)
    expect(cured(mail, ['evil.exe'])).toBe(`${head}${fields('\n')}\n${notice('\n')}\n`)
  })

  it('loses a file in uuencode and a loose block of base64 out of its text, and nothing else of it', () => {
    const uu = 'begin 644 evil.exe\n#0V%T\n`\nend'
    const head = 'Return-Path: <a@b>\nMessage-ID: <1>\n\nbefore\n'
    const cut = cured(Buffer.from(`${head}${uu}\nafter\n`), ['evil.exe'])
    expect(cut).toBe(`${head}${notice('\n')}\nend\nafter\n`)
    const block = `${'QUJD'.repeat(19)}\n`.repeat(3)
    expect(cured(Buffer.from(`${head}${block}and after\n`), ['part-1-block-1'])).toBe(
      `${head}${notice('\n', 'part-1-block-1')}\nand after\n`,
    )
  })

  it('tells the threat and the name in plain letters, on one line each', () => {
    const name = 'a\u00e9\u202e"b'
    const mail = makeMail({
      parts: [textPart, { ...bad, name: '=?utf-8?Q?evil=0A=0AFrom_x.exe?=' }],
    })
    expect(cured(mail, ['evil\\x0a\\x0aFrom x.exe'])).toContain('Removed: "evil\\x0a\\x0aFrom x.exe"')
    const result = mailCure.cure(cureInput(makeMail({ parts: [bad] }), { members: [['evil.exe']], threat: name }))
    expect(result.kind === 'cured' && result.bytes.toString('latin1')).toContain('Threat: a???b\r\n')
  })

  it('is not rewritten when it is signed or encrypted, by whatever means', () => {
    const parts = [textPart, bad]
    for (const type of ['multipart/signed', 'multipart/encrypted'])
      expect(reason(makeMail({ parts, type }), ['evil.exe'])).toBe('signed')
    for (const type of ['application/pkcs7-mime', 'application/x-pkcs7-signature', 'application/pgp-encrypted'])
      expect(reason(makeMail({ parts: [...parts, { type, content: Buffer.from('x') }] }), ['evil.exe'])).toBe('signed')
    const inline = { ...textPart, content: Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----\nHello') }
    expect(reason(makeMail({ parts: [inline, bad] }), ['evil.exe'])).toBe('signed')
  })

  it('is not rewritten when nobody can say which part is bad, or when others are inside of it', () => {
    expect(reason(makeMail({ parts: [bad, { ...good, name: 'evil.exe' }] }), ['evil.exe'])).toBe('ambiguous-name')
    expect(reason(makeMail({ parts: [good] }), ['evil.exe'])).toBe('unknown-part')
    expect(reason(makeMail({ parts: [good] }), [])).toBe('bad-itself')
    const inner = makeMail({ parts: [bad], boundary: 'b2' })
    const forwarded = makeMail({ parts: [{ name: 'x.eml', type: 'message/rfc822', encoding: '8bit', content: inner }] })
    expect(reason(forwarded, ['x.eml'])).toBe('around-others')
    expect(cured(forwarded, ['evil.exe'])).toContain('--b2\r\nContent-Type: text/plain')
    const quoted =
      'Return-Path: <a@b>\nMIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\nbegin 644 e\n#0V%T\n`\nend\n'
    expect(reason(Buffer.from(quoted), ['e'])).toBe('inside-a-text')
  })
})

describe('a mailbox', () => {
  const mails = [
    makeMail({ parts: [textPart, bad], subject: 'one', eol: '\n' }),
    makeMail({ parts: [textPart, good], subject: 'two', eol: '\n' }),
    makeMail({ parts: [textPart, bad, good], subject: 'three', eol: '\n', fields: ['Content-Length: 5000'] }),
  ]
  const box = makeMailbox(mails)

  it('changes only in the mails that are concerned, each byte of the others stays', () => {
    const out = cured(box, ['3.eml', 'evil.exe'])
    const before = mails.map((mail) => mail.toString('latin1'))
    const [one = '', two = '', three = ''] = [...mailsOf(Buffer.from(out, 'latin1'))].map((mail) =>
      mail.toString('latin1'),
    )
    expect([one, two]).toEqual(
      before.slice(0, 2).map((mail) => `From anna@example.org Mon Jan  5 10:00:00 2026\n${mail}\n`),
    )
    expect(three).toContain(`${fields('\n')}\n${notice('\n')}\n\n--b1\n${partText(good, '\n')}`)
    // What a mail says of its own length is still true.
    const length = /Content-Length: (\d+)/.exec(three)?.[1]
    expect(Number(length) - 5000).toBe(out.length - box.length)
    expect(length).toHaveLength(4)
  })

  it('of lines that end with a carriage return alone stays one', () => {
    const old = Buffer.from(box.toString('latin1').replaceAll('\n', '\r'), 'latin1')
    const out = cured(old, ['3.eml', 'evil.exe'])
    expect(out).toBe(cured(box, ['3.eml', 'evil.exe']).replaceAll('\n', '\r'))
    expect([...mailsOf(Buffer.from(out, 'latin1'))]).toHaveLength(3)
  })

  it('loses the whole text of a mail that is bad itself, but not who sent it', () => {
    const out = cured(box, ['1.eml'], ['3.eml', 'evil.exe'])
    const [first = ''] = [...mailsOf(Buffer.from(out, 'latin1'))].map((mail) => mail.toString('latin1'))
    expect(first).toContain(`Subject: one\nMIME-Version: 1.0\n${fields('\n')}\n${notice('\n', 'the message')}\n\n`)
    expect(out.match(/^From anna/gm)).toHaveLength(3)
  })

  it('stays as many mails when one of them is nothing but a line', () => {
    const empty = Buffer.concat([Buffer.from('From a\n\n'), box])
    const out = cured(empty, ['1.eml'], ['2.eml', 'evil.exe'])
    expect([...mailsOf(Buffer.from(out, 'latin1'))]).toHaveLength(4)
  })

  it('is not changed at all when one of the bad mails cannot be', () => {
    const signed = makeMail({ parts: [textPart, bad], type: 'multipart/signed', eol: '\n' })
    expect(reason(makeMailbox([...mails, signed]), ['1.eml', 'evil.exe'], ['4.eml', 'evil.exe'])).toBe('signed')
    expect(reason(box, ['9.eml', 'evil.exe'])).toBe('unknown-mail')
    expect(reason(box, [])).toBe('unknown-mail')
  })
})

describe('random mails', () => {
  it('keep every part but the bad ones, byte for byte (fixed seeds)', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = createRandom('mail-cure', seed)
      const eol = random.pick(['\n', '\r\n'] as const)
      const parts = Array.from({ length: 1 + random.below(6) }, (_, index): MadePart => {
        const encoding = random.pick(['base64', '8bit'] as const)
        const content =
          encoding === 'base64' ? random.bytes(random.below(300)) : Buffer.alloc(random.below(300), 'text ')
        return { name: `m${index}`, content, encoding, type: random.pick(['a/b', 'text/plain', 'text/html']) }
      })
      const names = parts.map(({ name }) => name ?? '').filter((_, index) => index === 0 || random.oneIn(2))
      const mail = makeMail({ parts, eol })
      // A part without content is no member: nothing can be bad in it.
      const members = names.filter((name) => parts.find((part) => part.name === name)?.content.length !== 0)
      if (members.length === 0) continue
      const out = Buffer.from(cured(mail, ...members.map((name) => [name])), 'latin1')
      const rest = [...mimeParts(out)].map(({ headerAt, end }) => out.toString('latin1', headerAt, end))
      expect(rest).toHaveLength(parts.length + 2)
      for (const [index, part] of parts.entries()) {
        const isBad = members.includes(part.name ?? '')
        const text = isBad ? `${fields(eol)}${eol}${notice(eol, part.name)}${eol}` : partText(part, eol)
        expect(rest[index + 1]?.replace(/(?:\r?\n)+$/, ''), `seed ${seed}`).toBe(text.replace(/(?:\r?\n)+$/, ''))
      }
    }
  })

  it('never make the cure throw, whatever was changed in them (fixed seeds)', () => {
    const mail = makeMail({ parts: [textPart, bad, good] })
    const box = makeMailbox([mail, mail])
    const stock = {
      tokens: ['--b1', '\n\nFrom ', 'Content-Type: ', 'begin 644 a\n'].map((word) => Buffer.from(word)),
      others: [box],
      mostBytes: 20_000,
    }
    let cures = 0
    for (let seed = 1; seed <= 2000; seed += 1) {
      const random = createRandom('mail-mutated', seed)
      const isBox = random.oneIn(2)
      const result = cureOf(mutated(isBox ? box : mail, random, stock), isBox ? ['2.eml', 'evil.exe'] : ['evil.exe'])
      if (result.kind === 'cured') cures += 1
    }
    expect(cures).toBeGreaterThan(200)
  })
})
