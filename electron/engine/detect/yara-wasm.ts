// YARA-X as WebAssembly, for machines without the native addon: the same interface, much slower, no stored rules.
// Its time limit does not hold inside of WebAssembly: the watchdog of the engine process stands behind it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Compiler, Scanner } from '@virustotal/yara-x'
import type { PatternEngine, PatternOptions, RuleMatch, RuleSource, RuleVariables } from './pattern-engine.ts'
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
type Yara = typeof import('@virustotal/yara-x')

let loaded: Promise<Yara> | undefined

/** Version of the WebAssembly build. */
export function wasmVersion(): string {
  return (packages('@virustotal/yara-x/package.json') as { version: string }).version
}

/** Problems of each source; a file with any is left out as a whole (the build cannot skip single rules). */
export async function checkWasm(sources: readonly RuleSource[]): Promise<CompileProblem[]> {
  const yara = await load()
  return sources.flatMap(({ namespace, source }) => {
    const compiler = newCompiler(yara)
    try {
      compiler.addSource(source)
      return []
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return [{ file: namespace, line: lineOf(message), problem: titleOf(message) }]
    } finally {
      compiler.free()
    }
  })
}

/** Compiles the sources, which must have passed `checkWasm`, and matches with them. */
export async function createWasmEngine(
  sources: readonly RuleSource[],
  options: PatternOptions,
): Promise<PatternEngine> {
  const yara = await load()
  const compiler = newCompiler(yara)
  for (const { namespace, source } of sources) {
    compiler.newNamespace(namespace)
    compiler.addSource(source)
  }
  const rules = compiler.build()
  compiler.free()
  const scanner = rules.scanner()
  scanner.setMaxMatchesPerPattern(options.maxMatches)
  scanner.setTimeoutMs(options.timeoutMs)
  // Setting a variable costs some ms here: only those that a rule asks for.
  const asked = variableNames.filter((name) => sources.some(({ source }) => source.includes(name)))
  return {
    backend: 'wasm',
    scan: (bytes, variables) => {
      for (const name of asked) scanner.setGlobal(name, variables[name])
      return scanWith(scanner, bytes)
    },
    dispose: () => {
      scanner.free()
      rules.free()
    },
  }
}

function scanWith(scanner: Scanner, bytes: Buffer): RuleMatch[] {
  const result = scanner.scan(bytes) as { valid: boolean; errors: readonly unknown[]; matches: readonly WasmMatch[] }
  if (!result.valid) throw new Error(`YARA-X: ${JSON.stringify(result.errors).slice(0, 300)}`)
  return result.matches.map(matchOf)
}

function newCompiler(yara: Yara): Compiler {
  const compiler = new yara.Compiler()
  for (const name of variableNames) compiler.defineGlobal(name, '')
  return compiler
}

/** Loaded when first needed. The package exports only its script: the WebAssembly file lies beside it. */
function load(): Promise<Yara> {
  loaded ??= import('@virustotal/yara-x').then((yara) => {
    const folder = dirname(require.resolve('@virustotal/yara-x/package.json'))
    yara.initSync({ module: readFileSync(join(folder, 'pkg', 'yara_x_js_bg.wasm')) })
    return yara
  })
  return loaded
}

function matchOf(match: WasmMatch): RuleMatch {
  const meta: Record<string, string | number | boolean> = {}
  for (const { identifier, value } of match.metadata) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') meta[identifier] = value
  }
  return { rule: match.identifier, namespace: match.namespace, meta }
}
