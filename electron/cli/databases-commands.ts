// `databases list | add | remove | test`: what the engine works with, the files that a person adds to it, and what is wrong
// with a folder of databases. Owns the words and the exit code; the engine owns the folder of added files.
import os from 'node:os'
import path from 'node:path'
import type { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import { loadDatabases } from '../engine/databases/databases.ts'
import { addOwnDatabases, listOwnDatabases, removeOwnDatabases } from '../engine/databases/own-databases.ts'
import { dataFolder } from '../process/data-folder.ts'
import { type CommandContext, withEngine } from './session.ts'
import { harmless } from './terminal.ts'

export async function databasesList(context: CommandContext): Promise<number> {
  const needs = { workers: 1, treats: false }
  const info = await withEngine(context, needs, (link) => link.client.call('engine.info', {}))
  if (!context.options.json) context.terminal.print(`Engine ${info.engineVersion}, patterns: ${info.patternBackend}`)
  const added = context.options.databases === null ? listOwnDatabases(dataFolderOf(context)) : []
  printDatabases(context, info.databases, added)
  return 0
}

/** 0: all of it can be used. 1: added, but some lines cannot be used. Throws `databases-unusable` when nothing can. */
export async function databasesAdd(context: CommandContext, files: readonly string[]): Promise<number> {
  const info = await addOwnDatabases(
    dataFolderOf(context),
    files.map((file) => path.resolve(file)),
  ).catch(unreadable)
  printDatabases(context, info, [])
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
  printDatabases(context, info, [])
  return info.rejected.length === 0 ? 0 : 1
}

function dataFolderOf({ env }: CommandContext): string {
  return dataFolder({ platform: process.platform, env, home: os.homedir() })
}

function unreadable(error: unknown): never {
  if (error instanceof ProductError) throw error
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  throw new ProductError(code === 'ENOENT' ? 'not-found' : 'databases-unusable', code, { cause: error })
}

function printDatabases({ options, terminal }: CommandContext, info: DatabasesInfo, added: readonly string[]): void {
  if (options.json) {
    terminal.print(JSON.stringify({ type: 'databases', ...info, added }))
    return
  }
  terminal.print(`Databases ${info.version} (${info.source}), released ${info.releasedAt}`)
  terminal.print(`${info.hashSignatures} hash signatures, ${info.rules} rules`)
  for (const name of added) terminal.print(`ADDED        ${harmless(name)}`)
  for (const { file, line, problem } of info.rejected) {
    terminal.print(`NOT USED     ${harmless(file)}${line > 0 ? `:${line}` : ''}: ${harmless(problem)}`)
  }
}
