// Makes the data folder where it is missing, and finds out at once whether it can be used at all.
// Never changes anything in one that is there.
import { mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { ProductError } from '#shared/errors.ts'

/**
 * Mode 0700, with the folders above it. One folder after the other: where a system says of a folder that is there that it is
 * missing (as below /proc), Node's own `recursive` never ends. Throws ProductError `io-error`; its detail names the folder and errno.
 */
export function makeDataFolder(dataDir: string): void {
  try {
    makeFolder(dataDir)
    rmdirSync(mkdtempSync(path.join(dataDir, 'trial-')))
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new ProductError('io-error', `the data folder ${dataDir} cannot be used (${errno})`, { cause: error })
  }
}

function makeFolder(folder: string): void {
  if (isFolder(folder)) return
  const above = path.dirname(folder)
  if (above !== folder) makeFolder(above)
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process may have made it in the same moment.
    if (!isFolder(folder)) throw error
  }
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
}
