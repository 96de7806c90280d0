// Jobs of at: each is a script of its own, with the commands behind a head that sets the scene.
import { homesFor } from './aim.ts'
import { type Finder, pathsIn, removed, rewritten } from './entry.ts'
import { cutScript } from './script.ts'

const folders = ['/var/spool/cron/atjobs', '/var/spool/at']

export const findInAtJobs: Finder = ({ tree, aim, accounts }) =>
  folders.flatMap((folder) =>
    pathsIn(tree, folder, (name) => /^[a-zA-Z=]/.test(name)).flatMap((path) => {
      const file = tree.read(path)
      if (file === undefined) return []
      const from = commandsBegin(file.text)
      const uid = Number(/^# atrun uid=(\d+)/m.exec(file.text)?.[1] ?? Number.NaN)
      const home = accounts.find((account) => account.uid === uid)?.home
      const place = /^cd (\S+) \|\|/m.exec(file.text)?.[1]?.replaceAll(/\\(.)/g, '$1')
      const to = commandsEnd(file.text, from)
      const scene = { aim, homes: homesFor(accounts, home), folder: place ?? home }
      const cut = cutScript(file.text.slice(from, to), scene)
      if (cut === undefined) return []
      if (cut.rest !== 'more') return [removed('at', path, file, cut.entries)]
      const text = file.text.slice(0, from) + cut.text + file.text.slice(to)
      return [rewritten('at', path, file, { entries: cut.entries, text })]
    }),
  )

/** Newer versions hand the commands to the person's shell; in older ones they follow the change of the folder. */
const handedOver = /^\$\{SHELL:-\/bin\/sh\} << '(\w+)'\r?\n/m

function commandsBegin(text: string): number {
  const found = handedOver.exec(text) ?? /^cd [^\n]*\|\| \{\n[^}]{0,300}\}\n/m.exec(text)
  return found === null ? 0 : found.index + found[0].length
}

function commandsEnd(text: string, from: number): number {
  const mark = handedOver.exec(text)?.[1]
  const end = mark === undefined ? -1 : text.indexOf(`\n${mark}`, from - 1)
  return end === -1 ? text.length : end + 1
}
