// Turns ClamAV's pattern signatures (.ndb, .ldb and their PUA twins) into YARA rules where that is exact.
// What cannot be said exactly is counted, never approximated.
// Source: ClamAV's documentation of extended and logical signatures, and what its matcher makes of them.
import { isForOtherLevel } from './functionality-level.ts'
import { conditionOf } from './logical-condition.ts'
import { readExpression, subsOf } from './logical-expression.ts'
import { entryPoint, fileSize, type Target } from './pattern-offset.ts'
import { readSubSignature, type SubSignature, translateSubSignature } from './sub-signature.ts'

export interface Translation {
  /** YARA source; empty when nothing was taken. Each rule has `meta: threat = "the signature's own name"` and `verdict`. */
  readonly source: string
  readonly taken: number
  /** Signatures left out, by reason. */
  readonly skipped: ReadonlyMap<string, number>
}

export type PatternKind = 'ndb' | 'ndu' | 'ldb' | 'ldu'

/** A rule without its name and what it says of itself. */
interface RuleBody {
  readonly name: string
  readonly strings: readonly string[]
  readonly conditions: readonly string[]
}

const longestLine = 64 * 1024
const mostSubs = 64

/**
 * `text`: a whole file. `isIgnored`: says of a signature's name and whole line whether an `.ign2` entry excludes it. `most`:
 * no more than so many rules are made; the rest is counted.
 */
export function translatePatterns(
  kind: PatternKind,
  text: string,
  isIgnored: (name: string, line: string) => boolean,
  most = Number.POSITIVE_INFINITY,
): Translation {
  const rules: string[] = []
  const skipped = new Map<string, number>()
  const modules = new Set<string>()
  const translate = kind.startsWith('n') ? translateExtended : translateLogical
  for (const line of linesOf(text)) {
    const name = line.slice(0, line.search(/[:;]|$/))
    if (isIgnored(name, line)) continue
    const rule = rules.length >= most ? 'too many patterns' : translateLine(line, name, translate)
    if (typeof rule === 'string') skipped.set(rule, (skipped.get(rule) ?? 0) + 1)
    else rules.push(ruleText(rule, rules.length, kind, modules))
  }
  const imports = [...modules].map((module) => `import "${module}"\n`).join('')
  return { source: rules.length === 0 ? '' : imports + rules.join(''), taken: rules.length, skipped }
}

function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end === -1 ? text.length : end).trim()
    if (line !== '' && !line.startsWith('#')) yield line
    at = end === -1 ? text.length : end + 1
  }
}

function translateLine(line: string, name: string, translate: (line: string) => RuleBody | string): RuleBody | string {
  if (line.length > longestLine) return 'line too long'
  // The native backend gives no text back that has an escape in it.
  if (!/^[\x21-\x7e]{1,256}$/.test(name) || /["\\]/.test(name)) return 'name not plain'
  return translate(line)
}

/** `NAME:TARGET:OFFSET:HEX[:minimum level[:maximum level]]` */
function translateExtended(line: string): RuleBody | string {
  const [name = '', targetType = '', offset = '', hex = '', least, most, ...more] = line.split(':')
  if (hex === '' || more.length > 0) return 'malformed'
  if (isForOtherLevel(least, most)) return 'for another version of ClamAV'
  const target = targets.get(targetType) ?? null
  if (target === null) return targetReason(targetType)
  const sub = translateSubSignature({ hex, offset, modifiers: '' }, 's', target)
  if (typeof sub === 'string') return sub
  return { name, strings: sub.strings, conditions: [...magicOf(target), sub.any] }
}

/** `NAME;Engine:min-max,Target:n[,...];EXPRESSION;SUB0;SUB1;...` */
function translateLogical(line: string): RuleBody | string {
  const [name = '', attributes = '', expressionText = '', ...subTexts] = line.split(';')
  // A regular expression may hold the separator: with one the parts cannot be told apart here.
  if (subTexts.some((text) => text.includes('/'))) return 'regular expressions'
  if (subTexts.length === 0 || subTexts.length > mostSubs) return 'malformed'
  const scope = readAttributes(attributes)
  if (typeof scope === 'string') return scope
  const expression = readExpression(expressionText)
  if (typeof expression === 'string') return expression
  const subs = new Map<number, SubSignature>()
  for (const id of [...subsOf(expression)].sort((a, b) => a - b)) {
    const text = readSubSignature(subTexts[id] ?? '')
    const sub = typeof text === 'string' ? text : translateSubSignature(text, `s${id}`, scope.target)
    if (typeof sub === 'string') return sub
    subs.set(id, sub)
  }
  const logic = conditionOf(expression, subs)
  if ('reason' in logic) return logic.reason
  return {
    name,
    strings: [...subs.values()].flatMap(({ strings }) => strings),
    conditions: [...magicOf(scope.target), ...scope.conditions, logic.condition],
  }
}

interface Scope {
  readonly target: Target
  readonly conditions: readonly string[]
}

/** What content a logical signature is for, or the reason why that cannot be said. */
function readAttributes(text: string): Scope | string {
  const values = new Map<string, string>()
  for (const attribute of text.split(',')) {
    const [key = '', value = '', ...more] = attribute.split(':')
    if (more.length > 0 || value === '') return 'malformed'
    values.set(key, value)
  }
  const type = values.get('Target') ?? ''
  const target = targets.get(type) ?? null
  if (target === null) return targetReason(type)
  const conditions: string[] = []
  for (const [key, value] of values) {
    if (key === 'Target') continue
    const [, low = '', high = ''] = /^(\d{1,15})-(\d{1,15})$/.exec(value) ?? []
    const of = measureOf(key, target)
    if (key !== 'Engine' && of === null) return `attribute ${key.slice(0, 30)}`
    if (low === '') return 'malformed'
    if (key === 'Engine' && isForOtherLevel(low, high)) return 'for another version of ClamAV'
    if (key !== 'Engine') conditions.push(`${of} >= ${Number(low)} and ${of} <= ${Number(high)}`)
  }
  return { target, conditions }
}

/** What an attribute bounds. */
function measureOf(attribute: string, target: Target): string | null {
  if (attribute === 'FileSize') return fileSize
  if (attribute === 'EntryPoint') return entryPoint(target)
  return attribute === 'NumberOfSections' && target === 'pe' ? 'pe.number_of_sections' : null
}

const targets: ReadonlyMap<string, Target> = new Map([
  ['0', 'any'],
  ['1', 'pe'],
  ['6', 'elf'],
  ['9', 'macho'],
])

function targetReason(type: string): string {
  return /^\d{1,2}$/.test(type) ? `target ${Number(type)}` : 'malformed'
}

/** What ClamAV tells these types by. The first one is also what rules for Windows are told by (rule-shards.ts). */
function magicOf(target: Target): string[] {
  if (target === 'pe') return ['uint16(0) == 0x5a4d']
  if (target === 'elf') return ['uint32be(0) == 0x7f454c46']
  if (target === 'any') return []
  const magics = ['feedface', 'feedfacf', 'cefaedfe', 'cffaedfe']
  return [`(${magics.map((magic) => `uint32be(0) == 0x${magic}`).join(' or ')})`]
}

function ruleText(
  { name, strings, conditions }: RuleBody,
  index: number,
  kind: PatternKind,
  modules: Set<string>,
): string {
  const condition = conditions.join(' and ')
  for (const module of ['pe', 'elf']) if (condition.includes(`${module}.`)) modules.add(module)
  const isUnwanted = kind.endsWith('u') || /^(PUA|Heuristics)\./.test(name)
  return (
    `rule s${index}_${name.replace(/\W/g, '_').slice(0, 80)} {\n` +
    `meta: threat = "${name}" verdict = "${isUnwanted ? 'risky' : 'infected'}"\n` +
    `strings:\n${strings.join('\n')}\ncondition: ${condition}\n}\n`
  )
}
