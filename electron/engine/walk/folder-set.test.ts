import { expect, it } from 'vitest'
import { FolderSet } from './folder-set.ts'

it('knows exactly the folders that were added, whatever their numbers', () => {
  const set = new FolderSet()
  const numbers = [0n, 1n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 63n, 2n ** 64n - 1n]
  for (let index = 0n; index < 20_000n; index += 1n) numbers.push(1000n + index * 7n)
  const added = numbers.map((ino) => [set.has(1n, ino), set.add(1n, ino), set.add(1n, ino)].join())
  expect(new Set(added)).toEqual(new Set(['false,true,false']))
  expect(numbers.every((ino) => set.has(1n, ino))).toBe(true)
  expect(numbers.some((ino) => set.has(2n, ino) || set.has(1n, ino + 500_000_000n))).toBe(false)
  expect(set.add(2n, 1n)).toBe(true)
})
