// After a crash in the middle of a restore: was the file put back? Looks at the place once, follows no link.
import { lstat } from 'node:fs/promises'
import type { Detection } from '#shared/domain/detection.ts'

/** True when a regular file of the right size is at the old place. */
export async function isBack({ path, sizeBytes }: Pick<Detection, 'path' | 'sizeBytes'>): Promise<boolean> {
  try {
    const stat = await lstat(path.bytes === undefined ? path.text : Buffer.from(path.bytes, 'base64'))
    return stat.isFile() && stat.size === sizeBytes
  } catch {
    return false
  }
}
