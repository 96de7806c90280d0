// YARA-X as WebAssembly, for machines without the native addon: the same interface, much slower, no stored rules.
// An instance that threw or took too long is thrown away; the rules are compiled anew when they are needed next.
import { createRequire } from 'node:module'
import type { Compiler } from '@virustotal/yara-x'
import type { PatternEngine, PatternOptions, RuleMatch, RuleSource, RuleVariables } from './pattern-engine.ts'
import { newYara, within, type Yara } from './wasm-instance.ts'
import { type CompileProblem, lineOf, titleOf } from './yara-native.ts'

interface WasmMatch {
  readonly identifier: string
  readonly namespace: string
  readonly metadata: readonly { readonly identifier: string; readonly value: unknown }[]
}

const variableNames = [
  'filename',
  'filepath',
  'extension',
  'filetype',
  'owner',
] as const satisfies (keyof RuleVariables)[]
const packages = createRequire(import.meta.url)
/** Far above what any file of rules takes on a slow machine. */
const compileMs = 60_000

/** Version of the WebAssembly build. */
export function wasmVersion(): string {
  return (packages('@virustotal/yara-x/package.json') as { version: string }).version
}

/** Problems of each source; a file with any is left out as a whole (the build cannot skip single rules). */
export async function checkWasm(sources: readonly RuleSource[]): Promise<CompileProblem[]> {
  let yara: Yara | null = null
  return sources.flatMap(({ namespace, source }) => {
    yara ??= newYara()
    const problem = problemOf(yara, source)
    if (problem === null) return []
    yara = null
    return [{ file: namespace, line: lineOf(problem), problem: titleOf(problem) }]
  })
}

function problemOf(yara: Yara, source: string): string | null {
  try {
    within(compileMs, () => {
      const compiler = newCompiler(yara)
      compiler.addSource(source)
      compiler.free()
    })
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Compiles the sources, which must have passed `checkWasm`, and matches with them. */
export async function createWasmEngine(
  sources: readonly RuleSource[],
  options: PatternOptions,
): Promise<PatternEngine> {
  let matcher: Matcher | null = newMatcher(sources, options)
  return {
    backend: 'wasm',
    scan: (bytes, variables) => {
      const used = matcher ?? newMatcher(sources, options)
      // It comes back only from a scan that came to its end.
      matcher = null
      const matches = within(options.timeoutMs, () => used.scan(bytes, variables))
      matcher = used
      return matches
    },
    dispose: () => {
      matcher?.free()
      matcher = null
    },
  }
}

interface Matcher {
  scan(bytes: Buffer, variables: RuleVariables): RuleMatch[]
  free(): void
}

/** In an instance of its own. */
function newMatcher(sources: readonly RuleSource[], { maxMatches }: PatternOptions): Matcher {
  const compiler = newCompiler(newYara())
  for (const { namespace, source } of sources) {
    compiler.newNamespace(namespace)
    compiler.addSource(source)
  }
  const rules = compiler.build()
  compiler.free()
  const scanner = rules.scanner()
  scanner.setMaxMatchesPerPattern(maxMatches)
  // Setting a variable costs some ms here: only those that a rule asks for.
  const asked = variableNames.filter((name) => sources.some(({ source }) => source.includes(name)))
  return {
    scan: (bytes, variables) => {
      for (const name of asked) scanner.setGlobal(name, variables[name])
      return matchesOf(scanner.scan(bytes))
    },
    free: () => {
      scanner.free()
      rules.free()
    },
  }
}

function matchesOf(scanned: unknown): RuleMatch[] {
  const result = scanned as { valid: boolean; errors: readonly unknown[]; matches: readonly WasmMatch[] }
  if (!result.valid) throw new Error(`YARA-X: ${JSON.stringify(result.errors).slice(0, 300)}`)
  return result.matches.map(matchOf)
}

function newCompiler(yara: Yara): Compiler {
  const compiler = new yara.Compiler()
  for (const name of variableNames) compiler.defineGlobal(name, '')
  return compiler
}

function matchOf(match: WasmMatch): RuleMatch {
  const meta: Record<string, string | number | boolean> = {}
  for (const { identifier, value } of match.metadata) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') meta[identifier] = value
  }
  return { rule: match.identifier, namespace: match.namespace, meta }
}
