// Scripts put together at random, with fixed seeds: a command is taken out of them without breaking what bash understood before,
// nothing is left of it, and nothing ever throws.
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { Looked } from '../interpreters.ts'
import { cutScript } from './script.ts'

const bad = '/opt/evil'
const scene = {
  aim: { look: (path: string): Looked => (path === bad ? 'it' : 'no-file') },
  homes: { home: '/home/u', homeOf: () => undefined },
  folder: '/home/u',
}

/** Numbers that are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const commands = [
  bad,
  `${bad} -x >/dev/null 2>&1`,
  `nohup ${bad}`,
  `sh -c '${bad} --daemon'`,
  `A=b ${bad} <<E\ntext ' of $( a document\nE\n`,
  `exec 3>&1`,
  'other',
  `other ${bad}`,
  'echo "quoted $(other) text"',
  "echo 'it''s'",
  'x=$(other `more`)',
  'a=(1 2 3)',
  '[ -f x ]',
  '[[ $a && ( b ) ]]',
  'cat <<-F\n\tdocument\n\tF\n',
  'export PATH=$PATH:/opt',
  '(( a++ ))',
  'cd /tmp',
]

/** A script of some depth, with every kind of block in it. */
function script(next: (below: number) => number, depth: number): string {
  const body = (): string => (depth === 0 ? simple(next) : script(next, depth - 1))
  const blocks: readonly (() => string)[] = [
    () => `if ${simple(next)}then\n${body()}fi\n`,
    () => `if other; then ${line(next)}; else ${line(next)}; fi\n`,
    () => `while ${line(next)}; do\n${body()}done\n`,
    () => `for i in 1 2 ${bad}; do ${line(next)}; done &\n`,
    () => `case $1 in\n a|b) ${line(next)} ;;\n (c)\n${body()};;\nesac\n`,
    () => `f() {\n${body()}}\n`,
    () => `( ${line(next)} )\n`,
    () => `{ ${line(next)}; } > file\n`,
    () => `${line(next)} && ${line(next)} || ${line(next)}\n`,
    () => `${line(next)} |\n  ${line(next)}\n`,
    () => `${line(next)} & ${line(next)}; ${line(next)} # ${bad}\n`,
    () => simple(next),
  ]
  return Array.from({ length: 1 + next(4) }, () => blocks[next(blocks.length)]?.() ?? '').join('')
}

function simple(next: (below: number) => number): string {
  const command = commands[next(commands.length)] ?? ''
  return command.endsWith('\n') ? command : `${command}\n`
}

/** A command that can stand before others in its line. */
function line(next: (below: number) => number): string {
  for (;;) {
    const command = commands[next(commands.length)] ?? ''
    if (!command.includes('\n')) return command
  }
}

/** Where the path is no command: an argument, a value of a loop, a comment. */
const harmless = [`other ${bad}`, `in 1 2 ${bad}`, `# ${bad}`]
const commandsLeft = (text: string): boolean =>
  harmless.reduce((rest, piece) => rest.replaceAll(piece, ''), text).includes(bad)

const isUnderstood = (text: string): boolean => spawnSync('/bin/bash', ['-n'], { input: text }).status === 0

describe('a command taken out of a script', () => {
  it.each([1, 2, 3, 4])(
    'leaves one that bash understands, without it (seed %i)',
    (seed) => {
      const next = numbers(seed)
      let cuts = 0
      for (let count = 0; count < 60; count += 1) {
        const text = script(next, next(3))
        expect(isUnderstood(text), text).toBe(true)
        const cut = cutScript(text, scene)
        const left = cut?.text ?? text
        expect(commandsLeft(left), `${text}\n---\n${left}`).toBe(false)
        if (cut === undefined) continue
        cuts += 1
        expect(isUnderstood(left), `${text}\n---\n${left}`).toBe(true)
        expect(cutScript(left, scene), left).toBeUndefined()
      }
      expect(cuts).toBeGreaterThan(30)
    },
    60_000,
  )

  it.each([5, 6])('never fails on what no shell understands (seed %i)', (seed) => {
    const next = numbers(seed)
    const pieces = [
      '(',
      ')',
      '{',
      '}',
      '"',
      "'",
      '`',
      '$(',
      '${',
      '[[',
      '<<E\n',
      '\n',
      ';;',
      '&&',
      '|',
      '\\',
      'if',
      'fi',
      'case',
      'in',
      'esac',
      bad,
      ' ',
      '#',
    ]
    for (let count = 0; count < 3_000; count += 1) {
      const text = Array.from({ length: next(30) }, () => pieces[next(pieces.length)]).join(next(2) === 0 ? '' : ' ')
      const cut = cutScript(text, scene)
      if (cut !== undefined) expect(cut.text.length).toBeLessThan(text.length)
    }
  })
})
