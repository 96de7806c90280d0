// Documents of the old Office formats, from the scanner's report to what is left of them.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { infectedMarker } from '../detect/testing/lab.ts'
import { packaged } from '../unpack/documents/testing/documents.ts'
import { makeMsi } from '../unpack/testing/msi.ts'
import { compressVba } from '../unpack/testing/vba.ts'
import { makeOleDocument } from './testing/ole-document.ts'
import { createScannedLab } from './testing/scanned-lab.ts'
import { sevenZipped } from './testing/seven-zipped.ts'

const scanned = createScannedLab()
const { act } = scanned
beforeAll(() => scanned.begin())
afterEach(() => scanned.afterEach())
afterAll(() => scanned.dispose())

const module = (code: string | Buffer): Buffer =>
  Buffer.concat([
    Buffer.alloc(20, 7),
    compressVba(`Attribute VB_Name = "ThisDocument"\r\nSub AutoOpen()\r\n' ${code.toString('latin1')}\r\nEnd Sub\r\n`),
  ])
const macros = (code: string | Buffer) => ({ VBA: { ThisDocument: module(code), dir: Buffer.alloc(99, 3) } })
const native = packaged('invoice.bin', infectedMarker)
const size = Buffer.alloc(4)
size.writeUInt32LE(native.length)
const pool = { _17: { '\u0001Ole10Native': Buffer.concat([size, native]) } }
const text = { WordDocument: Buffer.alloc(6000, 'a letter '), '1Table': Buffer.alloc(900, 'table ') }

describe('a document of the old Office formats', () => {
  it('loses bad macros and keeps text and objects, and 7-Zip accepts it (49)', async () => {
    const content = { ...text, Macros: macros(infectedMarker), ObjectPool: { _1: { a: Buffer.from('a good object') } } }
    const { outcome, after, copies } = await act(makeOleDocument(content))
    expect(outcome).toMatchObject({ status: 'disinfected' })
    expect(copies).toBe(1)
    const streams = await sevenZipped(after ?? Buffer.alloc(0), 'compound')
    expect([...streams.keys()].sort()).toEqual(['1Table', 'ObjectPool/_1/a', 'WordDocument'])
    expect(streams.get('WordDocument')?.equals(text.WordDocument)).toBe(true)
  })

  it('loses a bad object and keeps good macros', async () => {
    const { outcome, after } = await act(makeOleDocument({ ...text, Macros: macros('MsgBox 1'), ObjectPool: pool }))
    expect(outcome).toMatchObject({ status: 'disinfected' })
    const streams = await sevenZipped(after ?? Buffer.alloc(0), 'compound')
    expect([...streams.keys()].sort()).toEqual(['1Table', 'Macros/VBA/ThisDocument', 'Macros/VBA/dir', 'WordDocument'])
  })

  it('is deleted with a copy when what is bad cannot be cut, and kept when it may only be cured (51)', async () => {
    const bad = { ...text, WordDocument: Buffer.concat([text.WordDocument, infectedMarker]) }
    // Another module where no document has one: cutting the macros does not cure it.
    const hidden = { ...text, Macros: macros(infectedMarker), Other: { deep: module(infectedMarker) } }
    for (const content of [bad, hidden]) {
      const document = makeOleDocument(content)
      expect(await act(document, { verb: 'cure-only' })).toMatchObject({ outcome: { status: 'kept' }, copies: 0 })
      expect(await act(document)).toMatchObject({ outcome: { status: 'deleted' }, after: null, copies: 1 })
    }
  })

  it('that is an installer or a message is no document: what else is in it is kept', async () => {
    const installer = makeMsi([
      { name: 'good.txt', data: Buffer.from('a good file') },
      { name: 'bad.bin', data: infectedMarker },
    ])
    const message = makeOleDocument({
      '__properties_version1.0': Buffer.alloc(40),
      '__attach_version1.0_#00000000': { __substg1_37010102: infectedMarker },
    })
    for (const content of [installer, message])
      expect(await act(content)).toMatchObject({ outcome: { status: 'kept', code: 'cannot-disinfect' }, copies: 0 })
  })
})
