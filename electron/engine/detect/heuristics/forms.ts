// How something is said in a script: words that are looked for first, since that is cheap, and expressions for the rest.
// Each expression is bounded in every part, so that no text makes it slow.
import { base64Run, type Suspect } from './suspicion.ts'

export interface Form {
  /** No expression is tried before all of these are in the text. Long and rare ones first. */
  readonly needs: readonly string[]
  /** All of them have to match. */
  readonly all: readonly RegExp[]
  /** Characters of one run of encoded data that have to be in the text; default: none. */
  readonly hidden?: number
}

/** `text`: in lower case, with what only hides its words taken out. */
export function isSaid({ needs, all, hidden = 0 }: Form, text: string, { readable }: Suspect): boolean {
  if (!needs.every((need) => text.includes(need)) || !all.every((part) => part.test(text))) return false
  return hidden === 0 || base64Run(readable, hidden) !== null
}

/** Short comments between the parts of an expression, as they are put in to hide it. */
export function withoutComments(text: string): string {
  return text.includes('/*') ? text.replace(/\/\*[^*\n]{0,40}\*\//g, '') : text
}

/** The marks by which the shells of Windows can be told to read on inside of a word. */
export function withoutMarks(text: string): string {
  const hasAny = text.includes('`') || text.includes('^')
  return hasAny && /[a-z][`^][a-z]/.test(text) ? text.replace(/[`^]/g, '') : text
}
