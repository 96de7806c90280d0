// Why Quarantine cannot be shown, in words about its store. Owns sentences; an object's own failures have others.
import { ProductError } from '#shared/errors.ts'
import { errorText } from '#shared/ui/text/error-text.ts'

/** Codes whose common words are about an object; here something else is in the place of the store's folder. */
const inTheWay: ReadonlySet<string> = new Set([
  'target-exists',
  'object-changed',
  'object-gone',
  'is-link',
  'not-regular-file',
])

/** What happened and what to do, as one line. */
export function unreadableText(failure: unknown): string {
  const meanwhile = 'No object is disinfected or deleted meanwhile.'
  if (failure instanceof ProductError) {
    if (inTheWay.has(failure.code)) {
      return `Its folder in the data of the app was replaced by something else. Put it back and try again. ${meanwhile}`
    }
    if (failure.code === 'no-permission') {
      return `The app has no access to its own folder of copies. Allow it and try again. ${meanwhile}`
    }
  }
  const { title, todo } = errorText(failure)
  return `${title}. ${todo} ${meanwhile}`
}
