import { expect, it } from 'vitest'
import { type FeedFile, FeedQueue } from './feed-queue.ts'

const megabyte = 1024 * 1024
const file = (name: string, size: number): FeedFile => ({ path: Buffer.from(name), size, link: null })
const names = (files: readonly FeedFile[]) => files.map(({ path }) => path.toString())

function queueOf(files: readonly FeedFile[]): FeedQueue {
  const queue = new FeedQueue()
  for (const each of files) queue.push(each)
  return queue
}

it('large files come first and alone, the others in batches', () => {
  const queue = queueOf([file('a', 10), file('large', 5 * megabyte), file('b', 10), file('c', 10)])
  expect(names(queue.take(2, megabyte, []))).toEqual(['large'])
  expect(names(queue.take(2, megabyte, []))).toEqual(['a', 'b'])
  expect(names(queue.take(2, megabyte, []))).toEqual(['c'])
  expect(queue.length).toBe(0)
})

it('huge files are not in memory together; smaller ones go before the one that waits', () => {
  const first = file('first', 100 * megabyte)
  const queue = queueOf([first, file('second', 100 * megabyte), file('third', 20 * megabyte), file('small', 10)])
  expect(names(queue.take(8, megabyte, []))).toEqual(['first'])
  expect(names(queue.take(8, megabyte, [first]))).toEqual(['third'])
  expect(names(queue.take(8, megabyte, [first]))).toEqual(['small'])
  expect(names(queue.take(8, megabyte, [first]))).toEqual([])
  expect(queue.length).toBe(1)
  expect(names(queue.take(8, megabyte, []))).toEqual(['second'])
})

it('what is given back comes next', () => {
  const queue = queueOf([file('a', 10), file('b', 10), file('c', 10)])
  const taken = queue.take(2, megabyte, [])
  queue.giveBack(taken.slice(1))
  expect(names(queue.take(8, megabyte, []))).toEqual(['b', 'c'])
})
