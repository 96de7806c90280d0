import { describe, expect, it } from 'vitest'
import { findTriggered } from '../../detect/trigger-table.ts'
import type { Literal } from './rule-strings.ts'
import { buildTable, rarityIn, takeSample } from './trigger-table-builder.ts'

const sample = takeSample()
/** `_`: any byte. */
function literal(text: string, as: Literal['as'] = 'is'): Literal {
  const bytes = Buffer.from(text, 'latin1')
  return { bytes, known: bytes.map((byte) => (byte === 0x5f ? 0 : 0xff)) as Buffer, as }
}
const rules = [
  [literal('quartzbeam')],
  [literal('Quartzbeam', 'nocase')],
  [literal('violetjamb', 'xor')],
  [literal('seven77'), literal('q\0u\0i\0z\0')],
  [literal('gapped_some_x')],
]
const table = buildTable(rules, sample)
const found = (content: Buffer) => findTriggered(table, content, 100)?.sort((a, b) => a - b)

describe('a literal is found wherever it lies', () => {
  it.each([
    ['quartzbeam', [0, 1]],
    ['QUARTZBEAM', [1]],
    ['seven77', [3]],
    ['q\0u\0i\0z\0', [3]],
    [String.fromCharCode(...Buffer.from('violetjamb').map((byte) => byte ^ 0x5c)), [2]],
    ['violetjamb', [2]],
    ['gappedXsomeYx', [4]],
    ['gappedXsameYx', []],
    ['quartzbea', []],
    ['QuArTzBeAn', []],
    ['', []],
  ])('%j', (text, expected) => {
    const bytes = Buffer.from(text, 'latin1')
    for (let before = 0; before < 9; before += 1) {
      for (let behind = 0; behind < 9; behind += 1) {
        const content = Buffer.concat([Buffer.alloc(before, 1), bytes, Buffer.alloc(behind, 2)])
        expect(found(content)).toEqual(expected)
        // A content that does not begin at a fourth byte of its memory.
        const memory = Buffer.from(new ArrayBuffer(content.length + 8))
        content.copy(memory, 3)
        expect(found(memory.subarray(3, 3 + content.length))).toEqual(expected)
      }
    }
  })

  it('also twice, each rule named once, and gives up above a number', () => {
    const content = Buffer.from('quartzbeam quartzbeam seven77')
    expect(found(content)).toEqual([0, 1, 3])
    expect(findTriggered(table, content, 2)).toBeNull()
  })
})

it('a literal that is short or common cannot be looked for', () => {
  const rarity = rarityIn(sample)
  expect(rarity(literal('short!'))).toBeNull()
  expect(rarity(literal('\0\0\0\0\0\0\0\0\0\0'))).toBeNull()
  expect(rarity(literal('quartzbeam'))).toBeGreaterThanOrEqual(1)
})
