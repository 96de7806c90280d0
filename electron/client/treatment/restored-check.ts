// After a restore whose end is not known: was the file put back? Reads the place once, follows no link.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Detection } from '#shared/domain/detection.ts'
import type { FilePath } from '#shared/domain/file-path.ts'

/**
 * True when the very content is at the place it was to be put: `target`, or where it came from. Of an object that was left
 * there, that proves nothing: false.
 */
export async function isBack(
  detection: Pick<Detection, 'path' | 'sizeBytes' | 'sha256' | 'state'>,
  target?: FilePath,
): Promise<boolean> {
  const path = target ?? detection.path
  if (detection.state === 'quarantined' && isSame(path, detection.path)) return false
  const place = path.bytes === undefined ? path.text : Buffer.from(path.bytes, 'base64')
  let file: FileHandle | undefined
  try {
    // Neither a link nor a pipe that nobody writes to may be waited for.
    file = await open(place, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    return await hasContent(file, detection)
  } catch {
    return false
  } finally {
    await file?.close().catch(() => undefined)
  }
}

const isSame = (a: FilePath, b: FilePath) => (a.bytes ?? a.text) === (b.bytes ?? b.text)

async function hasContent(file: FileHandle, { sizeBytes, sha256 }: Pick<Detection, 'sizeBytes' | 'sha256'>) {
  const stat = await file.stat()
  if (!stat.isFile() || stat.size !== sizeBytes) return false
  const hash = createHash('sha256')
  for await (const piece of file.createReadStream({ autoClose: false })) hash.update(piece as Buffer)
  return hash.digest('hex') === sha256
}
