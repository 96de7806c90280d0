// Reads the text of YARA rules as far as is needed to tell rules apart and to see what their conditions begin with.
// Gives up on whatever it does not understand. Source: the grammar in the YARA-X documentation.

export interface RuleText {
  readonly name: string
  readonly isGlobal: boolean
  /** Where it begins (with its modifiers) and ends in the source. */
  readonly start: number
  readonly end: number
  /** Without comments; texts and regular expressions are replaced by `""`. */
  readonly condition: string
  /** Where the condition begins in the source, behind its colon. */
  readonly conditionAt: number
  /** What is looked for: texts, regular expressions and bytes as they are written, without blanks and modifiers. */
  readonly patterns: readonly string[]
}

/**
 * Comments, texts, regular expressions, words, and every other character. A `/` always begins one of the first three. What has
 * no end goes to the end of its line, a comment to that of the source: looking for it anew from each place would take hours.
 */
const token = /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"?|\/(?:\\.|[^/\\\n])+\/?|[A-Za-z_]\w*|\s+|[\s\S]/g

interface Open {
  name: string
  isGlobal: boolean
  readonly start: number
  depth: number
  inCondition: boolean
  condition: string
  conditionAt: number
  /** The section that is being read: `strings` holds the patterns. */
  section: string
  /** Bytes in braces, as far as they were read. */
  bytes: string
  readonly patterns: string[]
}

/** The words of a source, one after the other; together they are the source. */
export function* tokensOfRules(source: string): Generator<string> {
  for (const [text] of source.matchAll(token)) yield text
}

/** The rules of a source in their order; null when it is not what this reader understands. */
export function readRules(source: string): RuleText[] | null {
  const rules: RuleText[] = []
  let modifiersAt = -1
  let isGlobal = false
  let open: Open | null = null
  for (const match of source.matchAll(token)) {
    const text = match[0]
    const isSpace = text.startsWith('//') || text.startsWith('/*') || /^\s/.test(text)
    if (open === null) {
      if (text === 'private' || text === 'global') {
        if (modifiersAt < 0) modifiersAt = match.index
        isGlobal ||= text === 'global'
      } else if (text === 'rule') {
        open = newRule(modifiersAt < 0 ? match.index : modifiersAt, isGlobal)
      } else if (!isSpace) {
        modifiersAt = -1
        isGlobal = false
      }
      continue
    }
    if (text === '{') open.depth += 1
    if (text === '}') open.depth -= 1
    if (open.depth < 0) return null
    if (open.depth === 0 && text === '}') {
      if (open.name === '' || !open.inCondition) return null
      rules.push(closed(open, match.index + 1))
      open = null
      modifiersAt = -1
      isGlobal = false
    } else read(open, { text, at: match.index, isSpace })
  }
  return open === null ? rules : null
}

function newRule(start: number, isGlobal: boolean): Open {
  const empty = { name: '', depth: 0, inCondition: false, condition: '', conditionAt: 0, section: '', bytes: '' }
  return { ...empty, isGlobal, start, patterns: [] }
}

interface Token {
  readonly text: string
  readonly at: number
  readonly isSpace: boolean
}

const sections: ReadonlySet<string> = new Set(['meta', 'strings', 'condition'])

function read(open: Open, { text, at, isSpace }: Token): void {
  if (open.name === '') {
    if (!isSpace && /^[A-Za-z_]/.test(text)) open.name = text
  } else if (open.inCondition) {
    if (open.conditionAt === 0 && text === ':') open.conditionAt = at + 1
    open.condition += isSpace ? ' ' : /^["/]/.test(text) ? '""' : text
  } else if (open.depth === 1 && sections.has(text)) {
    open.section = text
    open.inCondition = text === 'condition'
  } else if (open.section === 'strings' && !isSpace) readPattern(open, text)
}

function readPattern(open: Open, text: string): void {
  if (open.depth > 1) open.bytes += text
  else if (text === '}') {
    open.patterns.push(open.bytes.toLowerCase())
    open.bytes = ''
  } else if (/^["/]./.test(text)) open.patterns.push(text)
}

function closed({ name, isGlobal, start, condition, conditionAt, patterns }: Open, end: number): RuleText {
  return { name, isGlobal, start, end, condition: condition.replace(/^\s*:/, ''), conditionAt, patterns }
}
