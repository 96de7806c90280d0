import { expect, it } from 'vitest'
import { createReadBuffer } from './read-buffer.ts'

const megabyte = 1024 * 1024

it('the next content lies in the memory of the last one', () => {
  const buffer = createReadBuffer(16 * megabyte)
  const first = buffer.borrow(100_000)
  first.bytes.fill(1)
  first.giveBack()
  const second = buffer.borrow(70_000)
  expect([second.bytes.length, second.bytes[0]]).toEqual([70_000, 1])
})

it('the memory of a large content goes back to the system at once', () => {
  const buffer = createReadBuffer(16 * megabyte)
  const large = buffer.borrow(16 * megabyte)
  large.bytes.fill(1)
  large.giveBack()
  expect(large.bytes.length).toBe(0)
  const next = buffer.borrow(10 * megabyte)
  expect(next.bytes[9 * megabyte]).toBe(0)
})

it('nobody gets memory that is lent, and too much is not from it', () => {
  const buffer = createReadBuffer(megabyte)
  const first = buffer.borrow(100_000)
  first.bytes.fill(1)
  for (const size of [100_000, 2 * megabyte]) {
    const meanwhile = buffer.borrow(size)
    meanwhile.bytes.fill(2)
    meanwhile.giveBack()
  }
  expect(first.bytes.every((byte) => byte === 1)).toBe(true)
})
