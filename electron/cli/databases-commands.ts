// `databases list | test`: what the engine works with, and what is wrong with a folder of databases.
// Never changes a database.
import path from 'node:path'
import type { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import { loadDatabases } from '../engine/databases/databases.ts'
import { type CommandContext, withEngine } from './session.ts'
import { harmless } from './terminal.ts'

export async function databasesList(context: CommandContext): Promise<number> {
  const needs = { workers: 1, treats: false }
  const info = await withEngine(context, needs, (link) => link.client.call('engine.info', {}))
  if (!context.options.json) context.terminal.print(`Engine ${info.engineVersion}, patterns: ${info.patternBackend}`)
  printDatabases(context, info.databases)
  return 0
}

/** 0: all of it can be used. 1: some lines or files cannot. Throws `databases-unusable` when nothing can. */
export async function databasesTest(context: CommandContext, [folder = '']: readonly string[]): Promise<number> {
  const { info } = await loadDatabases(path.resolve(folder), { source: 'folder' })
  printDatabases(context, info)
  return info.rejected.length === 0 ? 0 : 1
}

function printDatabases({ options, terminal }: CommandContext, info: DatabasesInfo): void {
  if (options.json) {
    terminal.print(JSON.stringify({ type: 'databases', ...info }))
    return
  }
  terminal.print(`Databases ${info.version} (${info.source}), released ${info.releasedAt}`)
  terminal.print(`${info.hashSignatures} hash signatures, ${info.rules} rules`)
  for (const { file, line, problem } of info.rejected) {
    terminal.print(`NOT USED     ${harmless(file)}${line > 0 ? `:${line}` : ''}: ${harmless(problem)}`)
  }
}
