// Where a feed lies: a folder, on this computer or mounted. Whatever can read named files within bounds can be another one.
// SECURITY: what it gives is believed by nobody; sizes and digests are checked by whoever asked.
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { ProductError } from '#shared/errors.ts'
import { readWhole } from '../../files/content.ts'
import { errnoOf } from '../../files/fs-errors.ts'

export interface FeedSource {
  /** As it is told to people. */
  readonly place: string
  /**
   * Null when there is no such file. Throws ProductError `update-source-unreachable`, and `update-damaged` for a file of more
   * than `mostBytes`.
   */
  read(name: string, mostBytes: number): Promise<Buffer | null>
}

/** A feed in a folder. */
export function folderSource(folder: string): FeedSource {
  return {
    place: folder,
    read: async (name, mostBytes) => {
      const fd = opened(join(folder, name))
      if (fd === null) return null
      try {
        if (!fstatSync(fd).isFile()) return null
        return await readWhole(fd, mostBytes)
      } catch (error) {
        if (error instanceof ProductError && error.code === 'too-large') throw new ProductError('update-damaged', name)
        throw unreachable(error)
      } finally {
        closeSync(fd)
      }
    },
  }
}

/** Never waits for the other end of a FIFO. */
function opened(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw unreachable(error)
  }
}

function unreachable(cause: unknown): ProductError {
  return new ProductError('update-source-unreachable', errnoOf(cause), { cause })
}
