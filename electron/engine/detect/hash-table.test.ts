import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { type HashTable, openTable } from './hash-table.ts'
import { HashTableBuilder } from './hash-table-builder.ts'

/** What a table that was just made finds. */
const namesIn = (table: HashTable, of: Buffer, size: number): string[] =>
  openTable(table)
    .find(of, size)
    .map(({ name }) => name)
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

it('finds every row of many and nothing else', () => {
  const builder = new HashTableBuilder('sha256')
  for (let row = 0; row < 20_000; row += 1)
    builder.add(digest(`row ${row}`).toString('hex'), row % 3 === 0 ? -1 : row, `Name.${row}`)
  const table = builder.build()
  for (let row = 0; row < 20_000; row += 1) expect(namesIn(table, digest(`row ${row}`), row)).toEqual([`Name.${row}`])
  expect(namesIn(table, digest('row 1'), 2)).toEqual([])
  expect(namesIn(table, digest('row 3'), 999)).toEqual(['Name.3'])
  expect(namesIn(table, digest('no row'), 1)).toEqual([])
})

it('keeps rows apart that begin alike, and works empty', () => {
  const builder = new HashTableBuilder('md5')
  builder.add(`${'00'.repeat(15)}01`, -1, 'First')
  builder.add(`${'00'.repeat(15)}02`, -1, 'Second')
  expect(namesIn(builder.build(), Buffer.from(`${'00'.repeat(15)}02`, 'hex'), 5)).toEqual(['Second'])
  expect(namesIn(new HashTableBuilder('md5').build(), Buffer.alloc(16), 5)).toEqual([])
})

it('keeps with every row whether it is about unwanted software, through sorting', () => {
  const builder = new HashTableBuilder('sha256')
  for (let row = 0; row < 5000; row += 1)
    builder.add(digest(`${row}`).toString('hex'), row, `Name.${row}`, row % 3 === 0)
  const table = openTable(builder.build())
  for (let row = 0; row < 5000; row += 1)
    expect(table.find(digest(`${row}`), row)).toEqual([{ name: `Name.${row}`, isUnwanted: row % 3 === 0 }])
})

it('gives all signatures of one content, in the order they came, and no endless list', () => {
  const builder = new HashTableBuilder('md5')
  const all = Array.from({ length: 100 }, (_, row) => `Name.${row}`)
  for (const name of all) builder.add('ab'.repeat(16), -1, name)
  expect(namesIn(builder.build(), Buffer.alloc(16, 0xab), 5)).toEqual(all.slice(0, 8))
})

it('knows of most sizes that no row is about them', () => {
  const builder = new HashTableBuilder('md5')
  for (let row = 0; row < 1000; row += 1)
    builder.add(`${'00'.repeat(14)}${(row + 4096).toString(16)}`, 1000 + row * 7, 'Name')
  const exact = openTable(builder.build())
  const sizes = Array.from({ length: 20_000 }, (_, size) => size)
  const about = sizes.filter((size) => exact.mayHold(size))
  for (let row = 0; row < 1000; row += 1) expect(exact.mayHold(1000 + row * 7)).toBe(true)
  expect(about.length).toBeLessThan(5000)
  builder.add('11'.repeat(16), -1, 'Any')
  expect(openTable(builder.build()).mayHold(3)).toBe(true)
})
