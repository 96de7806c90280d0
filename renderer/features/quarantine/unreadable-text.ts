// Why Quarantine cannot be shown, in words about its store. Owns sentences; an object's own failures have others.
import { storeTodo } from '#shared/domain/copy-text.ts'
import { ProductError } from '#shared/errors.ts'
import { errorText } from '#shared/ui/text/error-text.ts'

/** What happened and what to do, as one line. */
export function unreadableText(failure: unknown): string {
  const meanwhile = 'No object is disinfected or deleted meanwhile.'
  const about = failure instanceof ProductError ? storeTodo(failure.code) : undefined
  if (about !== undefined) return `${about} ${meanwhile}`
  const { title, todo } = errorText(failure)
  return `${title}. ${todo} ${meanwhile}`
}
