// The names of what we put among other people's files for a moment. Scans leave out the private folder alone: a file is never
// skipped for its name, or malware would take that name. Never creates anything.
import { randomBytes } from 'node:crypto'

/** Name of the private folder on volumes other than the app's, where a file lies while it is being removed. */
export function volumeFolderName(): string {
  return `.remote-protection-${process.getuid?.() ?? 0}`
}

/** A new name for a file that is being written beside the one it will replace. */
export function temporaryName(): Buffer {
  return Buffer.from(`.${randomBytes(12).toString('hex')}.part`)
}

/** A new name beside one that is taken; at most 209 bytes. */
export function nameBeside(name: Buffer): Buffer {
  return Buffer.concat([name.subarray(0, 200), Buffer.from(`.${randomBytes(4).toString('hex')}`)])
}

/** True for a name that only we give, to a file that waits beside another one. */
export function isTemporaryName(name: string): boolean {
  return /^\.[0-9a-f]{24}\.part(\.old)?$/.test(name)
}
