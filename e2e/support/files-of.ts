// Looks through everything below a folder, byte by byte, for a text that must not be there. The app may run meanwhile: what is gone
// when it is looked at holds nothing.
import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Every regular file below `folder`. */
export function filesBelow(folder: string): string[] {
  const entries = unlessGone<Dirent[]>(() => readdirSync(folder, { withFileTypes: true })) ?? []
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path)
    return entry.isFile() ? [path] : []
  })
}

/** The files below `folder` that hold `text` in UTF-8, UTF-16 or base64, relative to it. */
export function filesHolding(folder: string, text: string): string[] {
  const forms = [
    Buffer.from(text, 'utf8'),
    Buffer.from(text, 'utf16le'),
    Buffer.from(Buffer.from(text).toString('base64')),
  ]
  return filesBelow(folder)
    .filter((file) => {
      const content = unlessGone(() => readFileSync(file))
      return content !== undefined && forms.some((form) => content.includes(form))
    })
    .map((file) => relative(folder, file))
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
