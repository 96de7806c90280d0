// The full path of a copy that is restored into another folder or under another name; what is not changed stays as it was,
// byte for byte. Pure.
import type { FilePath } from '#shared/domain/file-path.ts'
import { fileName, lastSeparator } from '#shared/domain/path-text.ts'

export interface RestorePlace {
  /** Null: the old one. */
  readonly folder: string | null
  /** Null: the old one. */
  readonly name: string | null
}

export function restoreTarget({ folder, name }: RestorePlace, original: FilePath): FilePath {
  const text = {
    folder: folder?.replace(/[\\/]+$/, '') ?? original.text.slice(0, Math.max(0, lastSeparator(original.text))),
    name: name ?? fileName(original.text),
  }
  if (original.bytes === undefined) return { text: `${text.folder}/${text.name}` }
  const bytes = Buffer.from(original.bytes, 'base64')
  const cut = bytes.lastIndexOf(0x2f)
  const real = Buffer.concat([
    folder === null ? bytes.subarray(0, cut) : Buffer.from(text.folder, 'utf8'),
    Buffer.from('/'),
    name === null ? bytes.subarray(cut + 1) : Buffer.from(name, 'utf8'),
  ])
  const shown = `${text.folder}/${text.name}`
  return real.equals(Buffer.from(shown, 'utf8')) ? { text: shown } : { text: shown, bytes: real.toString('base64') }
}
