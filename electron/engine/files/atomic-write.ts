// Replaces a whole file of our own so that a crash leaves either the old content or the new one.
// Never used on files of the person: those are treated through handles (dirfd.ts).
import { randomBytes } from 'node:crypto'
import { closeSync, constants, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { writeAll } from './content.ts'
import { errnoOf, withProductErrors } from './fs-errors.ts'

/** Does the raw writing; tests replace it to have a full disk. */
export type WriteBytes = (fd: number, bytes: Uint8Array) => void

/**
 * Temp file in the same folder, fsync, rename, fsync of the folder; the file gets mode 0600.
 * Throws ProductError `disk-full` and the like; then the old content is still there and no temp file is left.
 */
export function writeAtomically(file: string, content: Uint8Array | string, write: WriteBytes = writeAll): void {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
  const temp = `${file}.${randomBytes(6).toString('hex')}.part`
  withProductErrors(() => {
    try {
      writeNew(temp, bytes, write)
      renameSync(temp, file)
    } catch (error) {
      rmSync(temp, { force: true })
      throw error
    }
    syncFolder(dirname(file))
  })
}

/** Removes what a crash left of `writeAtomically`. Only its owner may: while nobody else writes the file. */
export function dropHalfWritten(file: string): void {
  const begin = `${basename(file)}.`
  for (const name of namesIn(dirname(file)))
    if (name.startsWith(begin) && /^[0-9a-f]{12}\.part$/.test(name.slice(begin.length)))
      rmSync(join(dirname(file), name), { force: true })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Puts the names in a folder of our own on disk. */
export function syncFolder(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(fd)
  } catch (error) {
    if (errnoOf(error) !== 'EINVAL') throw error
  } finally {
    closeSync(fd)
  }
}

function writeNew(temp: string, bytes: Uint8Array, write: WriteBytes): void {
  const fd = openSync(temp, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  try {
    write(fd, bytes)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
