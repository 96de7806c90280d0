// Reads a unit file of systemd into its settings with their places, and the commands in it into arguments.
// Never runs anything, never decides. Text is latin1: a character is a byte.
import { linesOf } from './entry.ts'

/** A setting: `key=value`, perhaps over several lines. `from` and `to` are its place in the text, with its end of line. */
export interface Setting {
  readonly section: string
  readonly key: string
  readonly value: string
  readonly from: number
  readonly to: number
}

export function readUnit(text: string): Setting[] {
  const settings: Setting[] = []
  let section = ''
  let at = 0
  let open: { value: string[]; from: number; key: string } | undefined
  const close = (): void => {
    if (open !== undefined)
      settings.push({ section, key: open.key, value: open.value.join(' ').trim(), from: open.from, to: at })
    open = undefined
  }
  for (const line of linesOf(text)) {
    const plain = line.replace(/\r?\n$/, '')
    const from = at
    at += line.length
    // A comment in the middle of a setting is no part of it and does not end it.
    if (/^[ \t]*[#;]/.test(plain)) continue
    const goesOn = plain.endsWith('\\')
    const part = goesOn ? plain.slice(0, -1) : plain
    if (open !== undefined) open.value.push(part)
    else {
      const header = /^[ \t]*\[([^\]]*)\]/.exec(part)?.[1]
      const equals = part.indexOf('=')
      if (header !== undefined) section = header
      else if (equals > 0) open = { key: part.slice(0, equals).trim(), value: [part.slice(equals + 1)], from }
    }
    if (!goesOn) close()
  }
  close()
  return settings
}

/** What `%h` and the like stand for; what is not here is not known. */
export type Specifiers = ReadonlyMap<string, string>

/** The commands of one Exec setting, each as its arguments; `undefined` stands for what is not known. */
export function execCommands(value: string, specifiers: Specifiers): (string | undefined)[][] {
  const words = unitWords(value)
  const commands: string[][] = [[]]
  for (const word of words) {
    if (word === ';') commands.push([])
    else commands.at(-1)?.push(word)
  }
  return commands.flatMap(([first = '', ...rest]) => {
    const prefix = /^[-@:+!|]*/.exec(first)?.[0] ?? ''
    const program = first.slice(prefix.length)
    if (program === '') return []
    // With `@` the second word is only the name under which the program is told that it runs.
    const args = prefix.includes('@') ? rest.slice(1) : rest
    return [[program, ...args].map((word) => specified(word, specifiers))]
  })
}

function specified(word: string, specifiers: Specifiers): string | undefined {
  let isKnown = true
  const result = word
    .replaceAll(/\$(\{HOME\}|HOME\b)/g, (variable) => specifiers.get('h') ?? variable)
    .replaceAll(/%(.)/gs, (_, letter: string) => {
      const meant = letter === '%' ? '%' : specifiers.get(letter)
      if (meant === undefined) isKnown = false
      return meant ?? ''
    })
  return isKnown ? result : undefined
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  s: ' ',
}

/** Words with quotes and C escapes; a quote that does not end goes to the end. */
export function unitWords(value: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < value.length; at += 1) {
    const c = value[at] ?? ''
    if (c === '\\') {
      const { text, length } = escapeAt(value, at)
      word = (word ?? '') + text
      at += length - 1
    } else if (quote !== '') {
      if (c === quote) quote = ''
      else word = (word ?? '') + c
    } else if (c === '"' || c === "'") {
      quote = c
      word ??= ''
    } else if (/[ \t\r\n]/.test(c)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + c
  }
  return word === undefined ? words : [...words, word]
}

function escapeAt(value: string, at: number): { readonly text: string; readonly length: number } {
  const code = /^\\(?:x([0-9a-fA-F]{2})|([0-3][0-7]{2}))/.exec(value.slice(at, at + 4))
  if (code !== null) {
    const number = code[1] === undefined ? Number.parseInt(code[2] ?? '0', 8) : Number.parseInt(code[1], 16)
    return { text: String.fromCharCode(number), length: code[0].length }
  }
  const next = value[at + 1] ?? ''
  return { text: escapes[next] ?? next, length: 2 }
}
