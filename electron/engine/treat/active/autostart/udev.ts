// Rules of udev that run a program when a device appears. A rule that does nothing else goes; else only its RUN.
import { homesFor } from './aim.ts'
import { type Scene, startsIt } from './commands.ts'
import { type Finder, linesOf, pathsIn, removed, rewritten } from './entry.ts'

const folders = ['/etc/udev/rules.d']

export const findInUdev: Finder = ({ tree, aim, accounts }) =>
  folders.flatMap((folder) =>
    pathsIn(tree, folder, (name) => name.endsWith('.rules')).flatMap((path) => {
      const file = tree.read(path)
      if (file === undefined) return []
      const scene = { aim, homes: homesFor(accounts, undefined), folder: '/usr/lib/udev' }
      const entries: string[] = []
      const left = rulesIn(file.text).map((rule) => {
        const after = withoutRun(rule, scene)
        if (after !== undefined) entries.push(rule)
        return after ?? rule
      })
      if (entries.length === 0) return []
      const text = left.join('')
      const isEmpty = text.split('\n').every((line) => /^\s*(#|$)/.test(line))
      return [isEmpty ? removed('udev', path, file, entries) : rewritten('udev', path, file, { entries, text })]
    }),
  )

/** Each with its end; a `\` at the end of a line goes on in the next one. */
function rulesIn(text: string): string[] {
  const rules: string[] = []
  let open = false
  for (const line of linesOf(text)) {
    if (open) rules.push(`${rules.pop() ?? ''}${line}`)
    else rules.push(line)
    open = /\\\r?\n$/.test(line)
  }
  return rules
}

interface Part {
  readonly text: string
  readonly key: string
  readonly operator: string
  readonly value: string
}

/** The rule without what runs the bad file: empty when it did nothing else; undefined when it does not run it. */
function withoutRun(rule: string, scene: Scene): string | undefined {
  if (/^\s*#/.test(rule)) return undefined
  const parts = partsIn(rule)
  const bad = parts.filter(({ key, operator, value }) => isRun(key, operator) && startsIt(wordsOf(value), scene))
  if (bad.length === 0) return undefined
  const others = parts.filter((part) => !bad.includes(part) && /^(=|\+=|-=|:=)$/.test(part.operator))
  if (others.length === 0) return ''
  return bad.reduce((left, { text }) => withoutPart(left, text), rule)
}

function partsIn(rule: string): Part[] {
  const parts = rule.matchAll(
    /(?<![A-Z])([A-Z]{2,20}(?:\{[^}]{0,100}\})?)[ \t]{0,8}(==|!=|\+=|-=|:=|=)[ \t]{0,8}"((?:[^"\\]|\\.)*)"/g,
  )
  return [...parts].map(([text, key = '', operator = '', value = '']) => ({ text, key, operator, value }))
}

function isRun(key: string, operator: string): boolean {
  return /^(RUN(\{program\})?|PROGRAM|IMPORT\{program\})$/.test(key) && operator !== '!='
}

/** Words are separated by blanks; quotes keep blanks. */
function wordsOf(value: string): string[] {
  const words = value.replaceAll('\\"', '"').match(/'[^']*'|"[^"]*"|[^\s'"]+/g) ?? []
  return words.map((word) => word.replace(/^(['"])(.*)\1$/s, '$2'))
}

/** With the comma before it, or else the one after it. */
function withoutPart(rule: string, part: string): string {
  const at = rule.indexOf(part)
  const before = /,[ \t]*$/.exec(rule.slice(0, at))
  const after = /^[ \t]*,[ \t]*/.exec(rule.slice(at + part.length))
  const from = before === null ? at : before.index
  const to = at + part.length + (before === null ? (after?.[0].length ?? 0) : 0)
  return rule.slice(0, from) + rule.slice(to)
}
