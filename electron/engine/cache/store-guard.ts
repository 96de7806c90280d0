// Guards the store against its own damage: a store maps its file, and one that is damaged can end the whole process.
// Owns the marks that say "in use": what a process left behind that ended in the middle is not trusted again.
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const markPrefix = 'in-use-'
const storeMagic = 0xbeefc0de
/** Of the page header before it: the layout of the `lmdb` package. */
const magicAt = 24

/** Throws when the folder is somebody else's, open to others, holds no store, or was in use when a process ended. */
export function checkStoreFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const name of ['', ...readdirSync(folder)]) {
    const { uid, mode } = lstatSync(path.join(folder, name))
    // A link has all rights set: it is refused with the rest.
    if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw new Error('not ours alone')
    if (name.startsWith(markPrefix) && !isAlive(Number(name.slice(markPrefix.length)))) {
      throw new Error('was in use when its process ended')
    }
  }
  if (!isStore(path.join(folder, 'data.mdb'))) throw new Error('damaged')
}

/** From here until `unmark` the store counts as damaged should this process end. */
export function mark(folder: string): void {
  writeFileSync(markFile(folder), '', { mode: 0o600 })
}

export function unmark(folder: string): void {
  rmSync(markFile(folder), { force: true })
}

function markFile(folder: string): string {
  return path.join(folder, `${markPrefix}${process.pid}`)
}

/** Another process of ours may use it at the same time; a mark of our own number is an earlier process's. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** True for a store and for none at all. */
function isStore(file: string): boolean {
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return true
  const start = Buffer.alloc(magicAt + 4)
  const fd = openSync(file, 'r')
  try {
    return readSync(fd, start, 0, start.length, 0) === start.length && start.readUInt32LE(magicAt) === storeMagic
  } finally {
    closeSync(fd)
  }
}
