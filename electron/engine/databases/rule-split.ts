// Splits a large set of rules so that a content is matched with few of them: without rules that are only for programs for
// Windows, and without rules of which no trigger is in it.
// A rule is left out only where its text proves that it cannot match; whatever is unclear stays for every content.

import type { RuleSource } from '../detect/pattern-engine.ts'
import type { Gate } from '../detect/rule-gate.ts'
import { type RuleText, readRules } from './rule-text.ts'
import { needOf } from './triggers/rule-need.ts'
import { type Literal, readStrings } from './triggers/rule-strings.ts'
import { gateOf, type Rarity, triggersOf } from './triggers/rule-triggers.ts'

/** A rule that is asked alone, when a trigger of it is there. */
export interface LoneRule extends RuleSource {
  readonly gate: Gate
  /** One of these is in every content that it matches. */
  readonly triggers: readonly Literal[]
}

/** All of it for contents that do not begin with `MZ`. */
export interface SplitRules {
  readonly lone: readonly LoneRule[]
  /** Every rule that can match such a content. */
  readonly complete: readonly RuleSource[]
  /** Those of which no trigger is known. */
  readonly untriggered: readonly RuleSource[]
}

/** `never`: matches no such content. `stays`: no trigger is known. */
type Kind = 'never' | 'triggered' | 'stays'

interface Judged {
  readonly rule: RuleText
  readonly kind: Kind
  readonly gate: Gate
  readonly triggers: readonly Literal[]
}

/**
 * `untouched`: namespaces that are left as they are, such as those with errors (leaving out one of two rules of the same name
 * would bring the other to life).
 */
export function splitRules(
  sources: readonly RuleSource[],
  { untouched, rarity }: { readonly untouched: ReadonlySet<string>; readonly rarity: Rarity },
): SplitRules {
  const judged = sources.map((source) => (untouched.has(source.namespace) ? null : judge(source.source, rarity)))
  const withKinds = (kinds: readonly Kind[]): RuleSource[] =>
    sources.map(({ namespace, source }, at) => {
      const rules = judged[at] ?? null
      return { namespace, source: rules === null ? source : withOnly(source, rules, kinds) }
    })
  return {
    lone: sources.flatMap((source, at) => loneRules(source, judged[at] ?? [])),
    complete: withKinds(['triggered', 'stays']),
    untriggered: withKinds(['stays']),
  }
}

/** Null where the source is not understood: all of it stays. */
function judge(source: string, rarity: Rarity): Judged[] | null {
  const rules = readRules(source)
  if (rules === null || new Set(rules.map(({ name }) => name)).size !== rules.length) return null
  if (rules.some(({ condition }) => /\bof\s*\(\s*[A-Za-z_]/.test(condition))) return null
  const names = new Set(rules.map(({ name }) => name))
  // A global rule decides about all others of its file: none of these can be asked alone.
  const isShared = rules.some(({ isGlobal }) => isGlobal)
  return rules.map((rule) => {
    const fresh = judgeRule(source, rule, rarity)
    const isBound = isShared || rule.isGlobal || referredTo(rule, names).length > 0
    if (rule.isGlobal || (isBound && fresh.kind !== 'never')) return { ...fresh, kind: 'stays' }
    return fresh
  })
}

function judgeRule(source: string, rule: RuleText, rarity: Rarity): Judged {
  const strings = readStrings(source, rule)
  const need = needOf(source.slice(rule.conditionAt, rule.end - 1), strings ?? [])
  const gate = gateOf(need)
  const triggers = triggersOf(need, strings ?? [], strings === null ? () => null : rarity)
  if (triggers.kind === 'literals') return { rule, kind: 'triggered', gate, triggers: triggers.of }
  return { rule, kind: triggers.kind === 'never' ? 'never' : 'stays', gate, triggers: [] }
}

function referredTo(rule: RuleText, names: ReadonlySet<string>): string[] {
  return [...rule.condition.matchAll(/[A-Za-z_]\w*/g)].map(([word]) => word).filter((word) => names.has(word))
}

/** A rule that others refer to stays with them, and so does what it refers to itself. */
function withOnly(source: string, judged: readonly Judged[], kinds: readonly Kind[]): string {
  const byName = new Map(judged.map((each) => [each.rule.name, each]))
  const kept = new Set(judged.filter(({ kind }) => kinds.includes(kind)))
  for (const { rule } of kept) {
    for (const name of referredTo(rule, new Set(byName.keys()))) {
      const other = byName.get(name)
      if (other !== undefined) kept.add(other)
    }
  }
  let text = ''
  let at = 0
  for (const each of judged) {
    text += source.slice(at, kept.has(each) ? each.rule.end : each.rule.start)
    at = each.rule.end
  }
  return text + source.slice(at)
}

/** What stands between the rules, such as imports, comes with each. */
function loneRules({ namespace, source }: RuleSource, judged: readonly Judged[]): LoneRule[] {
  const lone = judged.filter(({ kind }) => kind === 'triggered')
  if (lone.length === 0) return []
  const around = withOnly(source, judged, [])
  const imports = [...around.matchAll(/^[ \t]*import[ \t]+"\w+"/gm)].map(([line]) => line).join('\n')
  return lone.map(({ rule, gate, triggers }) => {
    return { namespace, source: `${imports}\n${source.slice(rule.start, rule.end)}`, gate, triggers }
  })
}
