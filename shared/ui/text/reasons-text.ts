// Why several objects were left as they are, each reason once with its number. Pure; owns sentences only.
import type { ErrorCode } from '#shared/errors.ts'
import { formatCount } from '../format/count.ts'
import { textOfCode } from './error-text.ts'

/** "Reason: no access.", or "Reasons: still detected (2), no access (1)."; empty where no reason is known. */
export function reasonsText(reasons: readonly ErrorCode[]): string {
  const counts = new Map<ErrorCode, number>()
  for (const code of reasons) counts.set(code, (counts.get(code) ?? 0) + 1)
  const [first, ...others] = [...counts].sort(([, a], [, b]) => b - a)
  if (first === undefined) return ''
  if (others.length === 0) return `Reason: ${textOfCode(first[0]).reason}.`
  const words = [first, ...others].map(([code, count]) => `${textOfCode(code).reason} (${formatCount(count)})`)
  return `Reasons: ${words.join(', ')}.`
}
