// Reads one word of a shell's language: quotes, escapes, and what stands for a home folder. Anything else that a shell would
// replace (variables, commands, patterns) makes a word unknown. Never runs anything. Text is latin1: a character is a byte.

/** `text`: what the shell would make of it; undefined when that cannot be told. `raw`: as it stands there. */
export interface Word {
  readonly raw: string
  readonly text: string | undefined
}

/** Where `~` and `$HOME` lead. */
export interface Homes {
  readonly home: string | undefined
  homeOf(user: string): string | undefined
}

/** The text ends within a quote or a bracket: nothing can be said about what comes after its beginning. */
export class Unfinished extends Error {}

const ends = new Set([' ', '\t', '\n', '\r', ';', '&', '|', '<', '>', '(', ')'])

/** The word that begins at `from`, and where it ends. Throws Unfinished. */
export function readWord(text: string, from: number, homes: Homes): { readonly word: Word; readonly to: number } {
  const reader = new WordReader(text, from, homes)
  const value = reader.read()
  return { word: { raw: text.slice(from, reader.at), text: value }, to: reader.at }
}

class WordReader {
  readonly #text: string
  readonly #homes: Homes
  at: number
  #value: string | undefined = ''

  constructor(text: string, from: number, homes: Homes) {
    this.#text = text
    this.at = from
    this.#homes = homes
  }

  read(): string | undefined {
    if (this.#text[this.at] === '~') this.#tilde()
    while (this.at < this.#text.length) {
      const c = this.#text[this.at] ?? ''
      if (c === '(' && /^\w+\+?=$/.test(this.#value ?? '')) this.#skipBrackets('(', ')')
      else if (ends.has(c)) break
      else if (c === '\\') this.#escaped()
      else if (c === "'") this.#single()
      else if (c === '"') this.#double()
      else if (c === '$' || c === '`') this.#replaced()
      else this.#take(c, /[*?[\]{]/.test(c))
    }
    return this.#value
  }

  /** `isPattern`: it may stand for many names. */
  #take(c: string, isPattern = false): void {
    this.#value = isPattern || this.#value === undefined ? undefined : this.#value + c
    this.at += 1
  }

  #tilde(): void {
    const name = /^~([\w.-]*)(?=[/ \t\r\n;&|<>()]|$)/.exec(this.#text.slice(this.at, this.at + 100))
    if (name === null) return
    const user = name[1] ?? ''
    this.#value = user === '' ? this.#homes.home : this.#homes.homeOf(user)
    this.at += name[0].length
  }

  #escaped(): void {
    const next = this.#text[this.at + 1]
    if (next === undefined) throw new Unfinished()
    this.at += 1
    if (next === '\n') this.at += 1
    else if (next === '\r' && this.#text[this.at + 1] === '\n') this.at += 2
    else this.#take(next)
  }

  #single(): void {
    const end = this.#text.indexOf("'", this.at + 1)
    if (end === -1) throw new Unfinished()
    if (this.#value !== undefined) this.#value += this.#text.slice(this.at + 1, end)
    this.at = end + 1
  }

  #double(): void {
    this.at += 1
    for (let c = this.#text[this.at]; c !== '"'; c = this.#text[this.at]) {
      if (c === undefined) throw new Unfinished()
      if (c === '\\' && /["\\$`\n]/.test(this.#text[this.at + 1] ?? '')) this.#escaped()
      else if (c === '$' || c === '`') this.#replaced()
      else this.#take(c)
    }
    this.at += 1
  }

  /** A variable or the output of a command: unknown, but for the home folder. */
  #replaced(): void {
    const rest = this.#text.slice(this.at, this.at + 100)
    const home = /^\$(HOME\b|\{HOME\})/.exec(rest)
    if (home !== null) {
      this.#value =
        this.#value === undefined || this.#homes.home === undefined ? undefined : this.#value + this.#homes.home
      this.at += home[0].length
      return
    }
    if (rest === '$' || /^\$["' \t\n/]/.test(rest)) {
      this.#take('$')
      return
    }
    this.#value = undefined
    if (rest.startsWith('`')) this.#skipTo('`')
    else if (rest.startsWith('$(')) this.#skipBrackets('(', ')')
    else if (rest.startsWith('${')) this.#skipBrackets('{', '}')
    else this.at += /^\$(\w+|.)/s.exec(rest)?.[0].length ?? 1
  }

  #skipTo(end: string): void {
    for (this.at += 1; this.#text[this.at] !== end; this.at += 1) {
      if (this.at >= this.#text.length) throw new Unfinished()
      if (this.#text[this.at] === '\\') this.at += 1
    }
    this.at += 1
  }

  /** From an opening bracket (or the `$` before it) to the one that closes it. */
  #skipBrackets(open: string, close: string): void {
    this.#value = undefined
    let depth = 0
    for (; this.at < this.#text.length; this.at += 1) {
      const c = this.#text[this.at]
      if (c === '\\') this.at += 1
      else if (c === "'") this.at = this.#endOfSingle()
      else if (c === open) depth += 1
      else if (c === close) {
        depth -= 1
        if (depth === 0) {
          this.at += 1
          return
        }
      }
    }
    throw new Unfinished()
  }

  #endOfSingle(): number {
    const end = this.#text.indexOf("'", this.at + 1)
    if (end === -1) throw new Unfinished()
    return end
  }
}
