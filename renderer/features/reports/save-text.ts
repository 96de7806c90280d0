// Why a report was not saved, and what to do. Owns these sentences; other failures have the words that they have everywhere.
import { type ErrorCode, ProductError } from '#shared/errors.ts'
import { errorSentence } from '#shared/ui/text/error-text.ts'

const sentences: Partial<Record<ErrorCode, string>> = {
  'disk-full': 'The disk is full. Free some space or choose another place.',
  'no-permission': 'You may not write there. Choose another folder.',
  'read-only-volume': 'The drive is read-only. Choose another place.',
  'is-link': 'There is a link with this name, and links are not followed. Choose another name.',
  'not-regular-file': 'Something with this name is there that is not a file. Choose another name.',
  'not-found': 'The folder is not there any more. Choose another one.',
  'bad-path': 'The name is too long. Choose a shorter one.',
  'io-error': 'The disk reported an error. Try another place.',
}

/** What was there before is unchanged, whatever failed. */
export function saveFailureText(error: unknown): string {
  const sentence = error instanceof ProductError ? sentences[error.code] : undefined
  return sentence === undefined ? errorSentence(error) : `${sentence} Nothing was changed there.`
}
