// Changes one file (or link) with autostart entries so that it can be undone to the very inode: the old one waits beside it under
// a name of ours. Owns that waiting name; every state that a crash leaves can be told from what lies in the folder.
// Never follows a link, never replaces what somebody else put there.
import { closeSync, fstatSync, fsyncSync, futimesSync } from 'node:fs'
import { ProductError } from '#shared/errors.ts'
import type { TreatmentLine } from '#shared/files/treatment-lines.ts'
import { writeAll } from '../../files/content.ts'
import { Folder, splitPath } from '../../files/dirfd.ts'
import { provenBirth, sameBirth, sameInode } from '../../files/identity.ts'
import { inodeFlags, linuxCalls } from '../../files/linux-calls.ts'
import { nameBeside } from '../../files/own-names.ts'
import { toBytes } from '../../files/path-text.ts'
import { stepDone, type TreatContext } from '../context.ts'
import { keepAttributes } from '../cures/attributes.ts'
import { hashIn } from '../named-place.ts'
import { isObject, openRegular } from '../target.ts'

const forbidding = inodeFlags.immutable | inodeFlags.appendOnly

/** A line of the journal, with or without what the journal adds to it. */
export type EntryFileLine = Omit<Extract<TreatmentLine, { kind: 'entry-file' }>, 'version' | 'at'>
export type EntryLinkLine = Omit<Extract<TreatmentLine, { kind: 'entry-link' }>, 'version' | 'at'>
export type EntryLine = EntryFileLine | EntryLinkLine

/**
 * Does what the line says; it is journaled, and its copy stored. `content`: what the file will be; undefined: it goes.
 * Throws ProductError or errno errors; then `undoChange` puts everything back.
 */
export async function makeChange(context: TreatContext, line: EntryLine, content?: Buffer): Promise<void> {
  await inFolder(line, async (folder, { name, hold, spare }) => {
    await giveFlags(folder, name, { line, forbids: false })
    if (content !== undefined && line.kind === 'entry-file') {
      await writeBeside(folder, { from: name, to: hold, line }, content)
      await stepDone(context, 'entry-written')
      if (folder.exchange(name, hold)) {
        if (!(await isOld(folder, hold, line))) {
          folder.exchange(name, hold)
          throw new ProductError('object-changed')
        }
      } else await replaceInTwoSteps(folder, { name, hold, spare, line })
    } else await moveAside(folder, { from: name, to: hold, line })
    folder.sync()
    await stepDone(context, 'entry-changed')
  })
}

/**
 * Everything as it was before the line. True only when the old one has its name; false when somebody changed the file since
 * (then theirs stays) or took the old one away. May be called again, and after a crash anywhere.
 */
export async function undoChange(line: EntryLine): Promise<boolean> {
  return inFolder(line, async (folder, names) => {
    const { name } = names
    const old = await whereIsOld(folder, names, line)
    const isMoved =
      old !== undefined && (folder.renameToFree(old, folder, name) || (await takeBack(folder, { name, old, line })))
    const isBack = isMoved || (await isOldOne(folder, name, line))
    if (!isBack) await placeNew(folder, names, line)
    await dropLeft(folder, names, { line, isBack })
    await giveFlags(folder, name, { line, forbids: true })
    folder.sync()
    return isBack
  })
}

/** What was changed stays: the old one goes. False when the change never happened. May be called again. */
export async function finishChange(line: EntryLine): Promise<boolean> {
  return inFolder(line, async (folder, names) => {
    const isBack = await isOldOne(folder, names.name, line)
    if (!isBack) await placeNew(folder, names, line)
    await dropLeft(folder, names, { line, isBack })
    if (isBack) await giveFlags(folder, names.name, { line, forbids: true })
    folder.sync()
    return !isBack
  })
}

/** In two steps a crash may have come between them: without a name the new one gets it. */
async function placeNew(folder: Folder, { name, hold }: Names, line: EntryLine): Promise<void> {
  if (await isNew(folder, hold, line)) folder.renameToFree(hold, folder, name)
}

/**
 * What waits under our names goes when it is ours: the new one (while the old one has its name, also half of it), or the old one,
 * of which there is a copy. The old one that somebody wrote into gets a name of its own; anything else is left where it is.
 */
async function dropLeft(
  folder: Folder,
  { name, hold, spare }: Names,
  { line, isBack }: { readonly line: EntryLine; readonly isBack: boolean },
): Promise<void> {
  for (const left of [hold, spare]) {
    if (folder.lstatIfThere(left) === undefined) continue
    if (isBack || (await isNew(folder, left, line)) || (await isOldContent(folder, left, line))) folder.unlink(left)
    else if (await isOldOne(folder, left, line)) folder.renameToFree(left, folder, nameBeside(name))
  }
}

interface Names {
  readonly name: Buffer
  readonly hold: Buffer
  /** A second name of ours, for systems that cannot exchange two names at once. */
  readonly spare: Buffer
}

async function inFolder<T>(line: EntryLine, act: (folder: Folder, names: Names) => Promise<T>): Promise<T> {
  const { folder: parent, name } = splitPath(toBytes(line.file))
  const hold = toBytes(line.hold)
  const folder = Folder.open(parent)
  try {
    return await act(folder, { name, hold, spare: Buffer.concat([hold, Buffer.from('.old')]) })
  } finally {
    folder.close()
  }
}

/** Flags of an open file that forbid to change or move it; undefined when it has none of them, or nobody can tell. */
export function forbiddingFlags(fd: number): number | undefined {
  const flags = linuxCalls()?.flags(fd) ?? 0
  return (flags & forbidding) === 0 ? undefined : flags
}

/** Takes them away from the old file, or gives them back to it. Throws errno errors: only root may. */
async function giveFlags(
  folder: Folder,
  name: Buffer,
  { line, forbids }: { readonly line: EntryLine; readonly forbids: boolean },
): Promise<void> {
  if (line.kind === 'entry-link' || line.flags === undefined || !(await isOldOne(folder, name, line))) return
  const fd = openRegular(folder, name)
  try {
    linuxCalls()?.setFlags(fd, forbids ? line.flags : line.flags & ~forbidding)
  } finally {
    closeSync(fd)
  }
}

interface Move {
  readonly from: Buffer
  readonly to: Buffer
  readonly line: EntryLine
}

/** Moves the old one to a name of ours and proves there that it is the right one. */
async function moveAside(folder: Folder, { from, to, line }: Move): Promise<void> {
  if (!folder.renameToFree(from, folder, to)) throw new ProductError('target-exists')
  if (await isOld(folder, to, line)) return
  folder.renameToFree(to, folder, from)
  throw new ProductError('object-changed')
}

async function replaceInTwoSteps(
  folder: Folder,
  { name, hold, spare, line }: Names & { readonly line: EntryLine },
): Promise<void> {
  await moveAside(folder, { from: name, to: spare, line })
  if (!folder.renameToFree(hold, folder, name)) throw new ProductError('object-changed')
}

/** The old one is at `old`, and something else has its name. */
async function takeBack(
  folder: Folder,
  { name, old, line }: { readonly name: Buffer; readonly old: Buffer; readonly line: EntryLine },
): Promise<boolean> {
  if (!(await isNew(folder, name, line))) return false
  if (!folder.exchange(name, old)) folder.rename(old, folder, name)
  else if (!(await isNew(folder, old, line))) {
    // Changed in this very moment: theirs gets its name again.
    folder.exchange(name, old)
    return false
  }
  return true
}

async function whereIsOld(folder: Folder, { hold, spare }: Names, line: EntryLine): Promise<Buffer | undefined> {
  for (const name of [hold, spare]) if (await isOldOne(folder, name, line)) return name
  return undefined
}

/** True when the very file (or link) of the line is there, unchanged. */
async function isOld(folder: Folder, name: Buffer, line: EntryLine): Promise<boolean> {
  if (line.kind === 'entry-link') return isOldOne(folder, name, line)
  if (folder.lstatIfThere(name)?.isFile() !== true) return false
  const fd = openRegular(folder, name)
  try {
    return await isObject(fd, line.identity)
  } finally {
    closeSync(fd)
  }
}

/**
 * True when the file (or link) of the line is there: the same number and birth with its content, or without it where the file
 * system proves both. Devices may have other numbers after a restart, so theirs alone proves nothing.
 */
async function isOldOne(folder: Folder, name: Buffer, line: EntryLine): Promise<boolean> {
  const stat = folder.lstatIfThere(name)
  if (stat === undefined) return false
  if (line.kind === 'entry-link') return stat.isSymbolicLink() && folder.readLink(name).equals(toBytes(line.target))
  if (!stat.isFile() || stat.ino.toString() !== line.identity.ino) return false
  if (sameInode(line.identity, stat) && provenBirth(line.identity, stat)) return true
  return isOldContent(folder, name, line)
}

/** The same, and nobody wrote into it. */
async function isOldContent(folder: Folder, name: Buffer, line: EntryLine): Promise<boolean> {
  if (line.kind === 'entry-link') return isOldOne(folder, name, line)
  const stat = folder.lstatIfThere(name)
  if (stat?.ino.toString() !== line.identity.ino || !sameBirth(line.identity, stat)) return false
  return (await hashIn(folder, name)) === line.identity.sha256
}

async function isNew(folder: Folder, name: Buffer, line: EntryLine): Promise<boolean> {
  if (line.kind === 'entry-link' || line.sha256 === undefined) return false
  return (await hashIn(folder, name)) === line.sha256
}

/** The new content with the old one's owner, rights and attributes; its times are new, or programs would not notice the change. */
async function writeBeside(folder: Folder, { from, to, line }: Move, content: Buffer): Promise<void> {
  const old = openRegular(folder, from)
  try {
    if (line.kind === 'entry-file' && !(await isObject(old, line.identity))) throw new ProductError('object-changed')
    const fd = folder.createFile(to)
    try {
      writeAll(fd, content)
      keepAttributes({ fd: old, stat: fstatSync(old, { bigint: true }) }, fd)
      const now = Date.now() / 1000
      futimesSync(fd, now, now)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  } finally {
    closeSync(old)
  }
}
