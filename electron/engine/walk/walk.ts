// The files below some paths, in an order that is the same every time. Only lists: it opens no file.
// Never follows a link, never leaves out a folder silently unless it is excluded, our own or no place where files are stored.
// A network below a path that was asked for is told of and not walked; asked for by itself it is.
import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { CacheGeneration, KnownFolder } from '../cache/clean-cache.ts'
import { volumeFolderName } from '../files/own-names.ts'
import { reasonOf } from './file-reader.ts'
import { FolderSet } from './folder-set.ts'
import { type MountTable, mountKindOf, readMounts } from './mounts.ts'

/**
 * `file`: a regular file. `dev` and `ino` are the same for all names of a file with several (`nlink` > 1). `known`: the memory
 * of its folder, to be told when nothing was found in it. `known`, as a kind: files that need not be looked at, counted.
 */
export type WalkEntry =
  | {
      readonly kind: 'file'
      readonly path: Buffer
      /** Bytes. */
      readonly size: number
      readonly dev: bigint
      readonly ino: bigint
      readonly nlink: number
      readonly known?: KnownFolder
    }
  | { readonly kind: 'known'; readonly files: number; readonly bytes: number }
  | { readonly kind: 'not-scanned'; readonly path: Buffer; readonly reason: NotScannedReason }

export interface WalkOptions {
  /** Absolute paths that are left out with all below them. */
  readonly exclude: readonly Buffer[]
  /** Default: this process's mounts. */
  readonly mounts?: MountTable
  /** What is remembered of earlier scans. `read: false`: files are remembered, but all are looked at. */
  readonly cache?: { readonly generation: CacheGeneration; readonly read: boolean }
}

interface Walk {
  readonly excluded: ReadonlySet<string>
  readonly mounts: MountTable
  /** With a slash at the end: folders in which something is mounted. */
  readonly mountParents: ReadonlySet<string>
  /** Folders that were entered: no bind mount or doubled path is walked twice. */
  readonly entered: FolderSet
  /** Files that are paths of their own. */
  readonly given: Set<string>
  readonly cache: NonNullable<WalkOptions['cache']> | null
  /** Files that need not be looked at, since the last entry that told of them. */
  knownFiles: number
  knownBytes: number
}

/** A folder that is being walked. Paths and names are bytes as Latin-1: one character for each. */
interface Frame {
  /** With a slash at the end. */
  readonly prefix: string
  /** Last one first. */
  readonly names: string[]
  readonly known: KnownFolder | null
  /** Something is mounted on a name in it. */
  readonly hasMounts: boolean
}

/** So many known files are told of together. */
const tellKnown = 500
const notAscii = /[\u0080-\u00ff]/

const slash = Buffer.from('/')
/** Where a treatment has a file for a moment: what lies there is being dealt with. */
const grabFolder = `/${volumeFolderName()}`

/** Absolute paths of files or folders. Depth first, names of a folder in the order of their bytes. */
export function* walkArea(paths: readonly Buffer[], options: WalkOptions): Generator<WalkEntry> {
  const mounts = options.mounts ?? readMounts()
  const walk: Walk = {
    excluded: new Set(options.exclude.map((path) => trimmed(path).toString('latin1'))),
    mounts,
    mountParents: new Set([...mounts.keys()].map((point) => point.slice(0, point.lastIndexOf('/') + 1))),
    entered: new FolderSet(),
    given: new Set(),
    cache: options.cache ?? null,
    knownFiles: 0,
    knownBytes: 0,
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
  const first = frameOf(walk, root.toString('latin1'), rootStat)
  if (typeof first === 'string') return yield { kind: 'not-scanned', path: root, reason: first }
  const stack: Frame[] = [first]
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const name = frame.names.pop()
    if (name === undefined) {
      stack.pop()
      continue
    }
    const path = frame.prefix + name
    if (walk.excluded.size > 0 && walk.excluded.has(path)) continue
    const mounted = frame.hasMounts ? walk.mounts.get(path) : undefined
    // Not even asked what it is: a network that is gone may never answer.
    if (mounted === 'network') yield { kind: 'not-scanned', path: bytesOf(path), reason: 'network' }
    if (mounted === 'network' || mounted === 'kernel') continue
    const stat = statOf(systemPath(path))
    if (typeof stat === 'string') yield { kind: 'not-scanned', path: bytesOf(path), reason: stat }
    else if (stat.isFile()) {
      if (walk.given.size > 0 && walk.given.has(path)) continue
      if (!isKnown(walk, frame, name, stat)) yield fileEntry(bytesOf(path), stat, frame.known)
      else if (walk.knownFiles >= tellKnown) yield takeKnown(walk)
    } else if (stat.isDirectory()) {
      if (isGrabFolder(path) || !enter(walk, stat)) continue
      const below = frameOf(walk, path, stat)
      if (typeof below === 'string') yield { kind: 'not-scanned', path: bytesOf(path), reason: below }
      else stack.push(below)
    } else if (!stat.isSymbolicLink()) yield { kind: 'not-scanned', path: bytesOf(path), reason: 'special-file' }
  }
  if (walk.knownFiles > 0) yield takeKnown(walk)
}

/** The names in a folder, in the order of their bytes from the end, or why there are none. */
function frameOf(walk: Walk, path: string, stat: BigIntStats): Frame | NotScannedReason {
  try {
    const names = readdirSync(systemPath(path), { encoding: 'latin1' }).sort().reverse()
    const known = walk.cache?.generation.folder(path, stat.dev, stat.ino) ?? null
    const prefix = path.endsWith('/') ? path : `${path}/`
    return { prefix, names, known, hasMounts: walk.mountParents.has(prefix) }
  } catch (error) {
    return reasonOf(error)
  }
}

/** Counts a file that is unchanged since nothing was found in all of it. */
function isKnown(walk: Walk, { known }: Frame, name: string, stat: BigIntStats): boolean {
  if (known === null || walk.cache?.read !== true || !known.isKnown(stat, stat.nlink > 1n ? name : null)) return false
  walk.knownFiles += 1
  walk.knownBytes += Number(stat.size)
  return true
}

function takeKnown(walk: Walk): WalkEntry {
  const entry: WalkEntry = { kind: 'known', files: walk.knownFiles, bytes: walk.knownBytes }
  walk.knownFiles = 0
  walk.knownBytes = 0
  return entry
}

/** Node takes strings for UTF-8: only plain ones may stay strings, and they are faster. */
function systemPath(path: string): string | Buffer {
  return notAscii.test(path) ? bytesOf(path) : path
}

function bytesOf(path: string): Buffer {
  return Buffer.from(path, 'latin1')
}

function statOf(path: string | Buffer): BigIntStats | NotScannedReason {
  try {
    return lstatSync(path, { bigint: true })
  } catch (error) {
    return reasonOf(error)
  }
}

function fileEntry(path: Buffer, stat: BigIntStats, known: KnownFolder | null = null): WalkEntry {
  const { dev, ino } = stat
  const entry = { kind: 'file', path, size: Number(stat.size), dev, ino, nlink: Number(stat.nlink) } as const
  return known === null ? entry : { ...entry, known }
}

/** True the first time. */
function enter(walk: Walk, { dev, ino }: BigIntStats): boolean {
  return walk.entered.add(dev, ino)
}

function isEntered(walk: Walk, folder: Buffer): boolean {
  const stat = statOf(folder)
  return typeof stat !== 'string' && walk.entered.has(stat.dev, stat.ino)
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
  return Buffer.concat([path, slash]).includes(`${grabFolder}/`)
}

function isGrabFolder(path: string): boolean {
  return path.endsWith(grabFolder)
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
