import { expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import { unreadableText } from './unreadable-text.ts'

it('never speaks of a file or an object when the store itself cannot be read', () => {
  for (const code of ['target-exists', 'object-changed', 'object-gone', 'is-link', 'not-regular-file'] as const) {
    expect(unreadableText(new ProductError(code, 'EEXIST'))).toMatch(/^Its folder in the data of the app was replaced/)
  }
  expect(unreadableText(new ProductError('no-permission', 'EACCES'))).toMatch(/no access to its own folder/)
})

it('says what the disk said, and always what that means for treatment', () => {
  const said = unreadableText(new ProductError('io-error', 'EIO'))
  expect(said).toMatch(
    /^The disk reported an error\. .*check the disk\. No object is disinfected or deleted meanwhile\.$/,
  )
})
