// The identity of the engine that is being built: a digest of everything that decides about a verdict.
// What an engine remembers is kept under it, so that a changed engine looks at everything anew. Times and places are not in it:
// the same sources give the same identity on every machine.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './project.mjs'

const SOURCES = ['electron/engine', 'electron/engine-host', 'shared']
/** Of shared, what only draws. */
const DRAWING = 'shared/ui/'

/** 16 hex digits; `project`: its folder. */
export function engineBuild(project = root) {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap((folder) => sourcesBelow(project, folder)).sort())
    hash.update(`${file}\0`).update(readFileSync(path.join(project, file)))
  const { dependencies = {}, optionalDependencies = {} } = readJson(path.join(project, 'package.json'))
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies }).sort())
    hash.update(`${name} ${installedVersion(project, name)}\n`)
  return hash.digest('hex').slice(0, 16)
}

function sourcesBelow(project, folder) {
  return readdirSync(path.join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.includes('.test.'))
    .map((entry) => path.relative(project, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .filter((file) => !file.startsWith(DRAWING) && !file.includes('/testing/'))
}

/** Some are for other systems only. */
function installedVersion(project, name) {
  try {
    return readJson(path.join(project, 'node_modules', name, 'package.json')).version
  } catch {
    return 'none'
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}
