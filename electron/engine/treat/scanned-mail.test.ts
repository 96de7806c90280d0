// Mails and mailboxes, from the scanner's report to what is left of them. A mailbox is changed only while nobody uses it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { infectedMarker } from '../detect/testing/lab.ts'
import { makeBabyl, makeMbx, makeMmdf } from '../unpack/mail/testing/mailboxes.ts'
import { makeZip } from '../unpack/testing/archives.ts'
import type { Rescan } from './context.ts'
import { type MadePart, makeMail, makeMailbox, textPart } from './testing/mails.ts'
import { type Act, createScannedLab } from './testing/scanned-lab.ts'

const scanned = createScannedLab()
const { act } = scanned
beforeAll(() => scanned.begin())
afterEach(() => scanned.afterEach())
afterAll(() => scanned.dispose())

const bad: MadePart = { name: 'invoice.exe', content: infectedMarker }
const badZip: MadePart = {
  name: 'invoice.zip',
  content: makeZip([
    { name: 'good.txt', data: Buffer.from('a good letter') },
    { name: 'bad.bin', data: infectedMarker },
  ]),
}
const good: MadePart = { name: 'good.txt', content: Buffer.from('a good attachment') }
const automatic = [
  {},
  { archives: 'delete' },
  { disinfect: false },
  { disinfect: false, archives: 'delete' },
] as const satisfies Act['settings'][]

/** A program that has opened the file. */
async function opening(file: string): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', 'exec 3<"$1"; echo open; read line', 'sh', file], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'data')
  return child
}

const seesNothing: Rescan = () => Promise.resolve({ findings: [], findingsComplete: true, coverage: { kind: 'full' } })

describe('a single mail', () => {
  it.each([
    ['an attachment', bad],
    ['an archive with something good in it', badZip],
  ])('loses %s that is bad and keeps everything else; a copy is in Quarantine', async (_, part) => {
    const { outcome, after, copies } = await act(makeMail({ parts: [textPart, part, good] }))
    expect(outcome).toMatchObject({ status: 'disinfected' })
    expect(copies).toBe(1)
    const text = after?.toString('latin1') ?? ''
    expect(text).toContain(good.content.toString('base64'))
    expect(text).toContain('Threat: RemoteProtection_Test_Infected')
    expect(text).not.toContain(part.content.toString('base64').slice(0, 40))
  })

  it('that is signed is kept, whatever the settings say, and deleted only for a person', async () => {
    const mail = makeMail({ parts: [textPart, bad], type: 'multipart/signed' })
    for (const settings of automatic) {
      const { outcome, after, copies } = await act(mail, { settings })
      expect(outcome).toEqual({ status: 'kept', code: 'cannot-disinfect' })
      expect([after?.equals(mail), copies]).toEqual([true, 0])
    }
    expect(await act(mail, { verb: 'disinfect-or-delete' })).toMatchObject({
      outcome: { status: 'deleted' },
      copies: 1,
    })
  })
})

describe('a mailbox', () => {
  const mails = [
    makeMail({ parts: [textPart, good], eol: '\n', subject: 'first' }),
    makeMail({ parts: [textPart, bad, good], eol: '\n', subject: 'second' }),
  ]
  const box = makeMailbox(mails)

  it('loses the bad part of one mail, keeps the others byte for byte, and leaves no lock behind', async () => {
    const { outcome, after, lab, copies } = await act(box, { name: 'inbox' })
    expect(outcome).toMatchObject({ status: 'disinfected' })
    expect(copies).toBe(1)
    expect(after?.subarray(0, mails[0]?.length).equals(box.subarray(0, mails[0]?.length))).toBe(true)
    expect(after?.toString('latin1').match(/^From anna/gm)).toHaveLength(2)
    expect(readdirSync(lab.files)).toEqual(['inbox'])
  })

  it('is never deleted by itself, and by a person only when it is what was said', async () => {
    const signed = makeMailbox([makeMail({ parts: [bad], type: 'multipart/signed' }), ...mails])
    const kept = { status: 'kept', code: 'mail-store' }
    for (const settings of automatic)
      expect(await act(signed, { settings })).toMatchObject({ outcome: kept, copies: 0 })
    expect(await act(signed, { verb: 'disinfect-or-delete' })).toMatchObject({ outcome: kept, copies: 0 })
    expect(await act(signed, { verb: 'delete' })).toMatchObject({ outcome: { status: 'deleted' }, copies: 1 })
    const outlook = Buffer.concat([Buffer.from('!BDN'), Buffer.alloc(600, 1), infectedMarker])
    const others = [makeBabyl, makeMbx, makeMmdf].map((make) => make([makeMail({ parts: [bad] })]))
    for (const settings of automatic)
      for (const store of [outlook, ...others])
        expect(await act(store, { settings })).toMatchObject({ outcome: kept, copies: 0 })
  })

  it('that only begins like one is what it is: a program in an archive goes', async () => {
    const program = makeZip([{ name: 'Evil.class', data: infectedMarker }], Buffer.from('From x\nReceived: a\n\n'))
    expect((await act(program)).outcome).toMatchObject({ status: 'deleted' })
  })

  it('is left alone while a program has it open or its lock, and that lock stays', async () => {
    const kept = { status: 'kept', code: 'in-use' }
    let holder: ChildProcess | undefined
    const opened = await act(box, {
      name: 'inbox',
      between: async (file) => {
        holder = await opening(file)
      },
    })
    holder?.kill()
    expect(opened).toMatchObject({ outcome: kept, copies: 0 })
    expect(opened.after?.equals(box)).toBe(true)
    expect(readdirSync(opened.lab.files)).toEqual(['inbox'])
    for (const text of ['', '4711\n']) {
      const locked = await act(box, { name: 'inbox', between: (file) => writeFileSync(`${file}.lock`, text) })
      expect(locked).toMatchObject({ outcome: kept, copies: 0 })
      expect(readdirSync(locked.lab.files)).toEqual(['inbox', 'inbox.lock'])
      expect(readFileSync(`${locked.lab.files}/inbox.lock`, 'latin1')).toBe(text)
    }
  })

  it('gets its name back when new mail came in under our hands, and nothing of that mail is lost', async () => {
    let arrive = (): void => undefined
    const changed = await act(box, {
      name: 'inbox',
      lab: { rescan: seesNothing, ports: { onStep: (step) => (step === 'cured-rescanned' ? arrive() : undefined) } },
      between: (file) => {
        arrive = () => appendFileSync(file, 'From b@example.org\nSubject: new\n\nnew mail\n')
      },
    })
    expect(changed).toMatchObject({ outcome: { status: 'changed' }, copies: 0 })
    expect(changed.after?.toString('latin1')).toBe(
      `${box.toString('latin1')}From b@example.org\nSubject: new\n\nnew mail\n`,
    )
    expect(readdirSync(changed.lab.files)).toEqual(['inbox'])
  })

  it('gets its name back when a program opened it at the last moment', async () => {
    let holder: ChildProcess | undefined
    let open = async (): Promise<void> => undefined
    const late = await act(box, {
      name: 'inbox',
      lab: { rescan: seesNothing, ports: { onStep: (step) => (step === 'cured-rescanned' ? open() : undefined) } },
      between: (file) => {
        open = async () => {
          holder = await opening(file)
        }
      },
    })
    holder?.kill()
    expect(late).toMatchObject({ outcome: { status: 'kept', code: 'in-use' }, copies: 0 })
    expect(late.after?.equals(box)).toBe(true)
    expect(existsSync(`${late.lab.files}/inbox.lock`)).toBe(false)
    expect(readdirSync(late.lab.files)).toEqual(['inbox'])
  })
})
