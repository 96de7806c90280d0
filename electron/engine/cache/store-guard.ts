// Guards the store against its own damage: a store maps its file, and one that is damaged can end the whole process.
// Owns the marks that say whether a process is inside of the store at this moment: what was committed survives the end of a
// process at any other one, for the store itself is safe then. Never looks at what is stored.
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'

const markPrefix = 'in-use-'
const storeMagic = 0xbeefc0de
/** Of the page header before it: the layout of the `lmdb` package. */
const magicAt = 24
/** What a mark holds. Anything else, such as the empty ones of earlier versions, says as much as `inside`. */
const [outside, inside] = [Buffer.from('0'), Buffer.from('1')]

/** Marks of this process: one with its number that is not among them is an earlier process's. */
const ownMarks = new Set<string>()

export interface StoreMark {
  /** Does something with the store, and nothing else. Should the process end in it, the store is not trusted again. */
  during<T>(act: () => T): T
  /** The store has shown that it is damaged: it is not trusted again. */
  distrust(): void
  /** Ends the use. */
  remove(): void
}

/** Throws when the folder is somebody else's, open to others, holds no store, or one that a process ended in. */
export function checkStoreFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const name of ['', ...readdirSync(folder)]) {
    const file = path.join(folder, name)
    const { uid, mode } = lstatSync(file)
    // A link has all rights set: it is refused with the rest.
    if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw new Error('not ours alone')
    if (!name.startsWith(markPrefix) || isInUse(name)) continue
    if (!readFileSync(file).equals(outside)) throw new Error('a process ended in it')
    rmSync(file)
  }
  if (!isStore(path.join(folder, 'data.mdb'))) throw new Error('damaged')
}

/** To be made before the store is opened. It lasts: after a power cut there is the mark or nothing, never an empty one. */
export function markStore(folder: string): StoreMark {
  const name = `${markPrefix}${process.pid}-${randomBytes(4).toString('hex')}`
  const file = path.join(folder, name)
  const fd = openSync(file, 'wx', 0o600)
  ownMarks.add(name)
  let isTrusted = true
  const set = (value: Buffer): void => {
    if (isTrusted) writeSync(fd, value, 0, 1, 0)
  }
  set(outside)
  fsyncSync(fd)
  return {
    during: (act) => {
      set(inside)
      try {
        return act()
      } finally {
        set(outside)
      }
    },
    distrust: () => {
      set(inside)
      isTrusted = false
    },
    remove: () => {
      closeSync(fd)
      ownMarks.delete(name)
      if (isTrusted) rmSync(file, { force: true })
    },
  }
}

/** By another process of ours, or by this one. */
function isInUse(name: string): boolean {
  const pid = Number(name.slice(markPrefix.length).split('-')[0])
  if (pid === process.pid) return ownMarks.has(name)
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
