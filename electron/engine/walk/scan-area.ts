// The paths that a scan looks at and those that every scan leaves out.
// Never walks them.
import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import type { ScanArea } from '#shared/domain/scan.ts'
import type { EngineConfig } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import { toBytes } from '../files/path-text.ts'
import { fullAreaPaths, quickAreaPaths } from './areas.ts'

/** Throws ProductError `bad-path`. */
export function scanPaths(area: ScanArea): Buffer[] {
  if (area.kind === 'quick') return [...quickAreaPaths(homedir())]
  if (area.kind === 'full') return [...fullAreaPaths()]
  const paths = area.paths.map(toBytes)
  // A relative path would depend on where the engine process happens to run.
  if (paths.some((each) => each[0] !== 0x2f)) throw new ProductError('bad-path', 'not absolute')
  return paths
}

/** Own data is never scanned: Quarantine holds what was found. Nor is what we were told to leave alone. */
export function leftOutFolders({ dataDir, guardedDirs }: Pick<EngineConfig, 'dataDir' | 'guardedDirs'>): Buffer[] {
  const folders = [dataDir, ...guardedDirs]
  return [...new Set(folders.flatMap((folder) => [folder, ...realNames(folder)]))].map((name) => Buffer.from(name))
}

function realNames(folder: string): string[] {
  try {
    return [realpathSync(folder)]
  } catch {
    // Not there yet: nothing to leave out under another name.
    return []
  }
}
