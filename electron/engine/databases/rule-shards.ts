// Finds the rules that can only match programs for Windows, so that other files are matched without them: more than half
// of public rule sets. A rule counts only where its text proves it; whatever is unclear stays for every file.
import type { RuleSource } from '../detect/pattern-engine.ts'
import { conditionTerms, readRules } from './rule-text.ts'

/** A condition's term that is false for every content that does not begin with `MZ`. */
const needsMz = /^(?:uint16\(0\)==0x5a4d|0x5a4d==uint16\(0\)|uint16be\(0\)==0x4d5a|pe\.is_pe)$/i

/**
 * The sources without the rules that need a content to begin with `MZ`. `untouched`: namespaces that are left as they are,
 * such as those with errors (leaving out one of two rules of the same name would bring the other to life).
 */
export function withoutWindowsRules(sources: readonly RuleSource[], untouched: ReadonlySet<string>): RuleSource[] {
  return sources.map(({ namespace, source }) => ({
    namespace,
    source: untouched.has(namespace) ? source : withoutIn(source),
  }))
}

function withoutIn(source: string): string {
  const rules = readRules(source)
  if (rules === null || new Set(rules.map(({ name }) => name)).size !== rules.length) return source
  const needed = new Set(rules.filter((rule) => rule.isGlobal || !isForWindows(rule.condition)))
  if (needed.size === rules.length) return source
  const named = new Map(rules.map((rule) => [rule.name, rule]))
  // A rule that others refer to stays with them, and so does what it refers to itself.
  for (const rule of needed) {
    if (/\bof\s*\(\s*[A-Za-z_]/.test(rule.condition)) return source
    for (const [word] of rule.condition.matchAll(/[A-Za-z_]\w*/g)) {
      const other = named.get(word)
      if (other !== undefined) needed.add(other)
    }
  }
  let kept = ''
  let at = 0
  for (const rule of rules) {
    kept += source.slice(at, needed.has(rule) ? rule.end : rule.start)
    at = rule.end
  }
  return kept + source.slice(at)
}

function isForWindows(condition: string): boolean {
  return conditionTerms(condition).some((term) => needsMz.test(term))
}
