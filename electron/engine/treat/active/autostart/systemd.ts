// Units of systemd, of the system and of each person: a unit that starts the bad file goes, with what starts the unit; in a unit
// or drop-in that does more, only the commands go. Units of packages (/usr/lib) are never looked at as entries.
import { homesFor } from './aim.ts'
import { type Scene, startsIt } from './commands.ts'
import { type Finder, type FoundFile, type Look, pathsIn, removed, rewritten, unlinked } from './entry.ts'
import type { ReadFile, Tree } from './tree.ts'
import { execCommands, readUnit, type Setting, type Specifiers } from './unit-file.ts'

/** The folders of one manager, and those in which packages put units that ours only change. */
interface Manager {
  readonly folders: readonly string[]
  readonly vendor: readonly string[]
  readonly specifiers: Specifiers
  readonly home: string | undefined
}

const systemVendor = ['/usr/lib/systemd/system', '/lib/systemd/system']
const userVendor = ['/usr/lib/systemd/user', '/lib/systemd/user']

export const findInSystemd: Finder = (look) => {
  const system: Manager = {
    folders: ['/etc/systemd/system', '/usr/local/lib/systemd/system'],
    vendor: systemVendor,
    specifiers: new Map([
      ['h', '/root'],
      ['t', '/run'],
    ]),
    home: '/root',
  }
  const everyUser: Manager = {
    folders: ['/etc/systemd/user', '/usr/local/lib/systemd/user'],
    vendor: userVendor,
    specifiers: new Map(),
    home: undefined,
  }
  const people = look.homes.map((home) => ({
    folders: [`${home}/.config/systemd/user`, `${home}/.local/share/systemd/user`],
    vendor: userVendor,
    specifiers: new Map([['h', home]]),
    home,
  }))
  return [system, everyUser, ...people].flatMap((manager) => inManager(look, manager))
}

function inManager(look: Look, manager: Manager): FoundFile[] {
  return manager.folders.flatMap((folder) => {
    const names = look.tree.names(folder)
    const units = names
      .filter((name) => name.endsWith('.service'))
      .flatMap((name) => inUnit(look, manager, `${folder}/${name}`))
    const dropIns = names
      .filter((name) => name.endsWith('.service.d'))
      .flatMap((name) => pathsIn(look.tree, `${folder}/${name}`, (file) => file.endsWith('.conf')))
      .flatMap((path) => inDropIn(look, manager, path))
    return [...units, ...dropIns]
  })
}

function inUnit(look: Look, manager: Manager, path: string): FoundFile[] {
  const { tree } = look
  const target = tree.link(path)
  const resolved = target === undefined ? path : tree.resolve(path)
  const file = resolved === undefined ? undefined : tree.read(resolved)
  if (file === undefined) return []
  const { all, bad } = commandsOf(look, manager, file)
  if (bad.length === 0) return []
  const main = all.filter(({ key }) => key === 'ExecStart')
  const isForIt = main.every((setting) => bad.includes(setting)) && (main.length > 0 || bad.length === all.length)
  if (!isForIt) return target === undefined ? [cutOut(path, file, bad)] : []
  const unit =
    target === undefined ? removed('systemd', path, file, textsOf(file, bad)) : unlinked('systemd', path, target)
  return [unit, ...startersOf(look, manager, path)]
}

function inDropIn(look: Look, manager: Manager, path: string): FoundFile[] {
  const file = look.tree.read(path)
  if (file === undefined) return []
  const { settings, all, bad } = commandsOf(look, manager, file)
  if (bad.length === 0) return []
  // `ExecStart=` takes the unit's own commands away; without the bad one in their place they have to come back.
  const orphans = settings.filter(
    ({ key, value }) =>
      value === '' && bad.some((one) => one.key === key) && !all.some((one) => one.key === key && !bad.includes(one)),
  )
  if (bad.length + orphans.length === settings.length) return [removed('systemd', path, file, textsOf(file, bad))]
  return [cutOut(path, file, bad, orphans)]
}

interface Commands {
  readonly settings: readonly Setting[]
  /** Those that start something. */
  readonly all: readonly Setting[]
  /** Those of them that start the bad file and nothing else. */
  readonly bad: readonly Setting[]
}

function commandsOf({ aim, accounts }: Look, { specifiers, home }: Manager, { text }: ReadFile): Commands {
  const settings = readUnit(text)
  const all = settings.filter(({ key, value }) => /^Exec[A-Z]/.test(key) && value !== '')
  const folder = settings.find(({ key }) => key === 'WorkingDirectory')?.value.replace(/^-/, '')
  const scene: Scene = { aim, homes: homesFor(accounts, home), folder: folder === '~' ? home : (folder ?? '/') }
  const isBad = ({ value }: Setting): boolean => {
    const commands = execCommands(value, specifiers)
    return commands.length > 0 && commands.every((words) => startsIt(words, scene))
  }
  return { settings, all, bad: all.filter(isBad) }
}

function textsOf({ text }: ReadFile, settings: readonly Setting[]): string[] {
  return settings.map(({ from, to }) => text.slice(from, to))
}

function cutOut(path: string, file: ReadFile, bad: readonly Setting[], besides: readonly Setting[] = []): FoundFile {
  const gone = [...bad, ...besides].sort((a, b) => b.from - a.from)
  const text = gone.reduce((left, { from, to }) => left.slice(0, from) + left.slice(to), file.text)
  return rewritten('systemd', path, file, { entries: textsOf(file, bad), text })
}

/** What starts a unit that goes: timers and the like, links of targets, other names of it. */
function startersOf({ tree }: Look, { folders, vendor }: Manager, path: string): FoundFile[] {
  const name = path.slice(path.lastIndexOf('/') + 1)
  // A package's unit of this name comes back into force: what starts it is the package's or the person's.
  if (vendor.some((folder) => tree.inode(`${folder}/${name}`) !== undefined)) return []
  const triggers = folders.flatMap((folder) =>
    pathsIn(tree, folder, (file) => triggersUnit(tree, `${folder}/${file}`, name)),
  )
  const gone = new Map([path, ...triggers].map((one) => [one.slice(one.lastIndexOf('/') + 1), one]))
  return [
    ...triggers.flatMap((trigger) => {
      const file = tree.read(trigger)
      return file === undefined ? [] : [removed('systemd', trigger, file, [`starts ${name}`])]
    }),
    ...folders.flatMap((folder) => linksTo(tree, folder, gone)),
  ]
}

/** True for a timer, socket or path unit that starts this unit: it says so, or has its name. */
function triggersUnit(tree: Tree, path: string, unit: string): boolean {
  const kind = /\.(timer|socket|path)$/.exec(path)?.[1]
  const file = kind === undefined ? undefined : tree.read(path)
  if (file === undefined) return false
  const named = readUnit(file.text).find(({ key }) => key === (kind === 'socket' ? 'Service' : 'Unit'))?.value
  const stem = path.slice(path.lastIndexOf('/') + 1, -1 - (kind?.length ?? 0))
  return named === undefined ? `${stem}.service` === unit : named === unit
}

/** Links in a manager's folder, and in its `.wants` and the like, that name or lead to what goes. `gone`: paths by name. */
function linksTo(tree: Tree, folder: string, gone: ReadonlyMap<string, string>): FoundFile[] {
  const paths = new Set(gone.values())
  const below = tree.names(folder).filter((name) => /\.(wants|requires|upholds)$/.test(name))
  return [folder, ...below.map((name) => `${folder}/${name}`)].flatMap((place) =>
    pathsIn(tree, place).flatMap((path) => {
      const target = paths.has(path) ? undefined : tree.link(path)
      if (target === undefined) return []
      const resolved = tree.resolve(path) ?? ''
      const named = place === folder ? undefined : gone.get(path.slice(path.lastIndexOf('/') + 1))
      const of = paths.has(resolved) ? resolved : named
      return of === undefined ? [] : [unlinked('systemd', path, target, of)]
    }),
  )
}
