// Loads the databases that this computer works with: the installed version in use, else the one before, else those that ship
// with the product. Never silently: what could not be used in front of another is named first in `info.rejected`.
import { join } from 'node:path'
import { ProductError } from '#shared/errors.ts'
import { type LoadedDatabases, type LoadOptions, loadDatabases } from '../databases.ts'
import type { Rejected } from '../signature-text.ts'
import { openGeneration, removeAbandoned } from './generations.ts'
import { type Generation, readState } from './update-state.ts'

export interface DatabasePlaces {
  readonly dataDir: string
  /** Databases that ship with the product. */
  readonly seedDatabasesDir: string
}

/** Where compiled rules and large sets are kept between starts; need not exist. */
export function rulesCacheFolder(dataDir: string): string {
  return join(dataDir, 'rules-cache')
}

/** Throws ProductError `databases-unusable`, and `databases-not-compiled` as loading does. Removes what an update left that was cut. */
export async function loadNewest(
  { dataDir, seedDatabasesDir }: DatabasePlaces,
  options: Omit<LoadOptions, 'source' | 'releasedAt' | 'refused'>,
): Promise<LoadedDatabases> {
  removeAbandoned(dataDir)
  const refused: Rejected[] = []
  for (const generation of installed(dataDir, refused)) {
    const refuse = (problem: string): void => {
      refused.push({
        file: generation.folder,
        line: 0,
        problem: `version ${generation.version} is not used: ${problem}`,
      })
    }
    const opened = openGeneration(dataDir, generation)
    if ('problem' in opened) {
      refuse(opened.problem)
      continue
    }
    try {
      const { builtAt } = opened.manifest
      return await loadDatabases(opened.folder, { ...options, source: 'update', releasedAt: builtAt, refused })
    } catch (error) {
      if (!(error instanceof ProductError) || error.code !== 'databases-unusable') throw error
      refuse('it does not load')
    }
  }
  return loadDatabases(seedDatabasesDir, { ...options, source: 'seed', refused })
}

/** After a roll back to the databases of the product there is only a version before, which is not meant. */
function installed(dataDir: string, refused: Rejected[]): Generation[] {
  try {
    const { current, previous } = readState(dataDir)
    return current === null ? [] : [current, previous].filter((each) => each !== null)
  } catch (error) {
    if (!(error instanceof ProductError)) throw error
    refused.push({ file: 'databases/state.json', line: 0, problem: `no update is used: ${error.code}` })
    return []
  }
}
