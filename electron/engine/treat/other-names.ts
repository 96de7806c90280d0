// Looks for the other names (hard links) of a file, where they are cheap to find: in its own folder, then in the person's home,
// on the same volume. Owns the bounds of that search; never changes anything and never follows a link.
import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { setImmediate as turn } from 'node:timers/promises'
import type { FilePath } from '#shared/domain/file-path.ts'
import { joinParts, partsOf } from '../files/dirfd.ts'
import { toFilePath } from '../files/path-text.ts'

/** Names looked at, in all folders together: a fraction of a second. */
const mostLooks = 20_000
const mostNames = 10

export interface LinkedFile {
  readonly path: Buffer
  /** Path of the folder it lies in. */
  readonly parent: Buffer
  readonly stat: Pick<BigIntStats, 'dev' | 'ino' | 'nlink'>
}

/** Other paths of this very file, at most 10; there may be more than are found. `home`: searched after the file's own folder. */
export async function otherNames(file: LinkedFile, home: string = homedir()): Promise<FilePath[]> {
  const wanted = Math.min(mostNames, Number(file.stat.nlink) - 1)
  const found = new Map<string, FilePath>()
  if (wanted < 1) return []
  let looks = 0
  for (const [root, isDeep] of [[file.parent, false] as const, [Buffer.from(home), true] as const]) {
    const waiting = [root]
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      for (const name of namesIn(folder)) {
        if (found.size >= wanted || looks >= mostLooks) return [...found.values()]
        looks += 1
        const path = joinParts([...partsOf(folder), name])
        const stat = lstatIfThere(path)
        if (stat === undefined || stat.dev !== file.stat.dev) continue
        if (stat.isDirectory() && isDeep) waiting.push(path)
        if (stat.ino === file.stat.ino && !path.equals(file.path)) found.set(path.toString('latin1'), toFilePath(path))
      }
      await turn()
    }
  }
  return [...found.values()]
}

function namesIn(folder: Buffer): Buffer[] {
  try {
    return readdirSync(folder, { encoding: 'buffer' })
  } catch {
    // Gone, or not ours to read: a name there is not found, and nothing claims that all were.
    return []
  }
}

function lstatIfThere(path: Buffer): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
