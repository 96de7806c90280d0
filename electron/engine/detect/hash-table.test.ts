import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { lookUp } from './hash-table.ts'
import { HashTableBuilder } from './hash-table-builder.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

it('finds every row of many and nothing else', () => {
  const builder = new HashTableBuilder('sha256')
  for (let row = 0; row < 20_000; row += 1)
    builder.add(digest(`row ${row}`).toString('hex'), row % 3 === 0 ? -1 : row, `Name.${row}`)
  const table = builder.build()
  for (let row = 0; row < 20_000; row += 1) expect(lookUp(table, digest(`row ${row}`), row)).toBe(`Name.${row}`)
  expect(lookUp(table, digest('row 1'), 2)).toBeNull()
  expect(lookUp(table, digest('row 3'), 999)).toBe('Name.3')
  expect(lookUp(table, digest('no row'), 1)).toBeNull()
})

it('keeps rows apart that begin alike, and works empty', () => {
  const builder = new HashTableBuilder('md5')
  builder.add(`${'00'.repeat(15)}01`, -1, 'First')
  builder.add(`${'00'.repeat(15)}02`, -1, 'Second')
  expect(lookUp(builder.build(), Buffer.from(`${'00'.repeat(15)}02`, 'hex'), 5)).toBe('Second')
  expect(lookUp(new HashTableBuilder('md5').build(), Buffer.alloc(16), 5)).toBeNull()
})
