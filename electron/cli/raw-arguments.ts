// Paths from the command line as the bytes they were typed in: Node decodes arguments as UTF-8 and loses what is none.
// Owns only that; never checks whether a path exists.
import { readFileSync } from 'node:fs'
import path from 'node:path'

/** The absolute path that an argument names. */
export function absolutePath(argument: string): Buffer {
  const bytes = argument.includes('\ufffd') ? originalBytes(argument) : Buffer.from(argument)
  if (bytes[0] === 0x2f) return normal(bytes)
  return normal(Buffer.concat([Buffer.from(`${process.cwd()}/`), bytes]))
}

/** Looks the argument up in the process's own argument list, where it still is as it was given. */
function originalBytes(argument: string): Buffer {
  try {
    // latin1 keeps every byte as one character.
    const parts = readFileSync('/proc/self/cmdline', 'latin1').split('\0')
    const found = parts.map((part) => Buffer.from(part, 'latin1')).find((part) => part.toString('utf8') === argument)
    return found ?? Buffer.from(argument)
  } catch {
    return Buffer.from(argument)
  }
}

function normal(bytes: Buffer): Buffer {
  const text = path.posix.normalize(bytes.toString('latin1'))
  return Buffer.from(text.length > 1 ? text.replace(/\/$/, '') : text, 'latin1')
}
