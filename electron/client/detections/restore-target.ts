// The full path of a copy that is restored into another folder: that folder and the old name, byte for byte. Pure.
import type { FilePath } from '#shared/domain/file-path.ts'
import { fileName } from '#shared/domain/path-text.ts'

export function restoreTarget(folder: string, original: FilePath): FilePath {
  const base = folder.replace(/[\\/]+$/, '')
  const text = `${base}/${fileName(original.text)}`
  if (original.bytes === undefined) return { text }
  const bytes = Buffer.from(original.bytes, 'base64')
  const name = bytes.subarray(bytes.lastIndexOf(0x2f) + 1)
  return { text, bytes: Buffer.concat([Buffer.from(`${base}/`, 'utf8'), name]).toString('base64') }
}
