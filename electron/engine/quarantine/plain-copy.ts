// The content of a copy in a file of ours that has no name any more: to be looked at, and to be written back from.
// Owns the check against the hash; never gives the content a name.
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, constants, openSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { ProductError } from '#shared/errors.ts'
import type { WriteBytes } from '../files/atomic-write.ts'
import { writeAll } from '../files/content.ts'
import { withProductErrors } from '../files/fs-errors.ts'
import type { OpenedCopy } from './vault.ts'

/** Runs `use` with the unsealed content. Throws ProductError `vault-damaged`, `disk-full` and what `use` throws. */
export async function withPlain<T>(
  dataDir: string,
  copy: OpenedCopy,
  use: (fd: number) => Promise<T>,
  write: WriteBytes = writeAll,
): Promise<T> {
  const fd = withProductErrors(() => openNameless(join(dataDir, 'quarantine')))
  try {
    const hash = createHash('sha256')
    for await (const bytes of copy.content()) {
      hash.update(bytes)
      withProductErrors(() => write(fd, bytes))
    }
    if (hash.digest('hex') !== copy.metadata.identity.sha256) throw new ProductError('vault-damaged', 'hash')
    return await use(fd)
  } finally {
    closeSync(fd)
  }
}

/** Runs `use` with bytes of ours in such a file. Throws ProductError `disk-full` and what `use` throws. */
export async function withNameless<T>(
  dataDir: string,
  bytes: Buffer,
  use: (fd: number) => Promise<T>,
  write: WriteBytes = writeAll,
): Promise<T> {
  const fd = withProductErrors(() => openNameless(join(dataDir, 'quarantine')))
  try {
    withProductErrors(() => write(fd, bytes))
    return await use(fd)
  } finally {
    closeSync(fd)
  }
}

function openNameless(folder: string): number {
  const file = join(folder, `${randomBytes(12).toString('hex')}.part`)
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  try {
    unlinkSync(file)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
