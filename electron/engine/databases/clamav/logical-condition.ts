// Says a logical expression of ClamAV as a YARA condition over its sub-signatures.
// What YARA cannot say exactly is given back as a reason.
import type { Compare, Expression } from './logical-expression.ts'
import type { SubSignature } from './sub-signature.ts'

/** A condition, or the reason why there is none. */
export type Condition = { readonly condition: string } | { readonly reason: string }

/** Below the number of matches of one pattern that a scan keeps. */
const mostCounted = 60

/** `subs`: by their numbers; all that the expression names are there. */
export function conditionOf(expression: Expression, subs: ReadonlyMap<number, SubSignature>): Condition {
  if (holdsWithout(expression)) return { reason: 'true without any match' }
  return write(expression, subs)
}

/** Whether it is true of a content in which nothing matches. */
function holdsWithout(expression: Expression): boolean {
  if (expression.kind === 'sub') return expression.compare !== null && compares(0, expression.compare)
  if (expression.kind === 'sum') return expression.different === 0 && compares(0, expression.compare)
  const [left, right] = [holdsWithout(expression.left), holdsWithout(expression.right)]
  return expression.kind === 'both' ? left && right : left || right
}

function compares(value: number, { by, count }: Compare): boolean {
  return by === '=' ? value === count : by === '<' ? value < count : value > count
}

function write(expression: Expression, subs: ReadonlyMap<number, SubSignature>): Condition {
  if (expression.kind === 'sub') {
    const sub = subs.get(expression.id)
    return sub === undefined ? { reason: 'malformed' } : single(sub, expression.compare)
  }
  if (expression.kind === 'sum') return sum(expression, subs)
  const left = write(expression.left, subs)
  if ('reason' in left) return left
  const right = write(expression.right, subs)
  if ('reason' in right) return right
  return { condition: `(${left.condition} ${expression.kind === 'both' ? 'and' : 'or'} ${right.condition})` }
}

function single(sub: SubSignature, compare: Compare | null): Condition {
  if (compare === null || (compare.by === '>' && compare.count === 0)) return { condition: sub.any }
  const isNone = (compare.by === '=' && compare.count === 0) || (compare.by === '<' && compare.count === 1)
  if (isNone) return sub.mayBeUndefined ? { reason: 'offset that may not exist' } : { condition: `not ${sub.any}` }
  return counted([sub], compare)
}

function counted(subs: readonly SubSignature[], { by, count }: Compare): Condition {
  if (count > mostCounted) return { reason: 'count too high' }
  const counts = subs.map((sub) => sub.count)
  if (counts.includes(null)) return { reason: 'count of a pattern with gaps or a moving offset' }
  return { condition: `(${counts.join(' + ')} ${by === '=' ? '==' : by} ${count})` }
}

/** To ClamAV the sum is 0 where `inner` is false. */
function sum(
  { inner, compare, different }: Extract<Expression, { kind: 'sum' }>,
  all: ReadonlyMap<number, SubSignature>,
): Condition {
  const operator = inner.kind === 'either' ? 'either' : 'both'
  const ids = flat(inner, operator)
  if (ids === null) return { reason: 'sum over a nested expression' }
  const subs = ids.map((id) => all.get(id)).filter((sub) => sub !== undefined)
  const total = counted(subs, compare)
  if ('reason' in total) return total
  const every = `(${subs.map(({ any }) => any).join(' and ')})`
  const conditions = [operator === 'either' ? total.condition : ofAll(total.condition, every, compare)]
  const distinct = [...new Set(ids)].map((id) => all.get(id)?.any ?? 'false')
  if (different > 0) conditions.push(atLeast(different, distinct))
  return { condition: conditions.length === 1 ? (conditions[0] ?? 'false') : `(${conditions.join(' and ')})` }
}

function ofAll(total: string, every: string, compare: Compare): string {
  return compares(0, compare) ? `(not ${every} or ${total})` : `(${every} and ${total})`
}

function atLeast(least: number, conditions: readonly string[]): string {
  return least > conditions.length ? 'false' : `${least} of (${conditions.join(', ')})`
}

/** The numbers in it when it is nothing but sub-signatures joined by one operator. */
function flat(expression: Expression, operator: 'both' | 'either'): number[] | null {
  if (expression.kind === 'sub') return expression.compare === null ? [expression.id] : null
  if (expression.kind !== operator) return null
  const [left, right] = [flat(expression.left, operator), flat(expression.right, operator)]
  return left === null || right === null ? null : [...left, ...right]
}
