import { expect, it } from 'vitest'
import type { Finding } from '#shared/domain/object-report.ts'
import { badLeaves } from './whole.ts'

const count = (...paths: string[]): number =>
  badLeaves(
    paths.map((path): Finding => {
      const member = path === '' ? [] : path.split('/')
      return { member, threat: 'T', verdict: 'infected', detector: 'hash' }
    }),
  )

it('counts bad leaves, each once, and no container above one of them', () => {
  expect(count('a', 'b', 'a')).toBe(2)
  expect(count('in.zip', 'in.zip/a', 'in.zip/b')).toBe(2)
  expect(count('in.zip/deep.tar', 'in.zip/deep.tar/a', 'in.zip')).toBe(1)
  expect(count('in.zip', 'in.zip2/a')).toBe(2)
  expect(count()).toBe(0)
})
