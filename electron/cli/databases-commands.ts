// `databases list | add | remove | test`: what the engine works with, the files that a person adds to it, and what is wrong
// with a folder of databases. Owns the words and the exit code; the engine owns the folder of added files.
import path from 'node:path'
import type { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import { loadDatabases } from '../engine/databases/databases.ts'
import { readState, type UpdateState } from '../engine/databases/feed/update-state.ts'
import { addOwnDatabases, listOwnDatabases, removeOwnDatabases } from '../engine/databases/own-databases.ts'
import { makeDataFolder } from '../process/make-data-folder.ts'
import { type CommandContext, dataFolderOf, withEngine } from './session.ts'
import { harmless } from './terminal.ts'
import { versionText } from './version-text.ts'

export async function databasesList(context: CommandContext): Promise<number> {
  const needs = { workers: 1, treats: false }
  const info = await withEngine(context, needs, (link) => link.client.call('engine.info', {}))
  if (!context.options.json) context.terminal.print(`Engine ${info.engineVersion}, patterns: ${info.patternBackend}`)
  const dataDir = dataFolderOf(context)
  // A folder that was asked for is used alone.
  const isAlone = context.options.databases !== null
  const added = isAlone ? [] : listOwnDatabases(dataDir)
  printDatabases(context, info.databases, { added, feed: isAlone ? null : installedOf(dataDir) })
  return 0
}

/** 0: all of it can be used. 1: added, but some lines cannot be used. Throws `databases-unusable` when nothing can. */
export async function databasesAdd(context: CommandContext, files: readonly string[]): Promise<number> {
  const dataDir = dataFolderOf(context)
  makeDataFolder(dataDir)
  const info = await addOwnDatabases(
    dataDir,
    files.map((file) => path.resolve(file)),
  ).catch(unreadable)
  printDatabases(context, info, {})
  context.terminal.note('Used from the next scan of the command line on, and by the app after its next start.')
  return info.rejected.length === 0 ? 0 : 1
}

export function databasesRemove(context: CommandContext, names: readonly string[]): Promise<number> {
  removeOwnDatabases(dataFolderOf(context), names)
  const line = context.options.json ? JSON.stringify({ type: 'removed', names }) : `Removed ${names.length}`
  context.terminal.print(line)
  return Promise.resolve(0)
}

/** 0: all of it can be used. 1: some lines or files cannot. Throws `databases-unusable` when nothing can. */
export async function databasesTest(context: CommandContext, [folder = '']: readonly string[]): Promise<number> {
  const { info } = await loadDatabases(path.resolve(folder), { source: 'folder' })
  printDatabases(context, info, {})
  return info.rejected.length === 0 ? 0 : 1
}

function unreadable(error: unknown): never {
  if (error instanceof ProductError) throw error
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  throw new ProductError(code === 'ENOENT' ? 'not-found' : 'databases-unusable', code, { cause: error })
}

type Installed = Pick<UpdateState, 'current' | 'previous'>

interface Beside {
  readonly added?: readonly string[]
  /** Null when nothing was ever installed from a feed. */
  readonly feed?: Installed | null
}

/** What was installed from a feed. That a damaged record of it is not used is among what the engine says. */
function installedOf(dataDir: string): Installed | null {
  try {
    const { current, previous } = readState(dataDir)
    return current === null && previous === null ? null : { current, previous }
  } catch {
    return null
  }
}

function printDatabases({ options, terminal }: CommandContext, info: DatabasesInfo, beside: Beside): void {
  const { added = [], feed = null } = beside
  if (options.json) {
    terminal.print(JSON.stringify({ type: 'databases', ...info, added, feed }))
    return
  }
  terminal.print(`Databases ${info.version} (${info.source}), released ${info.releasedAt}`)
  terminal.print(countsText(info))
  if (feed !== null) {
    terminal.print(`SELECTED     ${versionText(feed.current)}`)
    terminal.print(`PREVIOUS     ${versionText(feed.previous)}`)
  }
  for (const name of added) terminal.print(`ADDED        ${harmless(name)}`)
  for (const line of rejectedLines(info)) terminal.print(line)
}

/** What is loaded; recipes for disinfection only where there are any. */
export function countsText({ hashSignatures, rules, recipes }: DatabasesInfo): string {
  const counts = [`${hashSignatures} hash signatures`, `${rules} rules`]
  return [
    ...counts,
    ...(recipes === 0 ? [] : [`${recipes} ${recipes === 1 ? 'recipe' : 'recipes'} for disinfection`]),
  ].join(', ')
}

/** What cannot be used, a line each. */
export function rejectedLines({ rejected }: DatabasesInfo): string[] {
  return rejected.map(({ file, line, problem }) => {
    return `NOT USED     ${harmless(file)}${line > 0 ? `:${line}` : ''}: ${harmless(problem)}`
  })
}
