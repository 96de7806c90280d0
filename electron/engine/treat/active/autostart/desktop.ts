// Autostart of desktop sessions (XDG): a `.desktop` file for each program.
import { homesFor } from './aim.ts'
import { startsIt } from './commands.ts'
import { type Finder, type FoundFile, type Look, pathsIn, removed, unlinked } from './entry.ts'

export const findInDesktop: Finder = (look) => [
  ...look.homes.flatMap((home) => inFolder(look, `${home}/.config/autostart`, home)),
  ...inFolder(look, '/etc/xdg/autostart', undefined),
]

function inFolder(look: Look, folder: string, home: string | undefined): FoundFile[] {
  return pathsIn(look.tree, folder, (name) => name.endsWith('.desktop')).flatMap((path) => {
    const { tree } = look
    const target = tree.link(path)
    const resolved = target === undefined ? path : tree.resolve(path)
    const file = resolved === undefined ? undefined : tree.read(resolved)
    const line = file === undefined ? undefined : execLine(look, file.text, home)
    if (file === undefined || line === undefined) return []
    // What a link shows is not ours to change: without the link it does not start any more.
    return [target === undefined ? removed('desktop', path, file, [line]) : unlinked('desktop', path, target)]
  })
}

/** The line that starts the bad file. Later lines of a key win nothing: readers take the first. */
function execLine({ aim, accounts }: Look, text: string, home: string | undefined): string | undefined {
  const lines = text.split(/\r?\n/)
  const start = lines.findIndex((line) => line.trim() === '[Desktop Entry]')
  if (start === -1) return undefined
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith('['))
  const group = lines.slice(start + 1, length === -1 ? undefined : start + 1 + length)
  const value = (key: string): string | undefined => group.find((line) => new RegExp(`^${key}[ \\t]*=`).test(line))
  const exec = value('Exec')
  const words = exec === undefined ? undefined : execWords(afterEquals(exec), home)
  const folder = value('Path')
  const scene = {
    aim,
    homes: homesFor(accounts, home),
    folder: folder === undefined ? home : unescaped(afterEquals(folder)),
  }
  return words !== undefined && startsIt(words, scene) ? exec : undefined
}

function afterEquals(line: string): string {
  return line.slice(line.indexOf('=') + 1).trim()
}

/** Escapes of every string in such a file. */
function unescaped(value: string): string {
  const meant: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' }
  return value.replaceAll(/\\([sntr\\])/g, (_, c: string) => meant[c] ?? c)
}

/**
 * Arguments by the quoting rules of Exec; undefined when a quote does not end. Fields like `%u` stand for nothing. The home folder
 * in front is no part of those rules, but some desktops know it.
 */
export function execWords(value: string, home: string | undefined): string[] | undefined {
  const text = unescaped(value)
  const words: string[] = []
  for (let at = 0; at < text.length; ) {
    const blank = /^[ \t\n]+/.exec(text.slice(at))
    if (blank !== null) {
      at += blank[0].length
      continue
    }
    const word = /^(?:"(?:[^"\\]|\\.)*"|[^ \t\n"])+/s.exec(text.slice(at))
    if (word === null) return undefined
    at += word[0].length
    const plain = word[0].replaceAll(/"((?:[^"\\]|\\.)*)"/gs, (_, quoted: string) =>
      quoted.replaceAll(/\\(["`$\\])/g, '$1'),
    )
    const full = home === undefined ? plain : plain.replace(/^(~|\$HOME|\$\{HOME\})(?=\/)/, home)
    if (!/^%[a-zA-Z]$/.test(plain)) words.push(full.replaceAll('%%', '%'))
  }
  return words
}
