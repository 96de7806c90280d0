// Adds to package-lock.json the optional packages of other platforms that a registry mirror could not serve: npm leaves them
// out of the lock without a word, and `npm ci` then refuses it. They are never fetched on a platform they do not fit.
// To be run after every change of dependencies.
import { readFileSync, writeFileSync } from 'node:fs'
import { inProject, isEntry, say } from './project.mjs'

const SYSTEMS = ['android', 'darwin', 'linux', 'win32', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'openharmony']
const PROCESSORS = ['arm64', 'x64', 'ia32', 'arm', 'riscv64', 's390x', 'ppc64', 'loong64', 'mips64el', 'wasm32']
const EXACT_VERSION = /^\d+\.\d+\.\d+/

/** Gives the completed packages of a lock and the names of those that were added. Throws on one it cannot describe. */
export function completedPackages(packages) {
  const completed = { ...packages }
  const added = []
  for (const [where, owner] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(owner.optionalDependencies ?? {})) {
      if (isReachable(packages, where, name, range)) continue
      completed[placeFor(packages, where, name)] = entryFor(name, range, owner)
      added.push(name)
    }
  }
  return { packages: sorted(completed), added }
}

/** Looks for the package the way Node does: in this folder's node_modules, then outwards. The first one found decides. */
function isReachable(packages, where, name, range) {
  for (let folder = where; ; folder = outer(folder)) {
    const found = packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]
    if (found) return !isExact(range) || found.version === range
    if (!folder) return false
  }
}

/** At the top, unless another version lies there already. */
function placeFor(packages, where, name) {
  const top = `node_modules/${name}`
  return packages[top] ? `${where}/${top}` : top
}

function isExact(range) {
  return EXACT_VERSION.test(range)
}

function outer(folder) {
  return folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : ''
}

function entryFor(name, range, owner) {
  const version = range.replace(/^[\^~]/, '')
  const words = name.split(/[-/]/)
  const os = SYSTEMS.find((one) => words.includes(one))
  const cpu = PROCESSORS.find((one) => words.includes(one))
  if (!EXACT_VERSION.test(version) || !os || !cpu)
    throw new Error(`cannot tell version and platform of ${name}@${range}`)
  const libc =
    os !== 'linux' ? undefined : words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : undefined
  return { version, cpu: [cpu], ...(libc && { libc }), ...(owner.dev && { dev: true }), optional: true, os: [os] }
}

function sorted(packages) {
  return Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)))
}

if (isEntry(import.meta)) {
  const file = inProject('package-lock.json')
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const { packages, added } = completedPackages(lock.packages)
  if (added.length > 0) writeFileSync(file, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`)
  say('lock', added.length === 0 ? 'complete' : `added ${added.join(' ')}`)
}
