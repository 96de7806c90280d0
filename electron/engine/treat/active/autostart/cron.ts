// Tables of cron: the system's, with a column for the user, and each user's own. Scripts in cron.daily and the like are files that
// run as they are: only links to the bad file are entries there.
import { homesFor } from './aim.ts'
import { type Finder, type FoundFile, type Look, linesOf, linksToIt, pathsIn, removed, rewritten } from './entry.ts'
import { cutScript } from './script.ts'

const systemTables = '/etc/cron.d'
/** Debian, Red Hat, SUSE. */
const userTables = ['/var/spool/cron/crontabs', '/var/spool/cron', '/var/spool/cron/tabs']
const scriptFolders = ['hourly', 'daily', 'weekly', 'monthly'].map((name) => `/etc/cron.${name}`)

export const findInCron: Finder = (look) => [
  ...inTable(look, '/etc/crontab', { user: undefined, mayGo: false }),
  ...pathsIn(look.tree, systemTables).flatMap((path) => inTable(look, path, { user: undefined, mayGo: true })),
  ...userTables.flatMap((folder) =>
    look.tree.names(folder).flatMap((user) => inTable(look, `${folder}/${user}`, { user, mayGo: false })),
  ),
  ...scriptFolders.flatMap((folder) => linksToIt(look, 'cron', folder)),
]

interface Table {
  /** Whose table; undefined: each line says whose it is. */
  readonly user: string | undefined
  /** The file goes when no job is left in it. */
  readonly mayGo: boolean
}

function inTable(look: Look, path: string, table: Table): FoundFile[] {
  const file = look.tree.read(path)
  const cut = file === undefined ? undefined : cutTable(look, file.text, table.user)
  if (file === undefined || cut === undefined) return []
  const isEmpty = table.mayGo && cut.jobsLeft === 0
  return [isEmpty ? removed('cron', path, file, cut.entries) : rewritten('cron', path, file, cut)]
}

export interface TableCut {
  readonly entries: readonly string[]
  readonly text: string
  readonly jobsLeft: number
}

/** The table without what starts the bad file; undefined when nothing does. `user`: undefined where each line says whose it is. */
export function cutTable(look: Look, text: string, user: string | undefined): TableCut | undefined {
  const entries: string[] = []
  const left: string[] = []
  let jobsLeft = 0
  let homeSet: string | undefined
  for (const line of linesOf(text)) {
    const set = /^[ \t]*(?:HOME|"HOME"|'HOME')[ \t]*=[ \t]*["']?([^"'\r\n]*)/.exec(line)?.[1]
    if (set !== undefined) homeSet = set.trim()
    const job = jobIn(line, user)
    const after = job === undefined ? undefined : withoutIt(look, { line, job, homeSet })
    if (after !== undefined) entries.push(line)
    if (job !== undefined && after !== '') jobsLeft += 1
    left.push(after ?? line)
  }
  return entries.length === 0 ? undefined : { entries, text: left.join(''), jobsLeft }
}

interface Job {
  readonly user: string
  /** Where in the line the command begins and ends; what follows an unescaped `%` is its input. */
  readonly from: number
  readonly to: number
}

/** Undefined for comments, settings and what is no job. */
function jobIn(line: string, user: string | undefined): Job | undefined {
  if (/^\s*(#|$)/.test(line) || /^[ \t]*("[^"]*"|'[^']*'|\w+)[ \t]*=/.test(line)) return undefined
  const time = /^[ \t]*(?:@\S+|(?:-?[\d*][^ \t]*)(?:[ \t]+[\w*,/?#LW-]+){4})[ \t]+/.exec(line)?.[0]
  if (time === undefined) return undefined
  const column = user === undefined ? /^(\S+)[ \t]+/.exec(line.slice(time.length)) : undefined
  if (column === null) return undefined
  const from = time.length + (column?.[0].length ?? 0)
  const input = /(?<!\\)%/.exec(line.slice(from))
  const end = input === null ? line.replace(/\r?\n$/, '').length : from + input.index
  return { user: user ?? column?.[1] ?? '', from, to: end }
}

interface JobLine {
  readonly line: string
  readonly job: Job
  readonly homeSet: string | undefined
}

/** The line without the command that starts the bad file, empty when it has no other; undefined when it is about something else. */
function withoutIt({ aim, accounts }: Look, { line, job, homeSet }: JobLine): string | undefined {
  const home = homeSet ?? accounts.find(({ user }) => user === job.user)?.home
  const command = line.slice(job.from, job.to)
  const cut = cutScript(command, { aim, homes: homesFor(accounts, home), folder: home })
  if (cut === undefined) return undefined
  return cut.text.trim() === '' ? '' : `${line.slice(0, job.from)}${cut.text}${line.slice(job.to)}`
}
