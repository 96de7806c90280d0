// Compiles rule sources, once for each generation of rules and backend version, and keeps the compiled form.
// Never compiles a large set in a process that scans: compiling takes memory that such a process would keep.
import { createHash } from 'node:crypto'
import { ProductError } from '#shared/errors.ts'
import { preferredBackend } from '../detect/pattern-backends.ts'
import {
  type CompiledForms,
  noVariables,
  type PatternBackend,
  type RuleSet,
  type RuleSource,
} from '../detect/pattern-engine.ts'
import type { LoneText, SplitForms } from '../detect/split-forms.ts'
import { compileNative, createNativeEngine, nativeVersion } from '../detect/yara-native.ts'
import { checkWasm, wasmVersion } from '../detect/yara-wasm.ts'
import { type Shared, shared } from './compiled-parts.ts'
import { type CompiledRulesFile, compiledRulesFile, type StoredRules } from './compiled-rules-file.ts'
import { withPlainBlanks } from './plain-blanks.ts'
import { type RuleSources, sourcesInMemory } from './rule-sources.ts'
import { splitRules } from './rule-split.ts'
import { readRules } from './rule-text.ts'
import { withOwnBounds } from './shared-patterns.ts'
import type { Rejected } from './signature-text.ts'
import { buildTable, rarityIn, takeSample } from './triggers/trigger-table-builder.ts'
import { wholeContentRules } from './whole-content-rules.ts'

export interface CompiledRules {
  readonly rules: RuleSet
  readonly rejected: readonly Rejected[]
}

/** Where rules are compiled that have no stored form: `elsewhere` leaves large sets to a process of their own. */
export type Compiling = 'here' | 'elsewhere'

export interface CompileOptions {
  /** Where compiled rules are kept; without it they are compiled each time. */
  readonly storeDir?: string | undefined
  readonly backend?: PatternBackend | undefined
  /** Default: `here`. */
  readonly compiling?: Compiling | undefined
}

/** Characters of rules that compile in about the time that a process takes to start. */
const smallSet = 64 * 1024
/** A set whose compiling ended so many processes is not tried again. */
const mostTries = 2
const none: RuleSet = {
  backend: 'none',
  rules: 0,
  failed: false,
  compiled: null,
  sources: [],
  aboutWhole: new Uint8Array(new SharedArrayBuffer(0)),
}

/** Throws ProductError `databases-not-compiled` when they have to be compiled elsewhere first. */
export async function compileRules(
  given: readonly RuleSource[] | RuleSources,
  { storeDir, backend, compiling = 'here' }: CompileOptions = {},
): Promise<CompiledRules> {
  const rules = 'digest' in given ? given : sourcesInMemory(given)
  if (rules.isEmpty) return { rules: none, rejected: [] }
  let sources: readonly RuleSource[] = []
  try {
    const isNative = (backend ?? preferredBackend()) === 'native'
    const file = isNative && storeDir !== undefined ? compiledRulesFile(storeDir, keyOf(rules)) : null
    const stored = file?.read() ?? null
    if (stored !== null) return setOf(stored)
    sources = withPlainBlanks(rules.read())
    return isNative ? native(sources, file, compiling) : await wasm(sources)
  } catch (error) {
    if (error instanceof ProductError) throw error
    const problem = `no pattern engine: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown error'}`
    return failed(sources, problem)
  }
}

function native(sources: readonly RuleSource[], file: CompiledRulesFile | null, compiling: Compiling): CompiledRules {
  if ((file?.unfinished() ?? 0) >= mostTries) return failed(sources, 'compiling these rules ended the process')
  const size = sources.reduce((sum, { source }) => sum + source.length, 0)
  if (compiling === 'elsewhere' && size > smallSet) throw new ProductError('databases-not-compiled')
  file?.begin()
  const fresh = compiled(sources, size)
  file?.write(fresh)
  return setOf(fresh)
}

/** All forms, loaded once on trial. */
function compiled(sources: readonly RuleSource[], size: number): StoredRules {
  const own = withOwnBounds(sources)
  const all = compileNative(own)
  const withProblems = new Set(all.problems.map(({ file }) => file))
  const forms: CompiledForms = {
    all: shared(all.bytes),
    split: size > smallSet ? splitForms(own, withProblems) : null,
  }
  const rules = Math.max(0, countRules(sources) - all.ignored - countBroken(sources, all.problems))
  const stored: StoredRules = { rules, rejected: [...all.problems], forms, aboutWhole: aboutWholeOf(sources) }
  const options = { timeoutMs: 30_000, maxMatches: 1 }
  const onTrial = createNativeEngine(setOf(stored).rules, options)
  onTrial.scan(Buffer.from('a content on trial'), noVariables)
  onTrial.dispose()
  return stored
}

function splitForms(sources: readonly RuleSource[], untouched: ReadonlySet<string>): SplitForms {
  const sample = takeSample()
  const { lone, complete, untriggered } = splitRules(sources, { untouched, rarity: rarityIn(sample) })
  const texts = lone.map(({ triggers: _, ...text }): LoneText => text)
  return {
    complete: shared(compileNative(complete).bytes),
    untriggered: shared(compileNative(untriggered).bytes),
    table: buildTable(
      lone.map(({ triggers }) => triggers),
      sample,
    ),
    lone: shared(Buffer.from(texts.map((text) => JSON.stringify(text)).join('\n'))),
  }
}

function setOf({ rules, rejected, forms, aboutWhole }: StoredRules): CompiledRules {
  return { rules: { backend: 'native', rules, failed: false, compiled: forms, sources: [], aboutWhole }, rejected }
}

function aboutWholeOf(sources: readonly RuleSource[]): Shared {
  return shared(Buffer.from(wholeContentRules(sources)))
}

function failed(sources: readonly RuleSource[], problem: string): CompiledRules {
  return {
    rules: { ...none, failed: true },
    rejected: sources.map(({ namespace }) => ({ file: namespace, line: 0, problem })),
  }
}

async function wasm(sources: readonly RuleSource[]): Promise<CompiledRules> {
  const rejected = await checkWasm(sources)
  const bad = new Set(rejected.map(({ file }) => file))
  const good = withOwnBounds(sources).filter(({ namespace }) => !bad.has(namespace))
  const rules = countRules(good)
  const aboutWhole = aboutWholeOf(good)
  return { rules: { backend: 'wasm', rules, failed: false, compiled: null, sources: good, aboutWhole }, rejected }
}

const ruleHead = /^[ \t]*(?:(?:private|global)\s+)*rule\s+[A-Za-z_]\w*/gm

function countRules(sources: readonly RuleSource[]): number {
  return sources.reduce((sum, { source }) => {
    return sum + (readRules(source)?.length ?? source.match(ruleHead)?.length ?? 0)
  }, 0)
}

/** Rules that a syntax error ended: the backend drops each, goes on with the next, and does not list it as ignored. */
function countBroken(sources: readonly RuleSource[], problems: readonly Rejected[]): number {
  const broken = problems.filter(({ problem }) => problem.startsWith('error[E001]'))
  if (broken.length === 0) return 0
  return sources.reduce((sum, { namespace, source }) => {
    const errors = broken.filter(({ file }) => file === namespace)
    return errors.length === 0 ? sum : sum + new Set(errors.map(({ line }) => ruleAround(source, line))).size
  }, 0)
}

/** Number of the last rule that begins at or before a line (1 = the first line). */
function ruleAround(source: string, line: number): number {
  return source.split('\n', line).join('\n').match(ruleHead)?.length ?? 0
}

function keyOf({ digest }: RuleSources): string {
  return createHash('sha256')
    .update(`13\0${nativeVersion() ?? ''}\0${wasmVersion()}\0${digest}`)
    .digest('hex')
}
