import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createReadBuffer } from './read-buffer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('the next content lies in the memory of the last one, grown where it is larger', () => {
  const buffer = createReadBuffer()
  const first = buffer.borrow(100_000)
  first.bytes.fill(1)
  first.giveBack()
  const second = buffer.borrow(70_000)
  expect([second.bytes.length, second.bytes.buffer]).toEqual([70_000, first.bytes.buffer])
  second.giveBack()
  expect(buffer.borrow(1_000_000).bytes.length).toBe(1_000_000)
})

it('nobody gets memory that is lent', () => {
  const buffer = createReadBuffer()
  const first = buffer.borrow(100_000)
  first.bytes.fill(1)
  const meanwhile = buffer.borrow(100_000)
  meanwhile.bytes.fill(2)
  expect(first.bytes.every((byte) => byte === 1)).toBe(true)
})

it('is given free when no file is read any more', () => {
  const buffer = createReadBuffer()
  const first = buffer.borrow(100_000)
  first.giveBack()
  vi.advanceTimersByTime(10_000)
  expect(buffer.borrow(100_000).bytes.buffer).not.toBe(first.bytes.buffer)
})
