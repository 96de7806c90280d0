// Remembers from which sources a part was built, so that an unchanged part is not built again.
// A stamp is a digest over path, size and time of every source; contents are not read.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { inProject, root } from './project.mjs'

const COMMON = [
  'package.json',
  'package-lock.json',
  'build/bundle-parts.mjs',
  'build/engine-build.mjs',
  'node_modules/.package-lock.json',
]

/** Digest of all files below the given project folders and of what every build depends on. */
export function sourceDigest(sources) {
  const hash = createHash('sha256')
  for (const source of [...COMMON, ...sources]) addPath(hash, inProject(source))
  return hash.digest('hex')
}

export function isFresh(part, digest) {
  const file = stampFile(part.name)
  return existsSync(part.outDir) && existsSync(file) && readFileSync(file, 'utf8') === digest
}

export function writeStamp(part, digest) {
  mkdirSync(path.dirname(stampFile(part.name)), { recursive: true })
  writeFileSync(stampFile(part.name), digest)
}

function stampFile(name) {
  return inProject('out/.stamps', name.replaceAll('/', '-'))
}

function addPath(hash, file) {
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found) return
  if (found.isDirectory()) {
    for (const name of readdirSync(file).sort()) addPath(hash, path.join(file, name))
  } else if (!file.includes('.test.')) {
    hash.update(`${path.relative(root, file)}\0${found.size}\0${found.mtimeMs}\n`)
  }
}
