// The small interface in front of YARA-X: a compiled rule set goes in, matches of one content come out.
// Owns the trap of file names as variables. Never reads a file, never judges a match.
import type { SplitForms } from './split-forms.ts'

export type PatternBackend = 'native' | 'wasm'

export interface RuleSource {
  /** One namespace for each file: rules of the same name do not clash. */
  readonly namespace: string
  readonly source: string
}

/** Rules compiled by the native backend, in shared memory. */
export interface CompiledForms {
  readonly all: Uint8Array<SharedArrayBuffer>
  /** For contents that do not begin with `MZ`; null for a small set, which is fast enough as it is. */
  readonly split: SplitForms | null
}

/** Plain data, for any thread. `compiled` is there only for the native backend. */
export interface RuleSet {
  readonly backend: PatternBackend | 'none'
  readonly rules: number
  /** There are rules, but no backend that could take them. */
  readonly failed: boolean
  readonly compiled: CompiledForms | null
  readonly sources: readonly RuleSource[]
  /** Rules that ask about a content as a whole: lines of namespace, TAB, name or `*`. For all threads. */
  readonly aboutWhole: Uint8Array<SharedArrayBuffer>
}

export interface RuleMatch {
  readonly rule: string
  readonly namespace: string
  readonly meta: Readonly<Record<string, string | number | boolean>>
}

/** What rules may ask about the object besides its bytes. All empty where unknown. */
export interface RuleVariables {
  readonly filename: string
  readonly filepath: string
  readonly extension: string
  readonly filetype: string
  readonly owner: string
}

export interface PatternEngine {
  readonly backend: PatternBackend
  /** All rules that match, synchronously. Throws when the content could not be matched to its end (time, trap). */
  scan(bytes: Buffer, variables: RuleVariables): RuleMatch[]
  dispose(): void
}

export interface PatternOptions {
  readonly timeoutMs: number
  readonly maxMatches: number
}

export const noVariables: RuleVariables = { filename: '', filepath: '', extension: '', filetype: '', owner: '' }

/**
 * SECURITY: the native backend parses variables, so that a file called `123` or `true` makes it throw. A file name
 * must not be able to switch detection off: such values are left out, and after any throw it goes without all of them.
 */
export function guarded(engine: PatternEngine): PatternEngine {
  return {
    backend: engine.backend,
    scan: (bytes, variables) => {
      try {
        return engine.scan(bytes, safeVariables(variables))
      } catch (error) {
        if (isTimeout(error)) throw error
        return engine.scan(bytes, noVariables)
      }
    },
    dispose: () => engine.dispose(),
  }
}

function safeVariables(variables: RuleVariables): RuleVariables {
  const safe = (value: string): string => (/^\s*([+-]?\d+|true|false)\s*$/i.test(value) ? '' : value)
  return {
    filename: safe(variables.filename),
    filepath: safe(variables.filepath),
    extension: safe(variables.extension),
    filetype: safe(variables.filetype),
    owner: safe(variables.owner),
  }
}

/** True for the error that a backend throws when its time was up. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && /timed? ?out/i.test(error.message)
}
