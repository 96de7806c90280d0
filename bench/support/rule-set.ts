// A large set of YARA rules to measure with: a folder that BENCH_RULES names, else as many generated ones.
// Generated rules are shaped like public ones: most ask for a file header and a size, and have texts and bytes.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

export interface RuleSetFiles {
  /** Folder that holds nothing but rule files. */
  readonly folder: string
  readonly files: readonly string[]
  readonly rules: number
  /** For the notes. */
  readonly what: string
  /** True for rules that ask for a name, a path or a type: YARA's program is not told these. */
  usesVariables(rule: string): boolean
}

const generatedRules = 5_900
const perFile = 10
const ruleStart = /^[ \t]*(?:(?:private|global)\s+)*rule\s+([A-Za-z_]\w*)/gm
const variable = /\b(?:filename|filepath|extension|filetype|owner)\b/

/** `folder`: where rules may be written. */
export function ruleSet(folder: string): RuleSetFiles {
  const given = process.env.BENCH_RULES
  const source = given ? copied(given, folder) : generated(folder)
  const files = readdirSync(source)
    .sort()
    .map((name) => join(source, name))
  const texts = files.map((file) => readFileSync(file, 'utf8'))
  const asking = new Set(texts.flatMap(rulesWithVariables))
  const rules = texts.reduce((sum, text) => sum + (text.match(ruleStart)?.length ?? 0), 0)
  const what = given ? `${rules} rules of ${basename(given)}` : `${rules} generated rules`
  return { folder: source, files, rules, what, usesVariables: (rule) => asking.has(rule) }
}

/** Only what is a rule file: a folder of databases is loaded as a whole. */
function copied(from: string, folder: string): string {
  const to = join(folder, 'rules')
  mkdirSync(to)
  for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (/\.yara?$/.test(name)) writeFileSync(join(to, name.replaceAll('/', '_')), readFileSync(join(from, name)))
  }
  return to
}

function generated(folder: string): string {
  const to = join(folder, 'rules')
  mkdirSync(to)
  for (let first = 0; first < generatedRules; first += perFile) {
    const rules = Array.from({ length: perFile }, (_value, index) => ruleText(first + index))
    writeFileSync(join(to, `generated-${String(first).padStart(5, '0')}.yar`), rules.join('\n'))
  }
  return to
}

const headers = ['uint16(0) == 0x5a4d', 'uint16(0) == 0x5a4d', 'uint32(0) == 0x464c457f', 'true']

function ruleText(index: number): string {
  const next = numbers(index)
  const text = () => Array.from({ length: 14 }, () => String.fromCharCode(97 + next(26))).join('')
  const bytes = () => Array.from({ length: 12 }, () => next(256).toString(16).padStart(2, '0')).join(' ')
  const size = [200, 500, 2000, 10_000][next(4)]
  return `rule generated_${index} {
  meta:
    author = "the bench"
    score = ${40 + next(60)}
  strings:
    $a = "${text()}" ascii wide
    $b = "${text()}" nocase
    $c = { ${bytes()} ?? ?? ${bytes()} }
    $d = /${text().slice(0, 8)}[a-z0-9]{4,12}\\.(exe|dll|so)/
  condition:
    ${headers[index % headers.length]} and filesize < ${size}KB and 2 of them
}`
}

/** The same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = (seed + 1) * 2_654_435_761
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function rulesWithVariables(text: string): string[] {
  const starts = [...text.matchAll(ruleStart)]
  return starts.flatMap((start, at) => {
    const body = text.slice(start.index, starts[at + 1]?.index ?? text.length)
    return variable.test(body) ? [start[1] ?? ''] : []
  })
}
