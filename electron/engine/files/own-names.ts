// The names of what we put among other people's files for a moment: scans and watchers leave these out.
// Never creates anything.
import { randomBytes } from 'node:crypto'

/** Name of the private folder on volumes other than the app's, where a file lies while it is being removed. */
export function volumeFolderName(): string {
  return `.remote-protection-${process.getuid?.() ?? 0}`
}

/** A new name for a file that is being written beside the one it will replace. */
export function temporaryName(): Buffer {
  return Buffer.from(`.${randomBytes(12).toString('hex')}.part`)
}

/** True for the last part of a path that `temporaryName` made. */
export function isTemporaryName(path: Buffer): boolean {
  return /(^|\/)\.[0-9a-f]{24}\.part$/.test(path.toString('latin1', Math.max(0, path.length - 31)))
}
