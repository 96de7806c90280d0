// Several names of one file: it is read once, every name is reported. Remembers results by inode within one scan.
// Never asks the file system.

import { toFilePath } from '../files/path-text.ts'
import type { FileScanResult } from '../scanner.ts'
import type { FeedFile } from './feed-queue.ts'

/** Above this many files with several names, further ones are simply read again. */
const maxGroups = 200_000

interface Group {
  result: FileScanResult | null
  waiting: FeedFile[]
}

/** A name whose file was read under another name. */
export interface LinkedName {
  readonly file: FeedFile
  readonly result: FileScanResult
}

export class Links {
  readonly #groups = new Map<string, Group>()

  /**
   * Asks whether `file` has to be read: `read` yes; `wait` another name of it is being read; else the result of the
   * other name, for this one.
   */
  ask(file: FeedFile): 'read' | 'wait' | FileScanResult {
    if (file.link === null) return 'read'
    const group = this.#groups.get(file.link)
    if (!group) {
      if (this.#groups.size < maxGroups) this.#groups.set(file.link, { result: null, waiting: [] })
      return 'read'
    }
    if (group.result) return forName(group.result, file)
    group.waiting.push(file)
    return 'wait'
  }

  /** The file was read under this name; the names that waited for it. */
  settle(file: FeedFile, result: FileScanResult): LinkedName[] {
    const group = file.link === null ? undefined : this.#groups.get(file.link)
    if (!group) return []
    group.result = result
    const names = group.waiting.map((each) => ({ file: each, result: forName(result, each) }))
    group.waiting = []
    return names
  }
}

/** The same findings under another name; nothing was read for it. */
function forName(result: FileScanResult, file: FeedFile): FileScanResult {
  const path = toFilePath(file.path)
  const notScanned = result.notScanned.map((each) => ({ ...each, path }))
  const nothing = { notScanned, objects: 0, bytes: 0 }
  return result.kind === 'detected'
    ? { ...result, ...nothing, object: { ...result.object, path } }
    : { ...result, ...nothing }
}
