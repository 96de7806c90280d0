// The write-ahead journal of restores: which name of ours in which folder holds what is being put back, so that a crash leaves
// nothing behind. Never removes anything but what a restore wrote there, or what lies in Quarantine besides.
import { closeSync } from 'node:fs'
import { join } from 'node:path'
import { ProductError } from '#shared/errors.ts'
import { RestoreLine } from '#shared/files/quarantine-file.ts'
import type { WriteBytes } from '../files/atomic-write.ts'
import { hashOf, writeAll } from '../files/content.ts'
import { type Folder, withParent } from '../files/dirfd.ts'
import { asProductError } from '../files/fs-errors.ts'
import { openJournal } from '../files/journal.ts'
import { nameBeside } from '../files/own-names.ts'
import { toBytes } from '../files/path-text.ts'
import { openRegular } from '../treat/target.ts'

type WithoutCommon<T> = T extends unknown ? Omit<T, 'version' | 'at'> : never

export interface RestoreLog {
  /** On disk when it returns. Throws ProductError. */
  add(line: WithoutCommon<RestoreLine>): void
  /** Objects of earlier runs whose entries may not be back yet, until their end is noted. */
  units(): UnitLine[]
  /** Removes what crashed restores left. A place that cannot be reached now is tried again at the next start. */
  recover(): Promise<void>
  close(): void
}

export type UnitLine = Extract<RestoreLine, { kind: 'unit' }>
type FileLine = Extract<RestoreLine, { temporary: string }>

interface OpenRestore {
  readonly begun: Extract<RestoreLine, { kind: 'begun' }>
  readonly replaced: string | undefined
}

/** After this long a place that never came back is given up, ms. */
const keptMs = 30 * 86_400_000

/** Opens `dataDir/restores.jsonl`. Throws ProductError for an unusable file. */
export function openRestoreLog(dataDir: string, now: () => Date, write: WriteBytes = writeAll): RestoreLog {
  const { journal, entries } = openJournal(join(dataDir, 'restores.jsonl'), RestoreLine, write)
  /** Of earlier runs; what this one begins ends by itself. */
  const left = openRestores(entries)
  const units = openUnits(entries)
  const own: RestoreLine[] = []
  return {
    add: (given) => {
      const line = { ...given, version: 1, at: now().toISOString() } as RestoreLine
      journal.append(line)
      own.push(line)
      if (line.kind === 'unit-ended') units.delete(line.id)
    },
    units: () => [...units.values()],
    recover: async () => {
      for (const [temporary, item] of left) {
        const isOld = now().getTime() - Date.parse(item.begun.at) > keptMs
        if ((await cleanUp(item)) || isOld) left.delete(temporary)
      }
      const running = openRestores(own)
      const runningUnits = openUnits(own)
      const isOpen = (line: RestoreLine) =>
        isFileLine(line)
          ? left.has(line.temporary) || running.has(line.temporary)
          : units.has(line.id) || runningUnits.has(line.id)
      journal.compact([...entries, ...own].filter(isOpen))
    },
    close: () => journal.close(),
  }
}

/** By the names of ours. */
function openRestores(lines: readonly RestoreLine[]): Map<string, OpenRestore> {
  const open = new Map<string, OpenRestore>()
  for (const line of lines.filter(isFileLine)) {
    const before = open.get(line.temporary)
    if (line.kind === 'begun') open.set(line.temporary, { begun: line, replaced: undefined })
    else if (line.kind === 'ended') open.delete(line.temporary)
    else if (before !== undefined) open.set(line.temporary, { ...before, replaced: line.replaced })
  }
  return open
}

function isFileLine(line: RestoreLine): line is FileLine {
  return 'temporary' in line
}

function openUnits(lines: readonly RestoreLine[]): Map<string, UnitLine> {
  const open = new Map<string, UnitLine>()
  for (const line of lines) {
    if (line.kind === 'unit') open.set(line.id, line)
    else if (line.kind === 'unit-ended') open.delete(line.id)
  }
  return open
}

/** False: its folder cannot be reached. */
async function cleanUp(item: OpenRestore): Promise<boolean> {
  const temporary = Buffer.from(item.begun.temporary)
  try {
    await withParent(toBytes(item.begun.path), async (folder, name) => {
      if (folder.lstatIfThere(temporary)?.isFile() !== true) return
      if (await isOurs(folder, temporary, item)) folder.unlink(temporary)
      else giveFreeName(folder, temporary, name)
      folder.sync()
    })
    return true
  } catch (error) {
    if (asProductError(error) instanceof ProductError) return false
    throw error
  }
}

/** Before the swap whatever is there was written by us, whole or half; after it only what is in Quarantine may go. */
async function isOurs(folder: Folder, name: Buffer, { begun, replaced }: OpenRestore): Promise<boolean> {
  if (replaced === undefined) return true
  const fd = openRegular(folder, name)
  try {
    const sha256 = await hashOf(fd)
    return sha256 === begun.sha256 || sha256 === replaced
  } finally {
    closeSync(fd)
  }
}

function giveFreeName(folder: Folder, name: Buffer, wanted: Buffer): void {
  while (!folder.renameToFree(name, folder, nameBeside(wanted))) {
    // Another random one then.
  }
}
