// Scripts of the classic start (SysV): init.d with the links of each run level, and rc.local.
import { homesFor } from './aim.ts'
import { type Finder, type FoundFile, type Look, linksToIt, pathsIn, removed, rewritten, unlinked } from './entry.ts'
import { cutScript } from './script.ts'
import type { ReadFile, Tree } from './tree.ts'

const folders = ['/etc/init.d', '/etc/rc.d/init.d']
const levelFolders = ['0', '1', '2', '3', '4', '5', '6', 'S'].flatMap((level) => [
  `/etc/rc${level}.d`,
  `/etc/rc.d/rc${level}.d`,
])
const rcLocal = ['/etc/rc.local', '/etc/rc.d/rc.local', '/etc/init.d/boot.local']

export const findInInit: Finder = (look) =>
  folders.flatMap((folder) => [
    ...pathsIn(look.tree, folder).flatMap((path) => inInitScript(look, path)),
    ...linksToIt(look, 'init', folder),
  ])

export const findInRcLocal: Finder = (look) =>
  rcLocal.flatMap((path) => {
    const file = look.tree.read(path)
    const cut = file === undefined ? undefined : cutScript(file.text, sceneOf(look))
    return file === undefined || cut === undefined ? [] : [rewritten('rc-local', path, file, cut)]
  })

function sceneOf({ aim, accounts }: Look) {
  return { aim, homes: homesFor(accounts, undefined), folder: '/' }
}

function inInitScript(look: Look, path: string): FoundFile[] {
  const file = look.tree.read(path)
  if (file === undefined || rcLocal.includes(path)) return []
  const named = daemonLine(look, file)
  const cut = cutScript(file.text, sceneOf(look))
  const entries = cut?.entries ?? (named === undefined ? [] : [named])
  if (entries.length === 0) return []
  // A script whose program is the bad file, or that starts nothing else, is there for it.
  if (named !== undefined || cut?.rest !== 'more') {
    return [
      removed('init', path, file, entries),
      ...levelFolders.flatMap((folder) => levelLinks(look.tree, folder, path)),
    ]
  }
  return [rewritten('init', path, file, cut)]
}

/** `DAEMON=/path` and its like, as such scripts name their program. */
function daemonLine({ aim }: Look, { text }: ReadFile): string | undefined {
  const lines = text.matchAll(
    /^[ \t]*(?:DAEMON|PROG|PROGRAM|BINARY|BIN|EXEC|exec|prog|daemon|cmd|CMD)=["']?(\/[^"'\s;]+)["']?[ \t]*\r?$/gm,
  )
  return [...lines].find(([, program = '']) => aim.look(program) === 'it')?.[0]
}

function levelLinks(tree: Tree, folder: string, script: string): FoundFile[] {
  return pathsIn(tree, folder).flatMap((path) => {
    const target = tree.link(path)
    return target !== undefined && tree.resolve(path) === script ? [unlinked('init', path, target, script)] : []
  })
}
