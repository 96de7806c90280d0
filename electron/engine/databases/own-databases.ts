// The signature files that a person added on this computer: a folder of the product's data, used besides its databases.
// Owns that folder. Never takes a file that was not test-loaded, never leaves half of one behind.
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import type { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import { loadDatabases } from './databases.ts'

/** Where they lie in the data folder; need not exist. */
export function ownDatabasesFolder(dataDir: string): string {
  return join(dataDir, 'own-databases')
}

/** Names of the added files, sorted. */
export function listOwnDatabases(dataDir: string): string[] {
  const folder = ownDatabasesFolder(dataDir)
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/**
 * Copies files, loads the copies, and puts them in place together; a file of the same name is replaced. What is wrong in
 * them is in the answer's `rejected`. Throws ProductError `databases-unusable` when nothing in them can be used, file system
 * errors when they cannot be read or kept; nothing is changed then.
 */
export async function addOwnDatabases(dataDir: string, files: readonly string[]): Promise<DatabasesInfo> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  // In the same folder of data, so that the last step is a rename.
  const trial = mkdtempSync(join(dataDir, 'own-databases-trial-'))
  try {
    for (const file of files) copyInto(trial, file)
    const { info } = await loadDatabases(trial, { source: 'folder' })
    const folder = ownDatabasesFolder(dataDir)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(trial)) renameSync(join(trial, name), join(folder, name))
    return info
  } finally {
    rmSync(trial, { recursive: true, force: true })
  }
}

/** Throws ProductError `not-found` for a name that was not added; nothing is changed then. */
export function removeOwnDatabases(dataDir: string, names: readonly string[]): void {
  const known = new Set(listOwnDatabases(dataDir))
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined) throw new ProductError('not-found', unknown.slice(0, 200))
  for (const name of names) rmSync(join(ownDatabasesFolder(dataDir), name))
}

function copyInto(folder: string, file: string): void {
  const name = basename(file)
  const copy = join(folder, name)
  if (existsSync(copy)) throw new ProductError('bad-request', `two files are called ${name.slice(0, 200)}`)
  copyFileSync(file, copy, constants.COPYFILE_EXCL)
  chmodSync(copy, 0o600)
  const descriptor = openSync(copy, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
