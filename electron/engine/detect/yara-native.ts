// YARA-X as a native addon (Linux x64, glibc): compiles, serialises, and matches buffers that we read ourselves.
// Never uses the addon's own file functions: they map files and cannot open every name.
import { createRequire } from 'node:module'
import type { PatternEngine, PatternOptions, RuleMatch, RuleSet, RuleSource } from './pattern-engine.ts'
import { createSplitMatcher, type Matcher } from './split-engine.ts'

interface NativeMatch {
  readonly ruleIdentifier: string
  readonly namespace: string
  readonly meta: Readonly<Record<string, string | number | boolean>>
}

interface NativeRules {
  addRuleSources(sources: readonly RuleSource[]): void
  getCompilationErrors(): readonly { readonly message: string }[]
  getIgnoredRules(): readonly { readonly name: string }[]
  serialize(): Buffer
  setMaxMatchesPerPattern(count: number): void
  setTimeout(ms: number): void
  scan(bytes: Buffer, variables: object): readonly NativeMatch[]
}

interface NativeModule {
  compile(source: string, options: object): NativeRules
  deserialize(compiled: Buffer): NativeRules
}

export interface CompileProblem {
  readonly file: string
  readonly line: number
  readonly problem: string
}

export interface Compiled {
  readonly bytes: Buffer
  readonly problems: readonly CompileProblem[]
  /** Rules that were left out. */
  readonly ignored: number
}

const packageName = '@litko/yara-x-linux-x64-gnu'
const packages = createRequire(import.meta.url)
const compileOptions = {
  defineVariables: { filename: '', filepath: '', extension: '', filetype: '', owner: '' },
  // SECURITY: an `include` would let a rule file read any file of the machine into an error message.
  enableIncludes: false,
  ignoreInvalidRules: true,
  relaxedReSyntax: true,
  enableAllWarnings: false,
}

let loaded: NativeModule | null | undefined

/** Version of the addon; null where it is missing or does not load. Part of the key of stored compiled rules. */
export function nativeVersion(): string | null {
  if (load() === null) return null
  const { version } = packages(`${packageName}/package.json`) as { version: string }
  return version
}

/** Compiles all sources together. A bad rule or file is left out and named, the others stay. Throws only for a bug. */
export function compileNative(sources: readonly RuleSource[]): Compiled {
  const native = load()
  if (native === null) throw new Error('native YARA-X is not available')
  const rules = native.compile('', compileOptions)
  rules.addRuleSources(sources)
  const failed = rules.getCompilationErrors().length > 0
  return {
    bytes: rules.serialize(),
    problems: failed ? sources.flatMap((source) => problemsOf(native, source)) : [],
    ignored: rules.getIgnoredRules().length,
  }
}

/** An engine over compiled rules; without them it compiles the sources. Throws when they do not fit this addon. */
export function createNativeEngine(rules: RuleSet, options: PatternOptions): PatternEngine {
  const native = load()
  if (native === null) throw new Error('native YARA-X is not available')
  const loadRules = (compiled: Uint8Array): NativeRules => {
    const loadedRules = native.deserialize(Buffer.from(compiled.buffer, compiled.byteOffset, compiled.byteLength))
    loadedRules.setMaxMatchesPerPattern(options.maxMatches)
    loadedRules.setTimeout(options.timeoutMs)
    return loadedRules
  }
  const matcherOf = (compiled: Uint8Array): Matcher => {
    const loadedRules = loadRules(compiled)
    return (bytes, variables) => loadedRules.scan(bytes, variables).map(matchOf)
  }
  const split = rules.compiled?.split ?? null
  // Many trees have no program for Windows: the set that has the rules for these is loaded when the first one comes.
  let all = split === null ? matcherOf(rules.compiled?.all ?? compileNative(rules.sources).bytes) : null
  const whole: Matcher = (bytes, variables) => {
    all ??= matcherOf(rules.compiled?.all ?? new Uint8Array())
    return all(bytes, variables)
  }
  const parts =
    split === null
      ? null
      : createSplitMatcher(split, { load: matcherOf, compile: (rule) => compileLone(rule, matcherOf) })
  return {
    backend: 'native',
    scan: (bytes, variables) => (parts === null || isMz(bytes) ? whole : parts)(bytes, variables),
    dispose: () => {},
  }
}

/** Null when it does not compile alone. */
function compileLone(rule: RuleSource, matcherOf: (compiled: Uint8Array) => Matcher): Matcher | null {
  const { bytes, problems } = compileNative([rule])
  return problems.length === 0 ? matcherOf(bytes) : null
}

/** What `uint16(0) == 0x5a4d` asks for, in a window of a file as in a whole one. */
function isMz(bytes: Buffer): boolean {
  return bytes[0] === 0x4d && bytes[1] === 0x5a
}

function load(): NativeModule | null {
  if (loaded !== undefined) return loaded
  try {
    loaded = packages(packageName) as NativeModule
  } catch {
    loaded = null
  }
  return loaded
}

/** The addon does not say which source an error is from: each is compiled alone again to find out. */
function problemsOf(native: NativeModule, { namespace, source }: RuleSource): CompileProblem[] {
  const alone = native.compile('', compileOptions)
  alone.addRuleSources([{ namespace, source }])
  return alone
    .getCompilationErrors()
    .map(({ message }) => ({ file: namespace, line: lineOf(message), problem: titleOf(message) }))
}

/** Line number in a compiler message, 0 when it has none. */
export function lineOf(message: string): number {
  return Number(/-->\s*line:(\d+)/.exec(message)?.[1] ?? 0)
}

/** First line of a compiler message. */
export function titleOf(message: string): string {
  return (message.split('\n', 1)[0] ?? '').slice(0, 300)
}

function matchOf(match: NativeMatch): RuleMatch {
  return { rule: match.ruleIdentifier, namespace: match.namespace, meta: match.meta }
}
