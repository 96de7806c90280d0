// Lists the files of folders that were changed since a moment. This finds what a lost or joined notice did not name.
// Never opens a file, never follows a link.
import type { BigIntStats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { FilePath } from '#shared/domain/file-path.ts'

/** A regular file as it stands now. */
export interface ChangedFile {
  readonly path: FilePath
  /** Differs as soon as the file was written, replaced or renamed. */
  readonly version: string
}

export interface Listing {
  readonly files: readonly ChangedFile[]
  readonly folders: readonly string[]
}

/** `sinceMs`: of the epoch; a name, a content or a rename after it counts. Empty for a folder that is not there. */
export async function changedIn(folder: string, sinceMs: number): Promise<Listing> {
  const since = BigInt(Math.floor(sinceMs)) * 1_000_000n
  const names = await readdir(folder, { encoding: 'buffer' }).catch(() => [])
  const files: ChangedFile[] = []
  const folders: string[] = []
  for (const name of names) {
    const full = Buffer.concat([Buffer.from(`${folder}/`), name])
    const stat = await statOf(full)
    if (stat?.isDirectory()) folders.push(path.join(folder, name.toString('utf8')))
    else if (stat?.isFile() && stat.ctimeNs >= since) files.push({ path: filePath(full), version: versionOf(stat) })
  }
  return { files, folders }
}

/** The file as it stands now; null when it is none (any more). */
export async function fileNow(file: FilePath): Promise<ChangedFile | null> {
  const stat = await statOf(bytesOf(file))
  return stat?.isFile() ? { path: file, version: versionOf(stat) } : null
}

export function filePath(bytes: Buffer): FilePath {
  const text = bytes.toString('utf8')
  const isPlain = Buffer.from(text).equals(bytes) && !hasControls(text)
  // The engine gives the text to show; here only the bytes count.
  return isPlain ? { text } : { text: text.replaceAll(controls, '?'), bytes: bytes.toString('base64') }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
const controls = /[\u0000-\u001f\u007f-\u009f]/g

function hasControls(text: string): boolean {
  return text.search(controls) !== -1
}

function bytesOf({ text, bytes }: FilePath): Buffer {
  return bytes === undefined ? Buffer.from(text) : Buffer.from(bytes, 'base64')
}

function versionOf({ dev, ino, size, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${ctimeNs}`
}

/** Null for what is gone or cannot be looked at: there is no file of ours to check then. */
async function statOf(file: Buffer): Promise<BigIntStats | null> {
  return lstat(file, { bigint: true }).catch(() => null)
}
