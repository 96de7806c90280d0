// The few file calls that the client's storage is made of, each durable when it returns. A port, so that tests can make the
// machine stop at any write. Never interprets what it writes.
import { constants } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'

export interface Disk {
  /** Null: there is no such file. */
  read(file: string): Promise<string | null>
  /** Adds text at the end. After a failure the file is as long as before, as far as the disk still lets us. */
  append(file: string, text: string): Promise<void>
  /** Replaces the whole content: readers see the old or the new one, never a part. */
  replace(file: string, text: string): Promise<void>
  /** Gives a damaged file another name beside it and returns that name. */
  setAside(file: string, mark: string): Promise<string>
}

export const nodeDisk: Disk = {
  async read(file) {
    try {
      return await readFile(file, 'utf8')
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  },

  async append(file, text) {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    const handle = await open(
      file,
      constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
      0o600,
    )
    try {
      const { size } = await handle.stat()
      try {
        await handle.appendFile(text)
        await handle.sync()
      } catch (error) {
        await handle.truncate(size).catch(() => undefined)
        throw error
      }
      if (size === 0) await syncFolder(path.dirname(file))
    } finally {
      await handle.close()
    }
  },

  async replace(file, text) {
    const folder = path.dirname(file)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const temporary = `${file}.new`
    await rm(temporary, { force: true })
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
    await syncFolder(folder)
  },

  async setAside(file, mark) {
    const aside = `${file}.damaged-${mark}`
    await rename(file, aside)
    await syncFolder(path.dirname(file))
    return aside
  },
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; there a rename is as durable as it gets.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
