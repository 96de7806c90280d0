// Matches a content with as few rules of a large set as prove enough: the triggers say which rules can match it at all.
// The matches are the same as those of the whole set. Never reads a rule's text: what may be left out was decided before.
import type { RuleMatch, RuleSource, RuleVariables } from './pattern-engine.ts'
import { type Gate, isOpen } from './rule-gate.ts'
import type { LoneText, SplitForms } from './split-forms.ts'
import { findTriggered } from './trigger-table.ts'

/** What matches a content with one set of compiled rules. Throws when it could not match all of it. */
export type Matcher = (bytes: Buffer, variables: RuleVariables) => RuleMatch[]

export interface SplitMakers {
  load(compiled: Uint8Array<SharedArrayBuffer>): Matcher
  /** Null when it does not compile alone. */
  compile(rule: RuleSource): Matcher | null
}

/** In a larger content there are so many triggers that nothing is won: measured over programs, docs/measurements.md. */
const largest = 1024 * 1024
/** More rules than this are not asked one by one. */
const mostLone = 4
/** Compiled single rules that are kept. */
const keptLone = 64
/** Compiling one takes about as long as matching so much with the complete set. */
const worthCompiling = 256 * 1024
/** A rule that was wanted so often for smaller contents is compiled too. */
const wantedOften = 8

export function createSplitMatcher(forms: SplitForms, makers: SplitMakers): Matcher {
  const rules = new LoneTexts(forms.lone)
  const complete = lazily(() => makers.load(forms.complete))
  const untriggered = lazily(() => makers.load(forms.untriggered))
  const lone = new LoneMatchers(rules, makers)
  return (bytes, variables) => {
    if (bytes.length > largest) return complete()(bytes, variables)
    const triggered = findTriggered(forms.table, bytes, 4 * mostLone)
    const possible = triggered?.filter((number) => isOpen(rules.gate(number), bytes))
    if (possible === undefined || possible.length > mostLone) return complete()(bytes, variables)
    const matchers = lone.all(possible, bytes.length)
    if (matchers === null) return complete()(bytes, variables)
    return [untriggered(), ...matchers].flatMap((matcher) => matcher(bytes, variables))
  }
}

/** Compiled single rules, made when they are worth it. */
class LoneMatchers {
  private readonly rules: LoneTexts
  private readonly makers: SplitMakers
  /** Least recently used first; null = does not compile alone. */
  private readonly made = new Map<number, Matcher | null>()
  private readonly wanted = new Map<number, number>()

  constructor(rules: LoneTexts, makers: SplitMakers) {
    this.rules = rules
    this.makers = makers
  }

  /** Null when one of them is not there, and not worth to be made for a content of this length. */
  all(numbers: readonly number[], length: number): Matcher[] | null {
    const matchers = numbers.map((number) => this.one(number, length))
    return matchers.every((matcher) => matcher !== null) ? matchers : null
  }

  private one(number: number, length: number): Matcher | null {
    const known = this.made.get(number)
    if (known !== undefined) {
      this.made.delete(number)
      this.made.set(number, known)
      return known
    }
    const times = (this.wanted.get(number) ?? 0) + 1
    this.wanted.set(number, times)
    if (length < worthCompiling && times < wantedOften) return null
    const rule = this.rules.text(number)
    const matcher = rule === undefined ? null : this.makers.compile(rule)
    this.made.set(number, matcher)
    const [oldest] = this.made.keys()
    if (this.made.size > keptLone && oldest !== undefined) this.made.delete(oldest)
    return matcher
  }
}

const lineFeed = 0x0a

/** The single rules, read one by one when they are asked for: as objects all of them take three times their bytes. */
class LoneTexts {
  private readonly bytes: Buffer
  /** Where each line begins, and the end. */
  private readonly starts: readonly number[]
  private readonly gates = new Map<number, Gate>()

  constructor({ buffer, byteOffset, length }: Uint8Array) {
    this.bytes = Buffer.from(buffer, byteOffset, length)
    const starts = [0]
    for (let at = this.bytes.indexOf(lineFeed); at !== -1; at = this.bytes.indexOf(lineFeed, at + 1))
      starts.push(at + 1)
    this.starts = length === 0 ? [] : [...starts, length + 1]
  }

  text(number: number): LoneText | undefined {
    const [start, end] = [this.starts[number], this.starts[number + 1]]
    if (start === undefined || end === undefined) return undefined
    return JSON.parse(this.bytes.toString('utf8', start, end - 1)) as LoneText
  }

  gate(number: number): Gate {
    const known = this.gates.get(number)
    if (known !== undefined) return known
    const gate = this.text(number)?.gate ?? { kind: 'anything' }
    this.gates.set(number, gate)
    return gate
  }
}

/** Loaded when it is needed: many trees need the complete set never. */
function lazily(make: () => Matcher): () => Matcher {
  let made: Matcher | null = null
  return () => {
    made ??= make()
    return made
  }
}
