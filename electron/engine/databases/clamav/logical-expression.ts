// The expressions of ClamAV's logical signatures: which sub-signatures must match, and how often.
// Reads them as ClamAV does, also where it has no precedence of operators. Source: `cli_ac_chklsig` of its matcher.

export type Comparison = '=' | '<' | '>'

export type Expression =
  | { readonly kind: 'sub'; readonly id: number; readonly compare: Compare | null }
  | { readonly kind: 'both' | 'either'; readonly left: Expression; readonly right: Expression }
  /** The matches of all sub-signatures in `inner` together; `different`: how many of them must match at least. */
  | { readonly kind: 'sum'; readonly inner: Expression; readonly compare: Compare; readonly different: number }

export interface Compare {
  readonly by: Comparison
  readonly count: number
}

const token = /\d+|[()&|]|[=<>]\d+(?:,\d+)?/y
const deepest = 32
const mostTokens = 2000

/** The expression, or the reason why there is none. */
export function readExpression(text: string): Expression | string {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const [found] = token.exec(text) ?? []
    if (found === undefined || tokens.length >= mostTokens) return 'logic not understood'
    tokens.push(found)
  }
  const state = { tokens, at: 0 }
  const chain = readChain(state, 0)
  return chain === null || state.at < tokens.length ? 'logic not understood' : outer(chain)
}

interface State {
  readonly tokens: readonly string[]
  at: number
}

/** Terms and the operators between them. */
interface Chain {
  readonly terms: readonly Expression[]
  readonly operators: readonly ('both' | 'either')[]
}

function readChain(state: State, depth: number): Chain | null {
  const terms: Expression[] = []
  const operators: ('both' | 'either')[] = []
  for (;;) {
    const term = readTerm(state, depth)
    if (term === null) return null
    terms.push(term)
    const operator = state.tokens[state.at]
    if (operator !== '&' && operator !== '|') return { terms, operators }
    operators.push(operator === '&' ? 'both' : 'either')
    state.at += 1
  }
}

function readTerm(state: State, depth: number): Expression | null {
  const first = state.tokens[state.at] ?? ''
  state.at += 1
  if (/^\d/.test(first)) {
    const compare = readCompare(state)
    // Of a single one the second number means nothing to ClamAV.
    return { kind: 'sub', id: Number(first), compare: compare?.compare ?? null }
  }
  if (first !== '(' || depth >= deepest) return null
  const chain = readChain(state, depth + 1)
  if (chain === null || state.tokens[state.at] !== ')') return null
  state.at += 1
  const inner = group(chain)
  const compare = readCompare(state)
  if (compare === null) return inner
  // ClamAV misreads a comparison behind parentheses around one term.
  return chain.operators.length === 0 ? null : { kind: 'sum', inner, ...compare }
}

function readCompare(state: State): { compare: Compare; different: number } | null {
  const [, by, count = '', different = '0'] = /^([=<>])(\d+)(?:,(\d+))?$/.exec(state.tokens[state.at] ?? '') ?? []
  if (by === undefined) return null
  state.at += 1
  return { compare: { by: by as Comparison, count: Number(count) }, different: Number(different) }
}

/** Outside of parentheses ClamAV splits at the first operator. */
function outer({ terms, operators }: Chain): Expression {
  const [last, ...before] = [...terms].reverse()
  return before.reduce<Expression>(
    (right, left, index) => ({ kind: operators[operators.length - 1 - index] ?? 'both', left, right }),
    last ?? nothing,
  )
}

/** Within them at the last one. */
function group({ terms, operators }: Chain): Expression {
  const [only] = terms
  if (terms.length === 1) return only ?? nothing
  const left = outer({ terms: terms.slice(0, -1), operators: operators.slice(0, -1) })
  return { kind: operators.at(-1) ?? 'both', left, right: terms.at(-1) ?? nothing }
}

const nothing: Expression = { kind: 'sub', id: Number.MAX_SAFE_INTEGER, compare: null }

/** The numbers of all sub-signatures in it. */
export function subsOf(expression: Expression): Set<number> {
  if (expression.kind === 'sub') return new Set([expression.id])
  if (expression.kind === 'sum') return subsOf(expression.inner)
  return new Set([...subsOf(expression.left), ...subsOf(expression.right)])
}
