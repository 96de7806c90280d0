// What translated signatures find in a content, by the native backend as in the product.
import { noVariables } from '../../../detect/pattern-engine.ts'
import { findingOfMatch } from '../../../detect/rule-verdict.ts'
import { compileNative, createNativeEngine } from '../../../detect/yara-native.ts'
import { type PatternKind, translatePatterns } from '../pattern-translation.ts'

/** Names of the signatures of these lines that are found. Throws when one of them is not taken. */
export function found(kind: PatternKind, lines: readonly string[], content: Buffer | string): string[] {
  const { source, skipped } = translatePatterns(kind, lines.join('\n'), () => false)
  if (skipped.size > 0) throw new Error(`not taken: ${[...skipped.keys()].join(', ')}`)
  const { bytes, problems } = compileNative([{ namespace: 'x', source }])
  if (problems.length > 0) throw new Error(problems.map(({ problem }) => problem).join('\n'))
  const all = new Uint8Array(new SharedArrayBuffer(bytes.length))
  all.set(bytes)
  const rules = {
    backend: 'native',
    rules: 1,
    failed: false,
    compiled: { all, split: null },
    sources: [],
    aboutWhole: new Uint8Array(new SharedArrayBuffer(0)),
  } as const
  const engine = createNativeEngine(rules, { timeoutMs: 30_000, maxMatches: 64 })
  const matches = engine.scan(typeof content === 'string' ? Buffer.from(content, 'latin1') : content, noVariables)
  return matches.map((match) => findingOfMatch(match)?.threat ?? 'none').sort()
}

/** Its bytes in hexadecimal. */
export function hex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex')
}

/** A logical signature over these sub-signatures, for any content. */
export const logical = (expression: string, ...subs: string[]): string[] => [
  `Test;Engine:51-255,Target:0;${expression};${subs.join(';')}`,
]
