// Reads the text of a shell script into its simple commands and its lines, with the places where they stand.
// Understands enough of the language to take one command out without breaking the rest; never runs anything.
import { type Homes, readWord, Unfinished, type Word } from './shell-words.ts'

/** A program with its arguments (or assignments alone). `from` and `to` leave out keywords before it and what separates it. */
export interface Command {
  readonly words: readonly Word[]
  /** Its redirections of the kind `<<END`: what they stand for comes after the line. */
  readonly documents: readonly string[]
  readonly from: number
  readonly to: number
  readonly line: number
}

/** A line as the shell takes it, with its end: joined by `\`, by `&&`, `||`, `|`, or by a quote that goes on. */
export interface Line {
  readonly from: number
  readonly to: number
  /** It can go without breaking a block: it begins and ends outside of every one, and defines no function. */
  readonly isWhole: boolean
}

export interface ShellText {
  readonly commands: readonly Command[]
  readonly lines: readonly Line[]
}

/** Up to the first place that cannot be understood; a line that is not understood wholly is left out. */
export function readShell(text: string, homes: Homes): ShellText {
  const reader = new ShellReader(text, homes)
  try {
    reader.read()
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error
  }
  const { lines } = reader
  return { lines, commands: reader.commands.filter(({ line }) => line < lines.length) }
}

const beforeCommand = new Set(['if', 'while', 'until', '{', 'then', 'do', 'else', 'elif', '!', 'time'])
const opens = new Set(['if', 'while', 'until', 'for', 'select', 'case', '{'])
const closes = new Set(['fi', 'done', 'esac', '}'])
/** Words after these are no command. */
const heads = new Set(['for', 'select', 'case', 'function'])
const inBlock = new Set(['then', 'do', 'else', 'elif'])

class ShellReader {
  readonly commands: Command[] = []
  readonly lines: Line[] = []
  readonly #text: string
  readonly #homes: Homes
  #at = 0
  #words: Word[] = []
  #documentWords: string[] = []
  #from = -1
  #to = 0
  #isHead = false
  #isPattern = false
  #joins = false
  #depth = 0
  #brackets = 0
  #lineFrom = 0
  #isWhole = true
  #documents: { readonly end: string; readonly stripped: boolean }[] = []

  constructor(text: string, homes: Homes) {
    this.#text = text
    this.#homes = homes
  }

  read(): void {
    while (this.#at < this.#text.length) {
      const c = this.#text[this.#at] ?? ''
      if (c === ' ' || c === '\t' || c === '\r') this.#at += 1
      else if (/^\\\r?\n/.test(this.#text.slice(this.#at, this.#at + 3)))
        this.#at += this.#text[this.#at + 1] === '\r' ? 3 : 2
      else if (c === '\n') this.#newline()
      else if (c === '#') this.#at = this.#endOfLine()
      else if (this.#redirection()) continue
      else if (';&|()'.includes(c)) this.#operator()
      else this.#word()
    }
    if (this.#joins) throw new Unfinished()
    this.#endCommand()
    this.#endLine()
  }

  #newline(): void {
    this.#at += 1
    for (const document of this.#documents.splice(0)) this.#skipDocument(document)
    if (this.#joins) return
    this.#endCommand()
    this.#endLine()
  }

  #endLine(): void {
    if (this.#lineFrom < this.#at)
      this.lines.push({ from: this.#lineFrom, to: this.#at, isWhole: this.#isWhole && this.#depth === 0 })
    this.#lineFrom = this.#at
    this.#isWhole = this.#depth === 0
  }

  #endCommand(): void {
    if (this.#from !== -1 && !this.#isHead && !this.#isPattern)
      this.commands.push({
        words: this.#words,
        documents: this.#documentWords,
        from: this.#from,
        to: this.#to,
        line: this.lines.length,
      })
    this.#forgetCommand()
  }

  #forgetCommand(): void {
    this.#words = []
    this.#documentWords = []
    this.#from = -1
    this.#isHead = false
  }

  #word(): void {
    const from = this.#at
    const { word, to } = readWord(this.#text, from, this.#homes)
    // A stray bracket or the like: no word can begin here.
    if (to === from) throw new Unfinished()
    this.#at = to
    this.#joins = false
    if (this.#isPattern && word.raw !== 'esac') return
    if (this.#words.length === 0 && this.#keyword(word.raw)) return
    if (this.#isHead && word.raw === 'in' && this.#words[0]?.raw === 'case') {
      this.#endCommand()
      this.#isPattern = true
      return
    }
    this.#add(word, from)
  }

  #add(word: Word, from: number): void {
    if (this.#from === -1) this.#from = from
    this.#words.push(word)
    this.#to = this.#at
    // What stands in double brackets has a language of its own.
    if (word.raw === '[[' && this.#words.length === 1) {
      const end = this.#text.indexOf(']]', this.#at)
      if (end === -1) throw new Unfinished()
      this.#at = end + 2
      this.#to = this.#at
    }
  }

  /** True when the word is taken: it is no part of a command. */
  #keyword(raw: string): boolean {
    if (inBlock.has(raw) && this.#depth === 0) this.#isWhole = false
    if (opens.has(raw)) this.#depth += 1
    if (closes.has(raw)) {
      this.#isPattern = false
      this.#close()
      return true
    }
    if (raw === 'function') this.#isWhole = false
    if (heads.has(raw)) this.#isHead = true
    return beforeCommand.has(raw)
  }

  #close(): void {
    if (this.#depth === 0) this.#isWhole = false
    else this.#depth -= 1
  }

  #operator(): void {
    const c = this.#text[this.#at] ?? ''
    if (c === '(') {
      this.#openBracket()
      return
    }
    const operator = /^(;;&|;;|;&|&&|\|\||\|&|.)/.exec(this.#text.slice(this.#at, this.#at + 3))?.[0] ?? c
    this.#at += operator.length
    if (c === ')') {
      this.#closeBracket()
      return
    }
    this.#endCommand()
    if (operator.startsWith(';;') || operator === ';&') this.#isPattern = true
    this.#joins = /^(&&|\|.?)$/.test(operator) && !this.#isPattern
  }

  #openBracket(): void {
    this.#at += 1
    this.#joins = false
    // A pattern of `case` may have one in front.
    if (this.#isPattern) return
    if (this.#words.length === 0) {
      if (this.#text[this.#at] === '(') this.#skipArithmetic()
      else {
        this.#depth += 1
        this.#brackets += 1
      }
      return
    }
    const close = /^[ \t]*\)/.exec(this.#text.slice(this.#at, this.#at + 20))
    if (this.#words.length > 2 || close === null) throw new Unfinished()
    // `name()`: what follows is run when somebody calls it.
    this.#at += close[0].length
    this.#forgetCommand()
    this.#isWhole = false
  }

  #closeBracket(): void {
    if (this.#isPattern || this.#brackets === 0) {
      this.#isPattern = false
      this.#forgetCommand()
      return
    }
    this.#endCommand()
    this.#brackets -= 1
    this.#close()
  }

  #skipArithmetic(): void {
    const end = this.#text.indexOf('))', this.#at)
    if (end === -1) throw new Unfinished()
    this.#at = end + 2
  }

  /** A redirection belongs to its command, but is none of its words. False when there is none here. */
  #redirection(): boolean {
    const found = /^(\d*|&)(<<<|<<-?|<>|<&|>>|>&|>\||<|>)/.exec(this.#text.slice(this.#at, this.#at + 12))
    if (found === null || (found[1] === '&' && !found[2]?.startsWith('>'))) return false
    const from = this.#at
    this.#at += found[0].length
    while (/[ \t]/.test(this.#text[this.#at] ?? '')) this.#at += 1
    // `<( )` and `>( )` run commands of their own.
    if (this.#text[this.#at] === '(') throw new Unfinished()
    const { word, to } = readWord(this.#text, this.#at, this.#homes)
    if (to === this.#at) throw new Unfinished()
    this.#at = to
    if (/^<<-?$/.test(found[2] ?? '')) {
      this.#documents.push({ end: word.raw.replaceAll(/['"\\]/g, ''), stripped: found[2] === '<<-' })
      this.#documentWords.push(this.#text.slice(from, to))
    }
    if (this.#from === -1) this.#from = from
    this.#to = to
    return true
  }

  #skipDocument({ end, stripped }: { readonly end: string; readonly stripped: boolean }): void {
    while (this.#at < this.#text.length) {
      const to = this.#endOfLine()
      const line = this.#text.slice(this.#at, to).replace(/\r$/, '')
      this.#at = Math.min(to + 1, this.#text.length)
      if ((stripped ? line.replace(/^\t+/, '') : line) === end) return
    }
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at)
    return end === -1 ? this.#text.length : end
  }
}
