// Chooses between the backends of the pattern engine: native where it loads, WebAssembly elsewhere.
import {
  guarded,
  type PatternBackend,
  type PatternEngine,
  type PatternOptions,
  type RuleSet,
} from './pattern-engine.ts'
import { createNativeEngine, nativeVersion } from './yara-native.ts'
import { createWasmEngine } from './yara-wasm.ts'

/** The best backend of this machine. */
export function preferredBackend(): PatternBackend {
  return nativeVersion() === null ? 'wasm' : 'native'
}

/** An engine for these rules; null when there are none. Throws when the backend that compiled them is not there. */
export async function createPatternEngine(rules: RuleSet, options: PatternOptions): Promise<PatternEngine | null> {
  if (rules.rules === 0 || rules.backend === 'none') return null
  const engine =
    rules.backend === 'native' ? createNativeEngine(rules, options) : await createWasmEngine(rules.sources, options)
  return guarded(engine)
}
