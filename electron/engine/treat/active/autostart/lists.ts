// Files that say which libraries every program loads: /etc/ld.so.preload, /etc/environment and environment.d.
// Where a line names other libraries too, only the bad one goes.
import { loadingVariables } from './commands.ts'
import { type Finder, type FoundFile, type Look, linesOf, pathsIn, rewritten } from './entry.ts'

export const findInPreload: Finder = (look) =>
  inLines(look, 'preload', '/etc/ld.so.preload', (line) => {
    const comment = line.indexOf('#')
    const list = comment === -1 ? line : line.slice(0, comment)
    return { list: list.trimEnd(), from: 0, rest: comment === -1 ? '' : line.slice(comment).trimEnd() }
  })

export const findInEnvironment: Finder = (look) => {
  const folders = ['/etc/environment.d', ...look.homes.map((home) => `${home}/.config/environment.d`)]
  const files = folders.flatMap((folder) => pathsIn(look.tree, folder, (name) => name.endsWith('.conf')))
  return ['/etc/environment', ...files].flatMap((path) => inLines(look, 'environment', path, variableList))
}

interface List {
  /** Files with blanks or colons between them. */
  readonly list: string
  /** Where it begins in the line. */
  readonly from: number
  /** What stands behind it and is worth a line of its own. */
  readonly rest: string
}

function variableList(line: string): List | undefined {
  const name = /^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=/.exec(line)
  if (name === null || !loadingVariables.has(name[1] ?? '')) return undefined
  const value = line.slice(name[0].length)
  const list = value.trim().replaceAll(/^["']|["']$/g, '')
  return { list, from: name[0].length + value.indexOf(list), rest: '' }
}

function inLines(
  { tree, aim, homes }: Look,
  kind: 'preload' | 'environment',
  path: string,
  listIn: (line: string) => List | undefined,
): FoundFile[] {
  const file = tree.read(path)
  if (file === undefined) return []
  const home = homes.find((one) => path.startsWith(`${one}/`))
  const isIt = (name: string): boolean =>
    aim.look(home === undefined ? name : name.replace(/^(\$HOME|\$\{HOME\})(?=\/)/, home)) === 'it'
  const entries: string[] = []
  const left = linesOf(file.text).map((line) => {
    const found = listIn(line)
    const names = found?.list.split(/[\s:]+/).filter(Boolean) ?? []
    const bad = names.filter((name) => (name.startsWith('/') || name.startsWith('$') ? isIt(name) : false))
    if (found === undefined || bad.length === 0) return line
    entries.push(line)
    if (bad.length === names.length) return found.rest === '' ? '' : `${found.rest}${/\r?\n$/.exec(line)?.[0] ?? ''}`
    const kept = bad.reduce(without, found.list)
    return line.slice(0, found.from) + kept + line.slice(found.from + found.list.length)
  })
  return entries.length === 0 ? [] : [rewritten(kind, path, file, { entries, text: left.join('') })]
}

/** A list without one of its files and what separated it. */
function without(list: string, name: string): string {
  const parts = list.split(/([\s:]+)/)
  for (let at = parts.indexOf(name); at !== -1; at = parts.indexOf(name)) parts.splice(at === 0 ? 0 : at - 1, 2)
  return parts.join('')
}
