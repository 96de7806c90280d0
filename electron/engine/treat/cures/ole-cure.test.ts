import { describe, expect, it } from 'vitest'
import { mutated } from '../../fuzz/testing/mutate.ts'
import { createRandom } from '../../fuzz/testing/random.ts'
import { cureInput } from '../testing/cure-input.ts'
import { makeOleDocument, type OleFolder } from '../testing/ole-document.ts'
import { sevenZipped } from '../testing/seven-zipped.ts'
import { oleCure } from './ole-cure.ts'

const cureOf = (bytes: Buffer, ...members: string[][]) => oleCure.cure(cureInput(bytes, { members }))
function cured(bytes: Buffer, ...members: string[][]): Buffer {
  const result = cureOf(bytes, ...members)
  if (result.kind !== 'cured') throw new Error(result.reason)
  return result.bytes
}

const macros = {
  VBA: { dir: Buffer.alloc(600, 'd'), ThisDocument: Buffer.alloc(5000, 'bad macro ') },
  PROJECT: Buffer.alloc(70, 'p'),
}
const objects = {
  _1: { '\u0001Ole10Native': Buffer.alloc(9000, 'bad object '), '\u0001CompObj': Buffer.alloc(90, 'c') },
}
const text = {
  WordDocument: Buffer.alloc(8000, 'the letter '),
  '1Table': Buffer.alloc(3000, 'table '),
  '\u0005SummaryInformation': Buffer.alloc(200, 's'),
}
const letter: OleFolder = { ...text, Macros: macros, ObjectPool: objects }
const table: OleFolder = {
  Workbook: Buffer.alloc(7000, 'cells '),
  _VBA_PROJECT_CUR: macros,
  MBD0001A2B3: objects._1,
  'Other folder': { x: Buffer.alloc(10, 'x') },
}

describe('cutting macros and objects out of an OLE document', () => {
  it.each([512, 4096] as const)(
    'cuts macros, keeps size and every other stream, and 7-Zip accepts the rest (49); sectors of %s',
    async (sector) => {
      for (const content of [letter, table]) {
        const bytes = makeOleDocument(content, sector)
        const before = await sevenZipped(bytes, 'compound')
        const out = cured(bytes, ['VBA/ThisDocument.bas'])
        expect(out.length).toBe(bytes.length)
        expect(out.includes('bad macro')).toBe(false)
        const after = await sevenZipped(out, 'compound')
        const isMacro = (name: string): boolean => /^(?:Macros|_VBA_PROJECT_CUR)\//.test(name)
        expect([...after.keys()].sort()).toEqual([...before.keys()].filter((name) => !isMacro(name)).sort())
        for (const [name, stream] of after) expect(stream.equals(before.get(name) ?? Buffer.alloc(0)), name).toBe(true)
      }
    },
  )

  it('cuts objects for a file that comes out of one, and macros only when they are bad', () => {
    const bytes = makeOleDocument(letter)
    for (const member of [['ObjectPool/_1/[1]Ole10Native'], ['invoice.exe'], ['invoice.zip', 'a.exe']]) {
      const out = cured(bytes, member)
      expect([out.includes('bad object'), out.includes('bad macro')]).toEqual([false, true])
    }
    const out = cured(bytes, ['Macros/VBA/ThisDocument'])
    expect([out.includes('bad object'), out.includes('bad macro')]).toEqual([true, false])
    const both = cured(bytes, ['Macros/VBA/ThisDocument'], ['invoice.exe'])
    expect([both.includes('bad object'), both.includes('bad macro')]).toEqual([false, false])
  })

  it('cuts both when only the document as a whole was found to be bad, unless it is known by its digest', () => {
    const bytes = makeOleDocument(letter)
    const out = cured(bytes, [])
    expect([out.includes('bad object'), out.includes('bad macro'), out.includes('the letter')]).toEqual([
      false,
      false,
      true,
    ])
    expect(oleCure.cure(cureInput(bytes, { members: [[]], detector: 'hash' }))).toEqual({
      kind: 'no-cure',
      reason: 'bad-itself',
    })
  })

  it('has no cure for a bad text, a macro sheet, a presentation, or a project without a document', () => {
    expect(cureOf(makeOleDocument(letter), ['WordDocument'])).toMatchObject({ kind: 'no-cure' })
    expect(cureOf(makeOleDocument(letter), ['[5]SummaryInformation'])).toMatchObject({ kind: 'no-cure' })
    expect(cureOf(makeOleDocument(table), ['Workbook'], ['VBA/a.bas'])).toMatchObject({ kind: 'no-cure' })
    expect(cureOf(makeOleDocument(table), ['Other folder/x'])).toMatchObject({ kind: 'no-cure' })
    const slides = makeOleDocument({ 'PowerPoint Document': Buffer.alloc(5000, 's') })
    expect(cureOf(slides, ['object-1'])).toEqual({ kind: 'no-cure', reason: 'nothing-to-cut' })
    expect(cureOf(makeOleDocument(macros), ['VBA/ThisDocument.bas'])).toEqual({
      kind: 'no-cure',
      reason: 'nothing-left',
    })
  })

  it('has no cure for what is not one tree of sectors that each belong to one thing', () => {
    const bytes = makeOleDocument(letter)
    const broken = (at: number, value: number): Buffer => {
      const copy = Buffer.from(bytes)
      copy.writeUInt32LE(value, at)
      return copy
    }
    const entries = (bytes.readUInt32LE(48) + 1) * 512
    const fat = (bytes.readUInt32LE(76) + 1) * 512
    const [firstWord, secondTable] = [entries + 128, entries + 256]
    const cases = {
      'a loop in a chain': broken(
        fat + bytes.readUInt32LE(firstWord + 116) * 4 + 4,
        bytes.readUInt32LE(firstWord + 116),
      ),
      'two streams in one sector': broken(secondTable + 120, 8000),
      'a sector outside': broken(firstWord + 116, 5000),
      'a tree that leads back': broken(firstWord + 72, 1),
      'a tree that leads nowhere': broken(firstWord + 72, 60_000),
      'a table elsewhere': broken(76, 1),
      'more tables than there are': broken(44, 2),
      'a cut file': bytes.subarray(0, bytes.length - 1024),
    }
    for (const [what, document] of Object.entries(cases))
      expect(cureOf(document, ['VBA/ThisDocument.bas']), what).toMatchObject({ kind: 'no-cure' })
  })

  it('keeps every other stream of random documents, and changes nothing else (fixed seeds)', async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = createRandom('ole-cure', seed)
      const folder = (depth: number): OleFolder =>
        Object.fromEntries(
          Array.from({ length: 1 + random.below(4) }, (_, index) => [
            `n${index}`,
            depth > 0 && random.oneIn(3)
              ? folder(depth - 1)
              : random.bytes(random.pick([0, 10, 64, 700, 4095, 4096, 9000])),
          ]),
        )
      const rest = { ...folder(2), text: random.bytes(100) }
      const bytes = makeOleDocument({ ...rest, Macros: folder(2) }, random.pick([512, 4096]))
      const result = cureOf(bytes, ['VBA/a.bas'])
      const before = await sevenZipped(bytes, 'compound')
      const after = await sevenZipped(result.kind === 'cured' ? result.bytes : bytes, 'compound')
      const kept = [...before].filter(([name]) => !name.startsWith('Macros/') || result.kind !== 'cured')
      expect(after.size, `seed ${seed}`).toBe(kept.length)
      for (const [name, stream] of kept) expect(after.get(name)?.equals(stream), `seed ${seed}: ${name}`).toBe(true)
    }
  }, 60_000)

  it('never throws, and never changes a size, for mutated documents (fixed seeds)', () => {
    const bytes = makeOleDocument(letter)
    const stock = {
      tokens: [Buffer.from('feffffff', 'hex'), Buffer.from('Macros')],
      others: [makeOleDocument(table)],
      mostBytes: 100_000,
    }
    let cures = 0
    for (let seed = 1; seed <= 2000; seed += 1) {
      const document = mutated(bytes, createRandom('ole-mutated', seed), stock)
      const result = cureOf(document, ['VBA/ThisDocument.bas'], ['a.exe'])
      if (result.kind !== 'cured') continue
      cures += 1
      expect(result.bytes.length).toBe(document.length)
    }
    expect(cures).toBeGreaterThan(20)
  })
})
