// `databases update | roll-back | publish`: taking the databases of a feed, going back to the version before, and making a feed.
// Owns the words and the exit code; the engine owns what a feed is and what is installed.
import path from 'node:path'
import { ownKeysFolder, readPrivateKey, readTrustedKeys } from '../engine/databases/feed/feed-keys.ts'
import { folderSource } from '../engine/databases/feed/feed-source.ts'
import { publishFeed } from '../engine/databases/feed/publish.ts'
import { rollBack } from '../engine/databases/feed/roll-back.ts'
import { type UpdateResult, updateDatabases } from '../engine/databases/feed/update.ts'
import { takeAppLock } from '../process/app-lock.ts'
import { countsText, rejectedLines } from './databases-commands.ts'
import { type CommandContext, dataFolderOf } from './session.ts'
import { harmless } from './terminal.ts'
import { versionText } from './version-text.ts'

/** Throws ProductError `update-...`, `app-running`, `storage-locked`; what was in use is then still in use. */
export async function databasesUpdate(context: CommandContext): Promise<number> {
  const { options, terminal } = context
  const dataDir = dataFolderOf(context)
  const shipped = path.resolve(context.programDir, '../../resources/keys')
  const result = await alone(dataDir, () =>
    updateDatabases({
      dataDir,
      sources: options.from.map((folder) => folderSource(path.resolve(folder))),
      keys: readTrustedKeys([shipped, ownKeysFolder(dataDir)]),
      now: new Date(),
      onRefused: (place, error) => terminal.note(`NOT USED     ${harmless(place)}: ${harmless(error.message)}`),
    }),
  )
  if (options.json) terminal.print(JSON.stringify({ type: 'update', ...result }))
  else for (const line of updateLines(result)) terminal.print(line)
  if (result.outcome !== 'current') noteUse(context)
  return 0
}

/** Throws ProductError `no-previous-databases`, `update-damaged`, `app-running`, `storage-locked`; nothing is changed then. */
export async function databasesRollBack(context: CommandContext): Promise<number> {
  const { options, terminal } = context
  const dataDir = dataFolderOf(context)
  const { current, previous } = await alone(dataDir, () => rollBack(dataDir))
  if (options.json) terminal.print(JSON.stringify({ type: 'rollBack', current, previous }))
  else terminal.print(`In use now: ${versionText(current)}`)
  noteUse(context)
  return 0
}

/** Throws ProductError `databases-unusable` and whatever else is wrong with the folder, the key or the feed. */
export async function databasesPublish(context: CommandContext, [folder = '']: readonly string[]): Promise<number> {
  const { to, key, json } = context.options
  const made = await publishFeed({
    folder: path.resolve(folder),
    feed: path.resolve(to ?? ''),
    key: readPrivateKey(path.resolve(key ?? '')),
    now: new Date(),
  })
  const { version, builtAt, expiresAt, files } = made
  if (json)
    context.terminal.print(JSON.stringify({ type: 'published', version, builtAt, expiresAt, files: files.length }))
  else context.terminal.print(`Published version ${version}: ${files.length} files, to be renewed before ${expiresAt}`)
  return 0
}

function updateLines({ outcome, current, previous, info }: UpdateResult): string[] {
  if (outcome === 'current') return [`Nothing newer: ${versionText(current)}`]
  const signatures = info === null ? [] : [countsText(info)]
  const rejected = info === null ? [] : rejectedLines(info)
  return [`Updated to ${versionText(current)}`, `Kept: ${versionText(previous)}`, ...signatures, ...rejected]
}

function noteUse({ terminal }: CommandContext): void {
  terminal.note('Used from the next scan of the command line on, and by the app after its next start.')
}

/** While nobody else changes this data folder. */
async function alone<T>(dataDir: string, act: () => T | Promise<T>): Promise<T> {
  const lock = await takeAppLock(dataDir, 'command')
  try {
    return await act()
  } finally {
    await lock.release()
  }
}
