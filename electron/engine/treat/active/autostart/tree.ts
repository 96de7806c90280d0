// Reads the places of autostart entries below a root: files, folders and what links say. Paths are those of the machine that
// the root stands for, as latin1 strings, so that a character is a byte. SECURITY: opens nothing through a link, nothing above
// the root, nothing but regular files of a sensible size. Never changes anything.

import { createHash } from 'node:crypto'
import { accessSync, closeSync, constants, fstatSync, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import type { FileIdentity } from '#shared/domain/object-report.ts'
import { ProductError } from '#shared/errors.ts'
import { fillBuffer } from '../../../files/content.ts'
import { Folder, joinParts, partsOf, splitPath } from '../../../files/dirfd.ts'
import { errnoOf } from '../../../files/fs-errors.ts'
import { identityOf } from '../../../files/identity.ts'
import { isTemporaryName } from '../../../files/own-names.ts'

/** Larger files are none that a person or a program of the system writes there. */
const mostBytes = 256 * 1024
const mostNames = 5000
const mostLinks = 40
const longestPath = 4096

/** A file as it was read: its text in latin1, and who it was. */
export interface ReadFile {
  readonly text: string
  readonly identity: FileIdentity
}

export interface Tree {
  /** Undefined for what is not a regular file, is behind a link, too large, binary, or not ours to read. */
  read(path: string): ReadFile | undefined
  /** Asks an open regular file; undefined where `read` gives nothing for its kind or its rights. */
  withOpen<T>(path: string, ask: (fd: number) => T): T | undefined
  /** Names in a folder, sorted, without those of our own files that wait beside others; none when it is not there, behind a link, or not ours to read. */
  names(folder: string): string[]
  /** What a link says; undefined for what is no link. Its folder must be one without links. */
  link(path: string): string | undefined
  /** The path without links, as the machine would go; the last part need not be there. Undefined when links go in circles. */
  resolve(path: string): string | undefined
  /** Inode of what is there, itself. Its folder must be one without links. */
  inode(path: string): { readonly dev: bigint; readonly ino: bigint; readonly isFile: boolean } | undefined
  /** True when names in the folder of this path may be changed. */
  mayChange(path: string): boolean
  /** The path on this machine. */
  real(path: string): Buffer
  /** A path of this machine as the root sees it; undefined when it lies elsewhere. */
  within(real: Buffer): string | undefined
}

/** The files below `root`, an absolute path without links on the way. */
export function treeBelow(root: string): Tree {
  const base = partsOf(Buffer.from(root))
  const real = (path: string): Buffer => joinParts([...base, ...partsOf(Buffer.from(path, 'latin1'))])
  /** Most of what is asked for is not there: that is told in one call. What is there is opened part by part. */
  const isThere = (path: string): boolean => lstatSync(real(path), { throwIfNoEntry: false }) !== undefined
  const at = <T>(path: string, act: (folder: Folder, name: Buffer) => T): T | undefined =>
    quietly(() => {
      if (!isThere(path)) return undefined
      const { folder, name } = splitPath(real(path))
      const handle = Folder.open(folder)
      try {
        return act(handle, name)
      } finally {
        handle.close()
      }
    })
  /** By its path: every part before the last one was found to be no link. */
  const link = (path: string): string | null | undefined => {
    try {
      return readlinkSync(real(path), { encoding: 'buffer' }).toString('latin1')
    } catch (error) {
      return errnoOf(error) === 'EINVAL' ? null : undefined
    }
  }
  return {
    real,
    link: (path) => link(path) ?? undefined,
    read: (path) => at(path, (folder, name) => opened(folder, name, readOpen)),
    withOpen: (path, ask) => at(path, (folder, name) => opened(folder, name, ask)),
    names: (folder) =>
      quietly(() => {
        if (!isThere(folder)) return []
        const names = namesIn(real(folder)).map((name) => name.toString('latin1'))
        return names.length > mostNames ? [] : names.filter((name) => !isTemporaryName(name)).sort()
      }) ?? [],
    resolve: (path) => resolved(path, link),
    inode: (path) =>
      quietly(() => {
        const stat = lstatSync(real(path), { bigint: true })
        return { dev: stat.dev, ino: stat.ino, isFile: stat.isFile() }
      }),
    mayChange: (path) =>
      quietly(() => {
        accessSync(splitPath(real(path)).folder, constants.W_OK | constants.X_OK)
        return true
      }) ?? false,
    within: (path) => {
      const parts = partsOf(path)
      const isBelow = base.every((part, index) => parts[index]?.equals(part) === true)
      return isBelow ? joinParts(parts.slice(base.length)).toString('latin1') : undefined
    },
  }
}

/** Undefined when the file system says no; a bug is thrown on. */
function quietly<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (errnoOf(error) !== undefined || error instanceof ProductError) return undefined
    throw error
  }
}

function namesIn(path: Buffer): Buffer[] {
  const folder = Folder.open(path)
  try {
    const fd = folder.openForReading()
    try {
      return readdirSync(`/proc/self/fd/${fd}`, { encoding: 'buffer' })
    } finally {
      closeSync(fd)
    }
  } finally {
    folder.close()
  }
}

function opened<T>(folder: Folder, name: Buffer, act: (fd: number) => T): T | undefined {
  if (!folder.lstat(name).isFile()) return undefined
  const fd = folder.openFile(name)
  try {
    return fstatSync(fd).isFile() ? act(fd) : undefined
  } finally {
    closeSync(fd)
  }
}

function readOpen(fd: number): ReadFile | undefined {
  const stat = fstatSync(fd, { bigint: true })
  if (stat.size > mostBytes) return undefined
  // One byte more than there should be: a file that grows meanwhile is not the one that was measured.
  const buffer = Buffer.alloc(Number(stat.size) + 1)
  const bytes = buffer.subarray(0, fillBuffer(fd, buffer, 0))
  if (bytes.length !== Number(stat.size) || bytes.includes(0)) return undefined
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { text: bytes.toString('latin1'), identity: identityOf(stat, sha256) }
}

/** Goes part by part, as the kernel would with this root. `link`: null for what is there and no link, undefined for nothing. */
function resolved(path: string, link: (path: string) => string | null | undefined): string | undefined {
  if (path.length > longestPath || path.includes('\0')) return undefined
  let left = partsIn(path)
  let done: string[] = []
  for (let links = 0; links <= mostLinks; ) {
    const part = left.shift()
    if (part === undefined) return `/${done.join('/')}`
    if (part === '..') {
      done.pop()
      continue
    }
    const target = link(`/${[...done, part].join('/')}`)
    if (typeof target !== 'string') {
      done.push(part)
      // Nothing is below what is not there.
      if (target === undefined) return left.includes('..') ? undefined : `/${[...done, ...left].join('/')}`
      continue
    }
    links += 1
    // An absolute target begins at the root again.
    if (target.startsWith('/')) done = []
    left = [...partsIn(target), ...left]
  }
  return undefined
}

function partsIn(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
