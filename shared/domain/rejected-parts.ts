// What of the signature databases cannot be used, and how much that is. Owns the count and its words.
import { z } from 'zod'
import { Count, LongText, ShortText } from './primitives.ts'

/** One line, one file (`line` is 0), or several of a kind: then `problem` begins with their number. */
export const RejectedPart = z.strictObject({ file: ShortText, line: Count, problem: LongText })
export type RejectedPart = z.infer<typeof RejectedPart>

const severalOfAKind = /^\d[^:]*(?=: |$)/

/** How many lines and files they stand for: an entry such as "2 lines: no name" or "301 more" for several. */
export function rejectedCount(parts: readonly Pick<RejectedPart, 'problem'>[]): number {
  return parts.reduce((sum, { problem }) => sum + standsFor(problem), 0)
}

/** "3 lines or files of the databases cannot be used". */
export function rejectedText(count: number, number = (value: number) => value.toLocaleString('en')): string {
  return count === 1
    ? '1 line or file of the databases cannot be used'
    : `${number(count)} lines or files of the databases cannot be used`
}

/** "2 bytecode, 3 icon signatures: not supported" is five. */
function standsFor(problem: string): number {
  const numbers = severalOfAKind.exec(problem)?.[0].match(/(?<=^|, )\d+(?= )/g) ?? []
  return Math.max(
    1,
    numbers.reduce((sum, text) => sum + Number(text), 0),
  )
}
