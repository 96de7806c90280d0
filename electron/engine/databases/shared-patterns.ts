// Works around a fault of YARA-X 1.x: when rules look for the same pattern, the bounds that the first one's condition sets
// (a file size, bytes at the beginning) hold for all of them, and the others are not found beyond these.
// Never changes what a rule means: its condition gets an alternative that is never true, which hides its bounds.
import type { RuleSource } from '../detect/pattern-engine.ts'
import { type RuleText, readRules } from './rule-text.ts'

/** What bounds can be made of. */
const bounding = /\bfilesize\b|\bu?int(?:8|16|32)(?:be)?\s*\(/

/** The same rules, so written that none takes matches away from another one. Lines stay where they are. */
export function withOwnBounds(sources: readonly RuleSource[]): RuleSource[] {
  const read = sources.map(({ source }) => readRules(source))
  const users = new Map<string, number>()
  for (const rules of read) {
    for (const { patterns } of rules ?? []) {
      for (const pattern of new Set(patterns)) users.set(pattern, (users.get(pattern) ?? 0) + 1)
    }
  }
  const isShared = ({ patterns, condition }: RuleText): boolean =>
    bounding.test(condition) && patterns.some((pattern) => (users.get(pattern) ?? 0) > 1)
  return sources.map(({ namespace, source }, at) => {
    const rules = read[at]?.filter(isShared) ?? []
    return { namespace, source: rules.length === 0 ? source : rewritten(source, rules) }
  })
}

function rewritten(source: string, rules: readonly RuleText[]): string {
  let text = ''
  let at = 0
  for (const { conditionAt, end } of rules) {
    text += `${source.slice(at, conditionAt)} (${source.slice(conditionAt, end - 1)}) or false }`
    at = end
  }
  return text + source.slice(at)
}
