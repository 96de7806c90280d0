import { expect, it } from 'vitest'
import { shutDown } from './shutdown.ts'

it('runs every step in order, also past one that fails or hangs', async () => {
  const order: string[] = []
  const problems: string[] = []
  await shutDown(
    [
      { name: 'a', withinMs: 50, run: () => void order.push('a') },
      { name: 'b', withinMs: 50, run: () => new Promise(() => undefined) },
      { name: 'c', withinMs: 50, run: () => Promise.reject(new Error('no')) },
      { name: 'd', withinMs: 50, run: async () => void order.push('d') },
    ],
    (step, problem) => problems.push(`${step} ${(problem as Error).message}`),
  )
  expect(order).toEqual(['a', 'd'])
  expect(problems).toEqual(['b took too long', 'c no'])
})
