// Documents that are ZIP packages, from the scanner's report to what is left of them: without macros, with every other part.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { infectedMarker, sha256 } from '../detect/testing/lab.ts'
import { makeZip as makePlainZip } from '../unpack/testing/archives.ts'
import { makeOle } from '../unpack/testing/ole.ts'
import { readZipDirectory } from './cures/zip-directory.ts'
import {
  macroProject,
  manifestTexts,
  officeDocument,
  officeRelations,
  officeTypes,
  openDocument,
} from './testing/document-fixtures.ts'
import { createScannedLab } from './testing/scanned-lab.ts'
import { unzipped } from './testing/unzipped.ts'
import type { MadeZip } from './testing/zip-fixture.ts'

const scanned = createScannedLab()
const { act } = scanned
beforeAll(() => scanned.begin())
afterEach(() => scanned.afterEach())
afterAll(() => scanned.dispose())

const badMacros = macroProject(infectedMarker)
const goodMacros = macroProject('MsgBox 1')
const badObject = makeOle([{ name: 'CONTENTS', data: infectedMarker }])
/** An archive in a document is a part of it, whatever else is in the archive. */
const badArchive = makePlainZip([
  { name: 'a.txt', data: Buffer.from('a good letter') },
  { name: 'b.bin', data: infectedMarker },
])

/** Names of what is left; each but the `changed` ones is byte for byte what it was. */
function leftOf(before: MadeZip, after: Buffer | null, changed: readonly string[]): string[] {
  if (after === null) throw new Error('it is gone')
  const { members } = readZipDirectory(after)
  return members.map((member) => {
    const name = member.rawName.toString()
    if (!changed.includes(name))
      expect(after.subarray(member.start, member.end).equals(before.records.get(name) ?? Buffer.alloc(0)), name).toBe(
        true,
      )
    return name
  })
}

const lists = ['[Content_Types].xml', 'word/_rels/document.xml.rels']
const officeBody = ['[Content_Types].xml', '_rels/.rels', 'word/document.xml', 'word/_rels/document.xml.rels']
const macroParts = [
  'word/vbaProject.bin',
  'word/_rels/vbaProject.bin.rels',
  'word/vbaData.xml',
  'word/vbaProjectSignatureAgile.bin',
]

describe('an Office document', () => {
  it('loses a bad macro project with everything that names it, keeps every other part, and unzips (48)', async () => {
    const document = officeDocument({ project: badMacros, object: makeOle([{ name: 'good', data: Buffer.alloc(99) }]) })
    const { outcome, after, copies, object } = await act(document.bytes)
    expect(object.findings.every(({ member }) => member[0] === 'word/vbaProject.bin' && member.length > 1)).toBe(true)
    expect(outcome).toMatchObject({ status: 'disinfected' })
    expect(copies).toBe(1)
    expect(leftOf(document, after, lists)).toEqual([...officeBody, 'word/embeddings/oleObject1.bin', 'word/styles.xml'])
    const parts = unzipped(after ?? Buffer.alloc(0))
    const { begin, object: objects, end } = officeTypes
    expect(parts.get('[Content_Types].xml')?.toString()).toContain(begin + objects + end)
    // A link to a web address of the same name is no reference to the part.
    expect(parts.get('word/_rels/document.xml.rels')?.toString()).toContain(
      officeRelations.begin + officeRelations.object + officeRelations.end,
    )
  })

  it('loses a bad embedded object with its references and keeps macros in which nothing was found', async () => {
    for (const object of [badObject, badArchive]) {
      const document = officeDocument({ project: goodMacros, object })
      const { outcome, after } = await act(document.bytes)
      expect(outcome).toMatchObject({ status: 'disinfected' })
      expect(leftOf(document, after, lists)).toEqual([...officeBody, ...macroParts, 'word/styles.xml'])
      const parts = unzipped(after ?? Buffer.alloc(0))
      expect(parts.get('word/_rels/document.xml.rels')?.toString()).toContain(
        officeRelations.begin + officeRelations.macros + officeRelations.end,
      )
    }
  })

  it('loses a stowaway that no part names, and is deleted when the text itself is bad', async () => {
    const stowaway = { name: 'word/media/x.bin', content: infectedMarker }
    const { outcome, after } = await act(officeDocument({ stowaways: [stowaway] }).bytes)
    expect(outcome).toMatchObject({ status: 'disinfected' })
    expect(unzipped(after ?? Buffer.alloc(0)).has(stowaway.name)).toBe(false)
    const bad = officeDocument({ body: infectedMarker.toString('latin1') })
    expect((await act(bad.bytes, { verb: 'cure-only' })).outcome).toMatchObject({ status: 'kept' })
    expect(await act(bad.bytes)).toMatchObject({ outcome: { status: 'deleted' }, after: null, copies: 1 })
  })

  it('loses everything that can act when only the document as a whole is known to be bad, but not when its digest is', async () => {
    const rule = (text: string): string =>
      `rule MAL_Doc { meta: verdict = "infected" strings: $a = "${text}" condition: $a }`
    const document = officeDocument({ project: goodMacros, object: makeOle([{ name: 'a', data: Buffer.alloc(9) }]) })
    const byName = await scanned.scans.scanner({ 'a.yar': rule('word/vbaProject.bin') })
    const { outcome, after, object } = await act(document.bytes, { scanner: byName })
    expect(object.findings).toMatchObject([{ member: [], detector: 'yara' }])
    expect(outcome).toMatchObject({ status: 'disinfected' })
    expect(leftOf(document, after, lists)).toEqual([...officeBody, 'word/styles.xml'])
    const still = await scanned.scans.scanner({ 'a.yar': rule('word/styles.xml') })
    expect((await act(document.bytes, { scanner: still })).outcome).toMatchObject({ status: 'deleted' })
    const digest = `${sha256(document.bytes)}:${document.bytes.length}:Doc.Known`
    const known = await scanned.scans.scanner({ 'a.hsb': digest })
    expect((await act(document.bytes, { scanner: known, verb: 'cure-only' })).outcome).toMatchObject({ status: 'kept' })
  })

  it('is deleted when what is bad is a macro sheet that the workbook names', async () => {
    const book = '<Relationships><Relationship Id="r1" Type="t" Target="macrosheets/sheet1.xml"/></Relationships>'
    const sheet = officeDocument({
      stowaways: [
        { name: 'xl/_rels/workbook.xml.rels', content: Buffer.from(book) },
        { name: 'xl/macrosheets/sheet1.xml', content: infectedMarker },
      ],
    })
    expect((await act(sheet.bytes, { verb: 'cure-only' })).outcome).toMatchObject({ status: 'kept' })
    expect((await act(sheet.bytes)).outcome).toMatchObject({ status: 'deleted' })
  })

  it('is deleted when it is signed or when nobody can say who names its macros', async () => {
    const signature = { name: '_xmlsignatures/sig1.xml', content: Buffer.from('<Signature/>') }
    const wide = { name: 'word/_rels/x.xml.rels', content: Buffer.from('\ufeff<Relationships/>', 'utf16le') }
    for (const stowaway of [signature, wide]) {
      const document = officeDocument({ project: badMacros, stowaways: [stowaway] })
      expect((await act(document.bytes, { verb: 'cure-only' })).outcome).toMatchObject({ status: 'kept' })
      expect((await act(document.bytes)).outcome).toMatchObject({ status: 'deleted' })
    }
  })
})

describe('an OpenDocument file', () => {
  const body = ['mimetype', 'content.xml']
  const rest = ['styles.xml', 'META-INF/manifest.xml']
  const changed = ['META-INF/manifest.xml']

  it('loses all its macros and their lines in the manifest when one of them is bad, and unzips (48)', async () => {
    const document = openDocument({ project: infectedMarker, object: Buffer.from('good') })
    const { outcome, after } = await act(document.bytes)
    expect(outcome).toMatchObject({ status: 'disinfected' })
    const object = ['Object 1/content.xml', 'Object 1/Pictures/a.bin', 'ObjectReplacements/Object 1']
    expect(leftOf(document, after, changed)).toEqual([...body, ...object, ...rest])
    const { begin, object: objects, end } = manifestTexts
    expect(
      unzipped(after ?? Buffer.alloc(0))
        .get('META-INF/manifest.xml')
        ?.toString(),
    ).toContain(begin + objects + end)
  })

  it('loses a bad embedded object as a whole and keeps macros in which nothing was found', async () => {
    const document = openDocument({ project: Buffer.from('<script:module/>'), object: infectedMarker })
    const { outcome, after } = await act(document.bytes)
    expect(outcome).toMatchObject({ status: 'disinfected' })
    const macros = ['Basic/script-lc.xml', 'Basic/Standard/Module1.xml', 'Scripts/python/a.py']
    expect(leftOf(document, after, changed)).toEqual([...body, ...macros, 'ObjectReplacements/Object 1', ...rest])
    const { begin, macros: lines, end } = manifestTexts
    expect(
      unzipped(after ?? Buffer.alloc(0))
        .get('META-INF/manifest.xml')
        ?.toString(),
    ).toContain(begin + lines + end)
  })
})
