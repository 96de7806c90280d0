// Tells which rules ask about a content as a whole: its size, places in it, how often something is there, or that it is missing.
// Asked of one piece of a large content they may match where the whole would not. What this cannot read counts as such a rule.
import type { RuleSource } from '../detect/pattern-engine.ts'
import { readRules } from './rule-text.ts'

/** What is true of a content as soon as it is true of a piece of it: patterns are there, some or all of them, and nothing else. */
const aboutPieces = /^(?:[\s(),]|\b(?:any|all|of|them|and|or|true|\d+)\b)*$/

/** Lines of `namespace`, TAB, name of the rule; `*` for all of a namespace. */
export function wholeContentRules(sources: readonly RuleSource[]): string {
  return sources
    .flatMap(({ namespace, source }) => {
      const rules = readRules(source)
      if (rules === null) return [`${namespace}\t*`]
      return rules.filter(({ condition }) => isAboutWhole(condition)).map(({ name }) => `${namespace}\t${name}`)
    })
    .join('\n')
}

function isAboutWhole(condition: string): boolean {
  const withoutPatterns = condition.replaceAll(/\$\w*\*?/g, ' ').replace(/\}\s*$/, '')
  return !aboutPieces.test(withoutPatterns)
}
