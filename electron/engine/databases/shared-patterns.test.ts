import { describe, expect, it } from 'vitest'
import { noVariables } from '../detect/pattern-engine.ts'
import { createNativeEngine } from '../detect/yara-native.ts'
import { createWasmEngine } from '../detect/yara-wasm.ts'
import { compileRules } from './rule-store.ts'
import { readRules } from './rule-text.ts'
import { withOwnBounds } from './shared-patterns.ts'

const limits = { timeoutMs: 10_000, maxMatches: 64 }
const content = Buffer.from('something with abcdef in it')
const rule = (name: string, pattern: string, condition: string) =>
  `rule ${name} { strings: $a = ${pattern} condition: ${condition} }\n`

describe.each(['native', 'wasm'] as const)('rules that look for the same are all found: %s', (backend) => {
  it.each([
    ['"abcdef"', 'filesize < 10 and $a'],
    ['"abcdef"', 'uint16(0) == 0x5a4d and $a'],
    ['{ 61 62 63 64 65 66 }', 'uint32be(0) == 1 and filesize < 5 and $a'],
    ['/abc[d-f]{3}/', 'filesize > 1MB and $a'],
  ])('%s, %s', async (pattern, bounds) => {
    const sources = [
      { namespace: 'one', source: rule('Bounded', pattern, bounds) },
      { namespace: 'two', source: rule('Free', pattern, '$a') },
    ]
    const { rules } = await compileRules(sources, { backend })
    const engine =
      backend === 'native' ? createNativeEngine(rules, limits) : await createWasmEngine(rules.sources, limits)
    expect(engine.scan(content, noVariables).map((match) => match.rule)).toEqual(['Free'])
    engine.dispose()
  })
})

it('only bounded rules that share a pattern are written anew, on the same lines', () => {
  const source = [
    '// first',
    'rule Alone { strings: $a = "alone" condition: filesize < 10 and $a }',
    'rule Shared { strings: $a = "both"',
    '  condition:',
    '    filesize < 10 and $a // why',
    '}',
    'rule Free { strings: $b = "both" condition: $b }',
  ].join('\n')
  const [{ source: text = '' } = {}] = withOwnBounds([{ namespace: 'n', source }])
  expect(text.split('\n')).toHaveLength(7)
  expect(text).toContain('rule Alone { strings: $a = "alone" condition: filesize < 10 and $a }')
  expect(text).toContain('rule Free { strings: $b = "both" condition: $b }')
  expect(readRules(text)?.map(({ condition }) => condition.includes('or false'))).toEqual([false, true, false])
})
