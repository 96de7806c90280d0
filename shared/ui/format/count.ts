// Numbers and plurals as people read them. Pure; the locale is the reader's unless said otherwise.
import { uiLocale } from './locale.ts'

/** 1,234,567 */
export function formatCount(count: number, locale: string = uiLocale()): string {
  return count.toLocaleString(locale)
}

/** "1 object", "2,000 objects". */
export function plural(count: number, one: string, other: string, locale: string = uiLocale()): string {
  return `${formatCount(count, locale)} ${new Intl.PluralRules('en').select(count) === 'one' ? one : other}`
}

/** "37 %", rounded down, so that 100 % means the end. */
export function formatPercent(percent: number): string {
  return `${Math.floor(percent)} %`
}

/** "a", "a and b", "a, b and c". */
export function joinWords(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
