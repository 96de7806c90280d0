// Pacman's records: `/var/lib/pacman/local/PACKAGE/files` names the files, `mtree` beside it (gzip) has their digests. Only reads.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { unescaped } from '../obstacles/machine.ts'
import { hasDigest, type PackageRecord } from './package-record.ts'

/** The largest record of a package, unpacked, is a few megabytes. */
const mostBytes = 64 * 1024 * 1024

export const pacmanRecord: PackageRecord = async (root, file) => {
  const folder = join(root, 'var/lib/pacman/local')
  const line = Buffer.concat([Buffer.from('\n'), file.path.subarray(1), Buffer.from('\n')])
  for (const name of packagesIn(folder)) {
    if (!readIfThere(join(folder, name, 'files')).includes(line)) continue
    const recorded = digestIn(readIfThere(join(folder, name, 'mtree')), file.path)
    if (recorded !== undefined && (await hasDigest(file, recorded))) return true
  }
  return false
}

/** `./usr/bin/x time=1.0 size=2 md5digest=… sha256digest=…`, blanks and the like in names as octal numbers. */
function digestIn(mtree: Buffer, path: Buffer): string | undefined {
  for (const line of unpacked(mtree).split('\n')) {
    const [name = '', ...words] = line.split(' ')
    if (!name.startsWith('./') || !unescaped(name.slice(1)).equals(path)) continue
    const value = (key: string) => words.find((word) => word.startsWith(key))?.slice(key.length)
    return value('sha256digest=') ?? value('md5digest=')
  }
  return undefined
}

function unpacked(mtree: Buffer): string {
  try {
    return gunzipSync(mtree, { maxOutputLength: mostBytes }).toString('latin1')
  } catch {
    // Damaged, or not there.
    return ''
  }
}

function packagesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // No pacman on this machine.
    return []
  }
}

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
