import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { openTable } from './hash-table.ts'
import { HashTableBuilder } from './hash-table-builder.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

it('finds every row of many and nothing else', () => {
  const builder = new HashTableBuilder('sha256')
  for (let row = 0; row < 20_000; row += 1)
    builder.add(digest(`row ${row}`).toString('hex'), row % 3 === 0 ? -1 : row, `Name.${row}`)
  const table = openTable(builder.build())
  for (let row = 0; row < 20_000; row += 1) expect(table.find(digest(`row ${row}`), row)).toBe(`Name.${row}`)
  expect(table.find(digest('row 1'), 2)).toBeNull()
  expect(table.find(digest('row 3'), 999)).toBe('Name.3')
  expect(table.find(digest('no row'), 1)).toBeNull()
})

it('keeps rows apart that begin alike, and works empty', () => {
  const builder = new HashTableBuilder('md5')
  builder.add(`${'00'.repeat(15)}01`, -1, 'First')
  builder.add(`${'00'.repeat(15)}02`, -1, 'Second')
  expect(openTable(builder.build()).find(Buffer.from(`${'00'.repeat(15)}02`, 'hex'), 5)).toBe('Second')
  expect(openTable(new HashTableBuilder('md5').build()).find(Buffer.alloc(16), 5)).toBeNull()
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
