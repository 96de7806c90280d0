// The files below some paths, in an order that is the same every time. Only lists: it opens no file.
// Never follows a link, never leaves out a folder silently unless it is excluded, our own or no place where files are stored.
import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { volumeFolderName } from '../files/own-names.ts'
import { reasonOf } from './file-reader.ts'
import { type MountTable, mountKindOf, readMounts } from './mounts.ts'

/** `file`: a regular file. `dev` and `ino` are the same for all names of a file with several (`nlink` > 1). */
export type WalkEntry =
  | {
      readonly kind: 'file'
      readonly path: Buffer
      /** Bytes. */
      readonly size: number
      readonly dev: bigint
      readonly ino: bigint
      readonly nlink: number
    }
  | { readonly kind: 'not-scanned'; readonly path: Buffer; readonly reason: NotScannedReason }

export interface WalkOptions {
  /** Absolute paths that are left out with all below them. */
  readonly exclude: readonly Buffer[]
  /** Default: this process's mounts. */
  readonly mounts?: MountTable
}

interface Walk {
  readonly excluded: ReadonlySet<string>
  readonly mounts: MountTable
  /** Folders that were entered, by device and inode: no bind mount or doubled path is walked twice. */
  readonly entered: Set<string>
  /** Files that are paths of their own. */
  readonly given: Set<string>
}

const slash = Buffer.from('/')
/** Where a treatment has a file for a moment: what lies there is being dealt with. */
const grabFolder = Buffer.from(`/${volumeFolderName()}`)

/** Absolute paths of files or folders. Depth first, names of a folder in the order of their bytes. */
export function* walkArea(paths: readonly Buffer[], options: WalkOptions): Generator<WalkEntry> {
  const walk: Walk = {
    excluded: new Set(options.exclude.map((path) => trimmed(path).toString('latin1'))),
    mounts: options.mounts ?? readMounts(),
    entered: new Set(),
    given: new Set(),
  }
  for (const path of paths.map(trimmed)) {
    if (!isExcluded(walk, path) && !isInGrabFolder(path)) yield* walkRoot(walk, path)
  }
}

function* walkRoot(walk: Walk, path: Buffer): Generator<WalkEntry> {
  const stat = statOf(path)
  if (typeof stat === 'string') yield { kind: 'not-scanned', path, reason: stat }
  else if (stat.isDirectory()) {
    if (mountKindOf(walk.mounts, path) === 'kernel') yield { kind: 'not-scanned', path, reason: 'special-file' }
    else yield* walkFolder(walk, path, stat)
  } else if (!stat.isFile()) yield { kind: 'not-scanned', path, reason: 'special-file' }
  else if (!walk.given.has(path.toString('latin1')) && !isEntered(walk, parentOf(path))) {
    walk.given.add(path.toString('latin1'))
    yield fileEntry(path, stat)
  }
}

/** One folder and all below it. Its own stack instead of recursion: a deep tree must not overflow ours. */
function* walkFolder(walk: Walk, root: Buffer, rootStat: BigIntStats): Generator<WalkEntry> {
  if (!enter(walk, rootStat)) return
  const opened = childrenOf(root)
  if (typeof opened === 'string') return yield { kind: 'not-scanned', path: root, reason: opened }
  const stack: Buffer[][] = [opened]
  while (stack.length > 0) {
    const path = stack.at(-1)?.pop()
    if (path === undefined) {
      stack.pop()
      continue
    }
    if (walk.excluded.has(path.toString('latin1'))) continue
    const stat = statOf(path)
    if (typeof stat === 'string') yield { kind: 'not-scanned', path, reason: stat }
    else if (stat.isDirectory()) {
      if (isLeftOut(walk, path) || isGrabFolder(path) || !enter(walk, stat)) continue
      const children = childrenOf(path)
      if (typeof children === 'string') yield { kind: 'not-scanned', path, reason: children }
      else stack.push(children)
    } else if (stat.isFile()) {
      if (!walk.given.has(path.toString('latin1'))) yield fileEntry(path, stat)
    } else if (!stat.isSymbolicLink()) yield { kind: 'not-scanned', path, reason: 'special-file' }
  }
}

/** Paths in a folder, last one first, so that `pop` gives them in order. */
function childrenOf(folder: Buffer): Buffer[] | NotScannedReason {
  try {
    const prefix = folder.at(-1) === 0x2f ? folder : Buffer.concat([folder, slash])
    return readdirSync(folder, { encoding: 'buffer' })
      .sort((a, b) => Buffer.compare(b, a))
      .map((name) => Buffer.concat([prefix, name]))
  } catch (error) {
    return reasonOf(error)
  }
}

function statOf(path: Buffer): BigIntStats | NotScannedReason {
  try {
    return lstatSync(path, { bigint: true })
  } catch (error) {
    return reasonOf(error)
  }
}

function fileEntry(path: Buffer, stat: BigIntStats): WalkEntry {
  return { kind: 'file', path, size: Number(stat.size), dev: stat.dev, ino: stat.ino, nlink: Number(stat.nlink) }
}

/** True the first time. */
function enter(walk: Walk, stat: BigIntStats): boolean {
  const key = `${stat.dev}:${stat.ino}`
  if (walk.entered.has(key)) return false
  walk.entered.add(key)
  return true
}

function isEntered(walk: Walk, folder: Buffer): boolean {
  const stat = statOf(folder)
  return typeof stat !== 'string' && walk.entered.has(`${stat.dev}:${stat.ino}`)
}

/** Mounted kernel interfaces and networks below a path that was asked for; asked for by itself a network is walked. */
function isLeftOut(walk: Walk, folder: Buffer): boolean {
  return (walk.mounts.get(folder.toString('latin1')) ?? 'local') !== 'local'
}

function isExcluded(walk: Walk, path: Buffer): boolean {
  let prefix = path.toString('latin1')
  while (prefix !== '') {
    if (walk.excluded.has(prefix)) return true
    prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')))
  }
  return walk.excluded.has('/')
}

function isInGrabFolder(path: Buffer): boolean {
  return Buffer.concat([path, slash]).includes(Buffer.concat([grabFolder, slash]))
}

function isGrabFolder(path: Buffer): boolean {
  return path.subarray(-grabFolder.length).equals(grabFolder)
}

function trimmed(path: Buffer): Buffer {
  let end = path.length
  while (end > 1 && path[end - 1] === 0x2f) end -= 1
  return path.subarray(0, end)
}

function parentOf(path: Buffer): Buffer {
  const end = path.lastIndexOf('/')
  return end <= 0 ? slash : path.subarray(0, end)
}
