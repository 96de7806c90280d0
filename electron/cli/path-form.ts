// How the command line prints paths: text from which every byte can be told, and for programs the bytes themselves.
// The only form of paths in its output; never reads a path.
import type { FilePath } from '#shared/domain/file-path.ts'
import { unambiguousText } from '../engine/files/path-text.ts'

export interface PathFields {
  /** For people: `\xNN` and `\u{N}` for what cannot be shown, `\\` for a backslash. */
  readonly path: string
  /** The real path, base64 of its bytes. */
  readonly pathBase64: string
}

export function pathText(path: FilePath): string {
  return unambiguousText(bytesOf(path))
}

export function pathFields(path: FilePath | Buffer): PathFields {
  const bytes = Buffer.isBuffer(path) ? path : bytesOf(path)
  return { path: unambiguousText(bytes), pathBase64: bytes.toString('base64') }
}

/** Also of the empty path of a copy that cannot be read any more. */
function bytesOf({ text, bytes }: FilePath): Buffer {
  return bytes === undefined ? Buffer.from(text) : Buffer.from(bytes, 'base64')
}
