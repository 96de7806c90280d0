import { expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import { missingEmail } from './use-sign-in.ts'
import { waitOf } from './use-slow-down.ts'

it('waits as long as the portal asks, and not for ever', () => {
  expect(waitOf(new ProductError('slow-down', '4000'))).toBe(4000)
  expect(waitOf(new ProductError('slow-down', '999999999999'))).toBe(3_600_000)
  for (const error of [
    new ProductError('slow-down'),
    new ProductError('slow-down', 'x'),
    new ProductError('internal', '5'),
    null,
  ]) {
    expect(waitOf(error)).toBe(0)
  }
})

it('says what to do about an address', () => {
  expect(missingEmail('')).toEqual({ email: 'Enter your e-mail.' })
  expect(missingEmail('anna')).toEqual({ email: 'Check the e-mail address.' })
  expect(missingEmail('anna@lindqvist.example')).toEqual({})
})
