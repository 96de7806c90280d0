// The folders of installed versions: checks one against its manifest, makes new ones, and removes what nobody uses.
// Never decides which one is used; that is the state's.
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '../../files/atomic-write.ts'
import { writeAll } from '../../files/content.ts'
import { errnoOf } from '../../files/fs-errors.ts'
import { readPieces } from '../line-reader.ts'
import { type FeedFile, type FeedManifest, manifestName, readInstalledManifest } from './feed-format.ts'
import { type Generation, isOf, type UpdateState, updatesFolder } from './update-state.ts'

export interface OpenedGeneration {
  readonly folder: string
  readonly manifest: FeedManifest
}

/**
 * A version whose folder holds exactly the files of its manifest, each with its size and digest; otherwise what is wrong.
 * Reads every byte: about a second for a gigabyte.
 */
export function openGeneration(dataDir: string, generation: Generation): OpenedGeneration | { problem: string } {
  const folder = join(updatesFolder(dataDir), generation.folder)
  try {
    const signed = readInstalledManifest(readFileSync(join(folder, manifestName)))
    if (!isOf(generation, signed)) return { problem: 'its manifest is another one' }
    const { files } = signed.manifest
    const names = new Set([manifestName, ...files.map(({ name }) => name)])
    const stray = readdirSync(folder).find((name) => !names.has(name))
    if (stray !== undefined) return { problem: `${stray} does not belong to it` }
    const changed = files.find((file) => !isWhole(folder, file))
    return changed === undefined ? { folder, manifest: signed.manifest } : { problem: `${changed.name} is damaged` }
  } catch (error) {
    return { problem: errnoOf(error) === 'ENOENT' ? 'files are missing' : 'its manifest is damaged' }
  }
}

/** A new empty folder; its name has the process that fills it. */
export function makeStaging(dataDir: string): string {
  const folder = join(updatesFolder(dataDir), `staging-${process.pid}-${randomBytes(6).toString('hex')}`)
  mkdirSync(folder, { mode: 0o700 })
  return folder
}

/** A new file of a folder of ours, on disk when it returns. */
export function writeNewFile(folder: string, name: string, bytes: Buffer): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const fd = openSync(join(folder, name), flags, 0o600)
  try {
    writeAll(fd, bytes)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Gives the folder its final name, on disk when it returns; the name. */
export function nameGeneration(dataDir: string, staging: string): string {
  const parent = updatesFolder(dataDir)
  const numbers = readdirSync(parent).map((name) => Number(/^generation-(\d{1,9})$/.exec(name)?.[1] ?? 0))
  const name = `generation-${Math.max(0, ...numbers) + 1}`
  syncFolder(staging)
  renameSync(staging, join(parent, name))
  syncFolder(parent)
  return name
}

/** For who alone may change them: removes what interrupted updates left, and versions that the state does not name. */
export function removeUnused(dataDir: string, { current, previous }: UpdateState): void {
  const used = [current?.folder, previous?.folder]
  for (const name of listed(dataDir)) {
    const isOurs = /^(staging|generation)-/.test(name) || name.endsWith('.part')
    if (isOurs && !used.includes(name)) remove(dataDir, name)
  }
}

/** For everybody: removes what updates left whose process is gone. Never throws: nothing depends on it. */
export function removeAbandoned(dataDir: string): void {
  try {
    for (const name of listed(dataDir)) {
      const pid = Number(/^staging-(\d{1,10})-/.exec(name)?.[1] ?? 0)
      if (pid > 0 && !isAlive(pid)) remove(dataDir, name)
    }
  } catch {
    // The next update tries again.
  }
}

/** Its digest is taken piece by piece: the file may be large. */
function isWhole(folder: string, { name, size, sha256 }: FeedFile): boolean {
  const path = join(folder, name)
  const stat = lstatSync(path)
  if (!stat.isFile() || stat.size !== size) return false
  const hash = createHash('sha256')
  for (const piece of readPieces(path)) hash.update(piece)
  return hash.digest('hex') === sha256
}

function remove(dataDir: string, name: string): void {
  rmSync(join(updatesFolder(dataDir), name), { recursive: true, force: true })
}

function listed(dataDir: string): string[] {
  try {
    return readdirSync(updatesFolder(dataDir))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}
