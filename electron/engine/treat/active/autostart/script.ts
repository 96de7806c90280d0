// Takes the commands that start the bad file out of a shell script: whole lines where nothing else is in them, else the command
// alone, in whose place `:` does nothing. Every other byte stays. Pure.

import { folderAfter, type Scene, type Sort, sortOf } from './commands.ts'
import { type Command, type Line, readShell } from './shell-text.ts'

export interface ScriptCut {
  /** The lines with such a command, trimmed, as they stand there. */
  readonly entries: readonly string[]
  readonly text: string
  /** What else is in the script: nothing that does anything, settings of a shell alone, or more. */
  readonly rest: 'nothing' | 'settings' | 'more'
}

interface Sorted extends Command {
  readonly sort: Sort
}

/** Undefined when nothing in the text starts the bad file. */
export function cutScript(text: string, scene: Scene): ScriptCut | undefined {
  const { commands, lines } = readShell(text, scene.homes)
  const sorted = sortAll(commands, scene)
  const hits = sorted.filter(({ sort }) => sort === 'it')
  if (hits.length === 0) return undefined
  const byLine = new Map<number, Sorted[]>()
  for (const command of sorted) {
    const there = byLine.get(command.line)
    if (there === undefined) byLine.set(command.line, [command])
    else there.push(command)
  }
  const hit = new Set(hits.map(({ line }) => line))
  const edits = [...hit].flatMap((index) => {
    const line = lines[index]
    return line === undefined ? [] : editsOf(line, byLine.get(index) ?? [])
  })
  const isReadWholly = text.slice(lines.at(-1)?.to ?? 0).trim() === ''
  const has = (sort: Sort): boolean => sorted.some((command) => command.sort === sort)
  return {
    entries: [...hit].map((index) => text.slice(lines[index]?.from, lines[index]?.to).trim()),
    text: apply(text, edits),
    rest: !isReadWholly || has('other') ? 'more' : has('setting') ? 'settings' : 'nothing',
  }
}

function sortAll(commands: readonly Command[], scene: Scene): Sorted[] {
  let { folder } = scene
  return commands.map((command) => {
    const here = { ...scene, folder }
    folder = folderAfter(command.words, here)
    return { ...command, sort: sortOf(command.words, here) }
  })
}

interface Edit {
  readonly from: number
  readonly to: number
  readonly put: string
}

function editsOf(line: Line, commands: readonly Sorted[]): Edit[] {
  const isAlone = commands.every(({ sort }) => sort === 'it' || sort === 'help')
  if (line.isWhole && isAlone) return [{ from: line.from, to: line.to, put: '' }]
  return commands
    .filter(({ sort }) => sort === 'it')
    .map(({ from, to, documents }) => ({ from, to, put: [':', ...documents].join(' ') }))
}

function apply(text: string, edits: readonly Edit[]): string {
  let result = ''
  let at = 0
  for (const { from, to, put } of [...edits].sort((a, b) => a.from - b.from)) {
    result += text.slice(at, from) + put
    at = to
  }
  return result + text.slice(at)
}
