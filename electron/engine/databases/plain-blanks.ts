// Works around a fault of YARA-X 1.20: where a rule has an error, five blanks of other scripts between its words make the
// compiler end the whole process while it writes the error down (annotate-snippets 0.12.16, renderer/source_map.rs).
// Never changes a text, a regular expression or a comment: there they do no harm and may be looked for.
import type { RuleSource } from '../detect/pattern-engine.ts'
import { tokensOfRules } from './rule-text.ts'

const blanks = /[\u0085\u1680\u2028\u2029\u3000]/
const allBlanks = new RegExp(blanks, 'g')

/** The same rules with ordinary blanks between their words. Lines and columns stay what they are. */
export function withPlainBlanks(sources: readonly RuleSource[]): RuleSource[] {
  return sources.map(({ namespace, source }) => ({
    namespace,
    source: blanks.test(source) ? plain(source) : source,
  }))
}

function plain(source: string): string {
  let text = ''
  for (const token of tokensOfRules(source)) text += isWhole(token) ? token : token.replace(allBlanks, ' ')
  return text
}

/** True for a text, regular expression or comment that has its end: what has none is read word by word by the compiler. */
function isWhole(token: string): boolean {
  if (token.startsWith('//')) return true
  if (token.startsWith('/*')) return token.length > 3 && token.endsWith('*/')
  return token.length > 1 && /^["/]/.test(token) && token.endsWith(token.charAt(0))
}
