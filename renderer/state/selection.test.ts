import { expect, it } from 'vitest'
import { toggled, withAll } from './selection.ts'

const row = (id: string) => ({ id })

it('a row is chosen by one click and left out by the next', () => {
  const one = toggled(new Map(), row('a'))
  expect([...one.keys()]).toEqual(['a'])
  expect([...toggled(one, row('a')).keys()]).toEqual([])
  expect(one.size).toBe(1)
})

it('a range adds to what is chosen', () => {
  expect([...withAll(toggled(new Map(), row('a')), [row('b'), row('a'), row('c')]).keys()]).toEqual(['a', 'b', 'c'])
})
