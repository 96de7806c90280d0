// Gives changed signatures, rules and database containers to their readers. Checks that none throws, that a text is read the
// same however it is cut into pieces, that every rule made of a signature is one that compiles, and that nothing of a
// container is given which its list of files does not say.
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { gunzipSync, gzipSync } from 'node:zlib'
import { CureRecipe } from '#shared/files/cure-recipe.ts'
import { type OpenedContainer, openContainer } from '../../databases/clamav/cvd.ts'
import { type PatternKind, translatePatterns } from '../../databases/clamav/pattern-translation.ts'
import { createSpool } from '../../databases/clamav/spool.ts'
import { makeContainer, makeKeys } from '../../databases/clamav/testing/containers.ts'
import { readRecipes } from '../../databases/cure-recipes.ts'
import { withPlainBlanks } from '../../databases/plain-blanks.ts'
import { splitRules } from '../../databases/rule-split.ts'
import { readRules } from '../../databases/rule-text.ts'
import { withOwnBounds } from '../../databases/shared-patterns.ts'
import { SignatureLines } from '../../databases/signature-text.ts'
import type { RuleSource } from '../../detect/pattern-engine.ts'
import { compileNative, nativeVersion } from '../../detect/yara-native.ts'
import { tokensOf } from './fixture.ts'
import { flooded, mutated } from './mutate.ts'
import type { Random } from './random.ts'
import type { Probe, Target } from './target.ts'

const group = 'databases'
const [mostBytes, mostFloodBytes] = [16 * 1024, 128 * 1024]
const [floodEvery, compileEvery] = [40, 8]

/** `many`: inputs of a short run for what is fast; a container takes longer. */
export function databaseTargets(many: number, few: number): Target[] {
  const target = (name: string, count: number, open: () => Promise<Probe>): Target => {
    return { name, group, count, mostCpuMs: 4000, open }
  }
  return [
    target('signatures-hashes', many, async () => probe(hashLines, hashWords, checkHashes)),
    target('signatures-extended', many, async () => probe(extended, patternWords, checkPatterns('ndb'))),
    target('signatures-logical', many, async () => probe(logical, patternWords, checkPatterns('ldb'))),
    target('cure-recipes', many, async () => probe(recipeLines, recipeWords, checkRecipes)),
    target('rules-text', many, async () => probe(rules, ruleWords, checkRules)),
    target('container-cud', few, async () => openContainers('cud')),
    target('container-cld', few, async () => openContainers('cld')),
    target('container-cvd', few, async () => openContainers('cvd')),
  ]
}

type Check = (text: Buffer, random: Random, index: number) => void

function probe(lines: readonly string[], tokens: readonly Buffer[], check: Check): Probe {
  const bytes = Buffer.from(lines.join('\n'), 'latin1')
  return {
    input: (random, index) => {
      const isFlood = index % floodEvery === floodEvery - 1
      const stock = { tokens, others: [bytes], mostBytes: isFlood ? mostFloodBytes : mostBytes }
      return isFlood ? flooded(bytes, random, stock) : mutated(bytes, random, stock)
    },
    check: async (input, random, index) => check(input, random, index),
    close: () => {},
  }
}

const recipeLines = [
  '# a comment',
  '{"threat":"Virus.*","format":"elf","match":[{"at":0,"bytes":"7f45??46"}],"restore":[[100,0,0]],"truncate":-100}',
  '{"threat":"Virus.A","format":"pe","match":[{"at":-8,"bytes":"00"}],"fixups":[{"at":4,"zeros":9}],"truncate":{"at":-4,"bytes":4}}',
]
const recipeWords = tokensOf(
  '"',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '??',
  '*',
  '-1',
  '1e9',
  'null',
  '"bytes"',
  '"at"',
  '"zeros"',
  '\n',
)

function checkRecipes(bytes: Buffer): void {
  const { recipes, rejected } = readRecipes([{ file: 'a.cure', bytes }])
  const lines = bytes.toString('latin1').split('\n').length
  if (recipes.length + rejected.length > lines) throw new Error('more recipes than lines')
  for (const recipe of recipes) if (!CureRecipe.safeParse(recipe).success) throw new Error('no recipe')
}

const hashLines = [
  `${'a'.repeat(64)}:10:One`,
  `${'b'.repeat(32)}:*:Two:73`,
  `${'c'.repeat(40)}:123456789:Three:1:50`,
  '# a comment',
  '',
  `10:${'d'.repeat(32)}:Section:51:255\r`,
  `Name:${'e'.repeat(32)}`,
]
const hashWords = tokensOf(
  ':',
  '\n',
  '\r\n',
  '#',
  '*',
  '0',
  'f'.repeat(64),
  'f'.repeat(32),
  '999999999999999',
  ' ',
  '\0',
)

function checkHashes(text: Buffer, random: Random): void {
  const whole = readLines([text])
  const inPieces = readLines(cutUp(text, random))
  if (whole !== inPieces) throw new Error(`read in pieces it is another text: ${whole} / ${inPieces}`)
}

/** What is taken and what is rejected, as text. */
function readLines(pieces: readonly Buffer[]): string {
  const lines = new SignatureLines({ hashes: 100, sections: 100, trusted: 100 })
  const file = { file: 'x', pieces }
  lines.addIgnored(file)
  lines.addHashes(file)
  lines.addSections(file)
  lines.addTrusted(file)
  lines.finish()
  const rows = [...Object.values(lines.hashes), ...Object.values(lines.sections), lines.trusted].map(
    (table) => table.rows,
  )
  for (const table of [...Object.values(lines.hashes), lines.trusted]) table.build()
  return JSON.stringify([rows, [...lines.ignored], lines.rejected, lines.rejectedLines])
}

function cutUp(text: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < text.length; ) {
    const length = 1 + random.below(random.oneIn(2) ? 8 : 400)
    pieces.push(text.subarray(at, at + length))
    at += length
  }
  return pieces
}

const hex = Buffer.from('a pattern to look for').toString('hex')
const extended = [
  `Test.A:0:*:${hex}`,
  `Test.B:1:EP+0,100:${hex}??${hex}`,
  `Test.C:0:EOF-100:${hex}{5-10}(aa|bb|cc)!(dd)${hex}`,
  `Test.D:1:S2+10:4d5a*${hex}[2-4]${hex}:51:255`,
  `PUA.E:6:10,20:${hex}{-8}aa${hex}`,
]
const logical = [
  `L.A;Engine:51-255,Target:0;0&1;${hex};${hex}aa::i`,
  `L.B;Engine:51-255,Target:1,FileSize:10-1000;(0|1)&2>1;${hex};EP+0:${hex}bb::w;${hex}cc::fa`,
  `L.C;Target:0;0=2|(1&2)<3,1;${hex};EOF-5:${hex}dd;${hex}ee`,
]
const patternWords = tokensOf(
  ...[':', ';', '\n', '*', '??', 'a?', '{5-10}', '{-8}', '[2-4]', '{1000000}', '(aa|bb)', '!(aa)', '(B)', '!(aabbcc)'],
  ...['EP+0', 'EP-9', 'EOF-1', 'SL+3', 'S1+2', 'SE0', ',', '0&1', '0|1', '=2', '>1,1', '(', ')', '::iwfa', 'Target:1'],
  ...['Engine:51-255', 'FileSize:1-2', 'NumberOfSections:1-3', 'EntryPoint:1-2', '/x/', '$', '#', '"', '\\'],
)

/** A rule that does not compile would be lost, and the signature with it, without anybody knowing. */
function checkPatterns(kind: PatternKind): Check {
  return (text, _, index) => {
    const { source, taken } = translatePatterns(kind, text.toString('latin1'), () => false)
    if (index % compileEvery !== 0 || taken === 0 || nativeVersion() === null) return
    const { problems, ignored } = compileNative([{ namespace: 'x', source }])
    if (problems.length > 0 || ignored > 0)
      throw new Error(`of ${taken} rules ${ignored} are ignored: ${problems[0]?.problem}\n${source.slice(0, 2000)}`)
  }
}

const rules = [
  'import "pe"',
  'private rule One : tag { meta: a = "x" strings: $a = "text" nocase $b = { 4d 5a [2-4] (aa|bb) } condition: $a and $b }',
  'global rule Two { strings: $a = /re\\/gex{1,3}/i condition: uint16(0) == 0x5a4d and ($a or filesize < 100KB) }',
  'rule Three { /* words } */ strings: $a = "text" // more }',
  'condition: for any i in (1..#a): (@a[i] > 10) and (One or ((uint16be(0) == 0x4d5a))) }',
]
const ruleWords = tokensOf(
  ...[
    'rule',
    'private',
    'global',
    '{',
    '}',
    '(',
    ')',
    '"',
    '/',
    '/*',
    '*/',
    '//',
    '\n',
    'condition:',
    'strings:',
    'meta:',
  ],
  ...[
    '$a',
    ' and ',
    ' or ',
    ' not ',
    'uint16(0) == 0x5a4d',
    'pe.is_pe',
    '\\',
    '\\"',
    'any of them',
    'rule A {',
    '= {',
    '..',
  ],
)

function checkRules(text: Buffer, _: Random, index: number): void {
  const source = text.toString('latin1')
  for (const { start, end } of readRules(source) ?? [])
    if (start < 0 || start >= end || end > source.length) throw new Error(`a rule from ${start} to ${end}`)
  const twice = withPlainBlanks([
    { namespace: 'a', source },
    { namespace: 'b', source },
  ])
  const own = withOwnBounds(twice)
  const { lone, complete } = splitRules(own, { untouched: new Set(['b']), rarity: () => 1 })
  if (complete[1]?.source !== own[1]?.source) throw new Error('an untouched source was changed')
  if (index % compileEvery !== 0 || nativeVersion() === null || problemsOf(twice) > 0) return
  for (const [what, made] of [
    ['with bounds of their own', own],
    ['for other contents than programs', complete],
    ...lone.map((rule) => ['that are asked alone', [rule]] as const),
  ] as const)
    if (problemsOf(made) > 0) throw new Error(`rules ${what} do not compile any more`)
}

function problemsOf(sources: readonly RuleSource[]): number {
  const { problems, ignored } = compileNative(sources)
  return problems.length + ignored
}

async function openContainers(kind: 'cud' | 'cld' | 'cvd'): Promise<Probe> {
  const keys = makeKeys()
  const files = { 'test.hsb': `${'a'.repeat(64)}:10:One\n`, 'test.ndb': 'Two:0:*:aabbccdd\nThree:0:*:aabbccee' }
  const whole = makeContainer(kind, files, keys)
  const tokens = tokensOf('ClamAV-VDB:', ':', '\n', 'COPYING', 'test.info', 'DSIG:', 'ustar', '0x1f8b08', '../', 'X')
  const [header, body] = [whole.subarray(0, 512), whole.subarray(512)]
  const isPacked = kind !== 'cld'
  return {
    input: (random) => {
      const stock = { tokens, others: [whole], mostBytes: 64 * 1024 }
      if (!isPacked || random.oneIn(2)) return mutated(whole, random, stock)
      return Buffer.concat([header, gzipSync(mutated(gunzipSync(body), random, stock))])
    },
    check: async (input, random) => {
      const spool = createSpool(tmpdir())
      try {
        const pieces = cutUp(input, random)
        const opened = await openContainer(`test.${kind}`, { pieces: () => pieces }, options(spool))
        if (!('refused' in opened)) checkContainer(opened, kind === 'cud' ? null : files)
      } finally {
        spool.dispose()
      }
    },
    close: () => {},
  }

  function options(spool: ReturnType<typeof createSpool>): Parameters<typeof openContainer>[2] {
    return { spool, isWanted: () => true, keys: keys.public, maxUnpackedBytes: 1024 * 1024 }
  }
}

/** `signed`: what alone may be given, where a signature is asked for. */
function checkContainer({ files }: OpenedContainer, signed: Readonly<Record<string, string>> | null): void {
  for (const { name, sha256, size, pieces } of files) {
    const content = pieces === null ? null : Buffer.concat([...pieces()].map((piece) => Buffer.from(piece)))
    if (content === null) continue
    if (content.length !== size || createHash('sha256').update(content).digest('hex') !== sha256)
      throw new Error(`${name} is not what it is said to be`)
    if (signed !== null && name !== 'COPYING' && content.toString() !== signed[name])
      throw new Error(`${name} was given although nobody signed it`)
  }
}
