import { expect, it } from 'vitest'
import { withoutSecrets } from './log.ts'

it('never writes what sounds like a secret', () => {
  const facts = {
    password: 'hunter2',
    accessToken: 'abc',
    vaultKey: 'k',
    privateKey: 'p',
    passwordProof: 'q',
    file: 'a.txt',
  }
  expect(Object.values(withoutSecrets(facts)).filter((value) => value !== '(not logged)')).toEqual(['a.txt'])
})

it('writes plain, short values only', () => {
  const written = withoutSecrets({
    error: new Error('boom'),
    list: [1, 2],
    long: 'x'.repeat(10_000),
    nothing: undefined,
    n: 1,
  })
  expect(written).toMatchObject({ error: 'Error: boom', list: '[1,2]', nothing: null, n: 1 })
  expect(String(written.long)).toHaveLength(500)
})
