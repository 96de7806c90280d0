// Looks through everything below a folder, byte by byte, for a text that must not be there.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Every regular file below `folder`. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
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
      const content = readFileSync(file)
      return forms.some((form) => content.includes(form))
    })
    .map((file) => relative(folder, file))
}
