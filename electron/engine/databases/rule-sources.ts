// The texts of a set of rules, which are read only when they are to be compiled: whoever has the compiled form needs none.
// Never looks into a text.
import { createHash } from 'node:crypto'
import type { RuleSource } from '../detect/pattern-engine.ts'

export interface RuleSources {
  /** Over all names and texts. */
  readonly digest: string
  readonly isEmpty: boolean
  /** Throws when they cannot be read any more. */
  read(): readonly RuleSource[]
}

export function sourcesInMemory(sources: readonly RuleSource[]): RuleSources {
  const hash = createHash('sha256')
  for (const { namespace, source } of sources) {
    hash.update(`${Buffer.byteLength(namespace)}:${namespace}:${Buffer.byteLength(source)}:`).update(source)
  }
  return { digest: hash.digest('hex'), isEmpty: sources.length === 0, read: () => sources }
}
