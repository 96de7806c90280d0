// Unpacks a zip file into a folder, entry by entry, renaming or leaving out entries on the way.
// It never writes outside of that folder. Integrity is proved beforehand by the caller.
import { createWriteStream, mkdirSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import yauzl from 'yauzl'

const DEFAULT_MODE = 0o644

/** `rename` gives each entry its name below `folder`, or null to leave it out. */
export async function unzip(file, folder, rename) {
  const zip = await yauzl.openPromise(file)
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.endsWith('/') ? null : rename(entry.fileName)
      if (name) await writeEntry(zip, entry, inside(folder, name))
    }
  } finally {
    zip.close()
  }
}

async function writeEntry(zip, entry, target) {
  mkdirSync(path.dirname(target), { recursive: true })
  const mode = (entry.externalFileAttributes >>> 16) & 0o777
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { mode: mode || DEFAULT_MODE }))
}

function inside(folder, name) {
  const target = path.join(folder, name)
  if (!target.startsWith(folder + path.sep)) throw new Error(`the archive names a file outside of its folder: ${name}`)
  return target
}
