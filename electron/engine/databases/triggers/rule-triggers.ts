// Chooses for a rule the literals of which at least one is in every content that it can match: its triggers; and its gate:
// what the size and the beginning of a content have to be.
// Knows nothing of contents. All of it is for contents that do not begin with `MZ`: rules for these are most of a large set.
import type { Gate } from '../../detect/rule-gate.ts'
import type { Need } from './rule-need.ts'
import type { Literal, RuleString } from './rule-strings.ts'

/** How often a literal is met in ordinary data, at least 1. Null: it cannot be looked for, or is too common. */
export type Rarity = (literal: Literal) => number | null

/** `never`: it matches no such content. `unknown`: it may match one with none of its literals. */
export type Triggers =
  | { readonly kind: 'never' | 'unknown' }
  | { readonly kind: 'literals'; readonly of: readonly Literal[]; readonly cost: number }

const unknown: Triggers = { kind: 'unknown' }
const never: Triggers = { kind: 'never' }
const wide: Gate = { kind: 'anything' }

export function triggersOf(need: Need, strings: readonly RuleString[], rarity: Rarity): Triggers {
  switch (need.kind) {
    case 'anything':
    case 'size':
      return unknown
    case 'nothing':
      return never
    case 'begins':
      return beginsAsProgram(need.bytes) ? never : unknown
    case 'all':
      return cheapest(need.of.map((each) => triggersOf(each, strings, rarity)))
    case 'any':
      return together(need.of.map((each) => triggersOf(each, strings, rarity)))
    case 'strings':
      return ofStrings(need, strings, rarity)
  }
}

/** What has to hold of a content's size and beginning, as short as it can be said. */
export function gateOf(need: Need): Gate {
  if (need.kind === 'size' || need.kind === 'begins') return need
  if (need.kind === 'nothing') return { kind: 'any', of: [] }
  if (need.kind !== 'all' && need.kind !== 'any') return wide
  const parts = need.of.map(gateOf)
  const telling = parts.filter(({ kind }) => kind !== 'anything')
  if (need.kind === 'any') return telling.length < parts.length ? wide : joined('any', telling)
  return telling.length === 0 ? wide : joined('all', telling)
}

function joined(kind: 'all' | 'any', of: readonly Gate[]): Gate {
  const [only] = of
  return only !== undefined && of.length === 1 ? only : { kind, of }
}

function beginsAsProgram([first, second]: readonly number[]): boolean {
  return first === 0x4d && second === 0x5a
}

/** All of them have to hold: one that can be looked for is enough. */
function cheapest(choices: readonly Triggers[]): Triggers {
  let best = unknown
  for (const choice of choices) {
    if (choice.kind === 'never') return never
    if (choice.kind === 'literals' && (best.kind !== 'literals' || choice.cost < best.cost)) best = choice
  }
  return best
}

/** One of them is enough to match: the triggers of all. */
function together(choices: readonly Triggers[]): Triggers {
  const of: Literal[] = []
  let cost = 0
  for (const choice of choices) {
    if (choice.kind === 'unknown') return unknown
    if (choice.kind !== 'literals') continue
    of.push(...choice.of)
    cost += choice.cost
  }
  return of.length === 0 ? never : { kind: 'literals', of, cost }
}

/** Where `count` of n strings match, at least one is among any n - `count` + 1 of them. */
function ofStrings(
  { count, of }: Need & { kind: 'strings' },
  strings: readonly RuleString[],
  rarity: Rarity,
): Triggers {
  if (count < 1 || count > of.length) return unknown
  const choices = of
    .map((at) => ofString(strings[at], rarity))
    .filter((choice) => choice.kind === 'literals')
    .sort((a, b) => a.cost - b.cost)
  const enough = of.length - count + 1
  return choices.length < enough ? unknown : together(choices.slice(0, enough))
}

function ofString(string: RuleString | undefined, rarity: Rarity): Triggers {
  const literals = string?.anyOf ?? null
  if (literals === null) return unknown
  let cost = 0
  for (const literal of literals) {
    const own = rarity(literal)
    if (own === null) return unknown
    cost += own
  }
  return { kind: 'literals', of: literals, cost }
}
