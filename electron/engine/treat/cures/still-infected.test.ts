// Every class of object whose cured form still matches: something bad was not among what the order is about.
import { afterEach, describe, expect, it } from 'vitest'
import { smallElf } from '../../databases/clamav/testing/programs.ts'
import { officeDocument, openDocument } from '../testing/document-fixtures.ts'
import { makeMail, makeMailbox, textPart } from '../testing/mails.ts'
import { makeOleDocument } from '../testing/ole-document.ts'
import { createLab, infectedContent, type Lab, marker } from '../testing/treatment-lab.ts'
import { makeZip } from '../testing/zip-fixture.ts'

const labs: Lab[] = []
afterEach(() => {
  for (const made of labs.splice(0)) made.remove()
})

interface Case {
  readonly content: Buffer
  readonly format?: string
  readonly member: string[]
}

const bad = (name: string) => ({ name, content: infectedContent(), stored: true })
const project = infectedContent()
const host = smallElf(Buffer.concat([Buffer.alloc(200, 'host'), marker]), 0x60)
const body = { encoding: '8bit', name: 'a.txt', content: marker } as const
const mail = makeMail({ parts: [textPart, { name: 'evil', content: Buffer.alloc(90, 'e') }, body], eol: '\n' })

const cases: readonly (readonly [string, Case])[] = [
  ['a zip', { content: makeZip([bad('evil'), bad('missed')]).bytes, format: 'zip', member: ['evil'] }],
  [
    'an Office document',
    {
      content: officeDocument({ project, stowaways: [bad('missed')] }).bytes,
      format: 'ooxml',
      member: ['word/vbaProject.bin', 'a'],
    },
  ],
  [
    'an OpenDocument file',
    {
      // The object is what was missed.
      content: openDocument({ project: Buffer.from('<a/>'), object: infectedContent() }).bytes,
      format: 'zip',
      member: ['Basic/Standard/Module1.xml'],
    },
  ],
  [
    'an OLE document',
    {
      content: makeOleDocument({ WordDocument: infectedContent(6000), Macros: { VBA: { a: infectedContent(200) } } }),
      format: 'ole',
      member: ['VBA/a.bas'],
    },
  ],
  ['a mail', { content: mail, format: 'mail', member: ['evil'] }],
  ['a program', { content: Buffer.concat([smallElf(marker, 0x54), host]), member: [] }],
]

const virus = smallElf(marker, 0x54).length
const recipe = {
  threat: 'Lab.Marker',
  format: 'elf',
  match: [{ at: 0, bytes: '7f454c46' }],
  restore: [[virus, 0, 0] as [number, number, number]],
  truncate: -virus,
} as const

async function treated({ content, format, member }: Case, verb: 'disinfect' | 'cure-only') {
  const steps: string[] = []
  const ports = { onStep: (step: string) => void steps.push(step) }
  const made = createLab({
    ports,
    recipes: [{ ...recipe, match: [...recipe.match], restore: [...recipe.restore] }],
  })
  labs.push(made)
  const container = format === undefined ? {} : { container: { format, leaves: 9 } }
  const order = await made.order(made.write('object', content), { verb, members: [member], ...container })
  const outcome = await made.treater.treat(order)
  return { outcome, copies: made.vault.list().length, steps }
}

describe('what still matches after its cure', () => {
  it.each(cases)('%s goes on to be deleted, and is kept when it may only be cured (51)', async (_, object) => {
    const { outcome, copies, steps } = await treated(object, 'disinfect')
    expect(steps).toContain('cured-rescanned')
    expect(outcome).toMatchObject({ status: 'deleted' })
    expect(copies).toBe(1)
    expect(await treated(object, 'cure-only')).toMatchObject({
      outcome: { status: 'kept', code: 'cannot-disinfect' },
      copies: 0,
    })
  })

  it('a mailbox is kept even then (51)', async () => {
    const box = { content: makeMailbox([mail, mail]), format: 'mail', member: ['1.eml', 'evil'] }
    const { outcome, copies, steps } = await treated(box, 'disinfect')
    expect(steps).toContain('cured-rescanned')
    expect([outcome, copies]).toEqual([{ status: 'kept', code: 'mail-store' }, 0])
  })
})
