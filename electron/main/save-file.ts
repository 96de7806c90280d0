// Writes a file at a place that a person chose: whole or not at all, readable by them alone. A link is never followed, and what was
// there stays until the new file is complete. Never chooses a place.
import { randomUUID } from 'node:crypto'
import { lstat, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { type ErrorCode, ProductError } from '#shared/errors.ts'

/** Throws disk-full, no-permission, read-only-volume, is-link, not-regular-file, not-found (the folder), bad-path, io-error. */
export async function saveFile(file: string, text: string): Promise<void> {
  // Short, so that a name of full length has room for it too.
  const temporary = path.join(path.dirname(file), `.${randomUUID()}.tmp`)
  try {
    await refuseOthers(file)
    try {
      await writeNew(temporary, text)
      await refuseOthers(file)
      // Replaces the name itself: a link that was put there meanwhile is not followed.
      await rename(temporary, file)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      throw error
    }
  } catch (error) {
    throw asProductError(error)
  }
  await syncFolder(path.dirname(file))
}

/** Only a file makes room for a file. */
async function refuseOthers(file: string): Promise<void> {
  const there = await lstat(file).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  })
  if (there === null || there.isFile()) return
  throw new ProductError(there.isSymbolicLink() ? 'is-link' : 'not-regular-file')
}

async function writeNew(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text, 'utf8')
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The file is whole already; a folder that cannot be synced only makes its name last a little later. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r').catch(() => null)
  await handle?.sync().catch(() => undefined)
  await handle?.close().catch(() => undefined)
}

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  EROFS: 'read-only-volume',
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  ENAMETOOLONG: 'bad-path',
  EISDIR: 'not-regular-file',
  ELOOP: 'is-link',
}

/** What the operating system said, as a code of the product with the errno as detail. */
function asProductError(error: unknown): unknown {
  const errno = errnoOf(error)
  if (errno === undefined || error instanceof ProductError) return error
  return new ProductError(codes[errno] ?? 'io-error', errno, { cause: error })
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
