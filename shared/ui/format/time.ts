// Moments as people read them: now, 12 min ago, today 14:31, yesterday 16:20, 19 Nov. Pure: the caller says what now is.
import { uiLocale } from './locale.ts'

const minute = 60_000
const hour = 60 * minute

/** "now", "12 min ago", "today 14:31", "yesterday 16:20", "19 Nov", "19 Nov 2025". */
export function formatWhen(at: string, now: Date, locale: string = uiLocale()): string {
  const ms = now.getTime() - Date.parse(at)
  if (ms >= -minute && ms < minute) return 'now'
  if (ms > 0 && ms < hour) return `${Math.floor(ms / minute)} min ago`
  return formatMoment(at, now, locale)
}

/** As `formatWhen`, but never relative: "today 14:31", "yesterday 16:20", "19 Nov". */
export function formatMoment(at: string, now: Date, locale: string = uiLocale()): string {
  const days = daysBetween(new Date(at), now)
  if (days === 0) return `today ${formatTime(at, locale)}`
  if (days === 1) return `yesterday ${formatTime(at, locale)}`
  return formatDay(at, now, locale)
}

/** As `formatMoment`, with the time of older moments too: "18 Nov 17:40". */
export function formatMomentWithTime(at: string, now: Date, locale: string = uiLocale()): string {
  const text = formatMoment(at, now, locale)
  return daysBetween(new Date(at), now) < 2 && daysBetween(new Date(at), now) >= 0
    ? text
    : `${text} ${formatTime(at, locale)}`
}

/** "14:31" or "2:31 PM". */
export function formatTime(at: string, locale: string = uiLocale()): string {
  const hour = usesHalfDays(locale) ? 'numeric' : '2-digit'
  return new Date(at).toLocaleTimeString(locale, { hour, minute: '2-digit' })
}

/** "19 Nov", with the year if it is not this one. */
export function formatDay(at: string, now: Date, locale: string = uiLocale()): string {
  const date = new Date(at)
  const year = date.getFullYear() === now.getFullYear() ? {} : ({ year: 'numeric' } as const)
  return date.toLocaleDateString(locale, { day: 'numeric', month: 'short', ...year })
}

/** For tooltips: the whole truth. */
export function formatExact(at: string, locale: string = uiLocale()): string {
  return new Date(at).toLocaleString(locale, { dateStyle: 'full', timeStyle: 'medium' })
}

/** First letter in upper case, for a time that stands alone. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The same in lower case, for words that go on a sentence. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function usesHalfDays(locale: string): boolean {
  return new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions().hour12 === true
}

function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000)
}
