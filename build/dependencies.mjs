// Makes sure that node_modules holds what package-lock.json names, by `npm ci`.
// Compares versions, not times, so that a fresh checkout or a touched file does not cost an installation.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { withLock } from './lock.mjs'
import { inProject, npmCommand, root, say } from './project.mjs'

const INSTALL_LIMIT_MS = 900_000

export async function ensureDependencies() {
  if (isInstalled()) return
  await withLock(inProject('out/.install-lock'), installUnlessDone, INSTALL_LIMIT_MS)
}

function installUnlessDone() {
  if (isInstalled()) return
  say('dependencies', 'npm ci')
  const [program, ...first] = npmCommand()
  const result = spawnSync(program, [...first, 'ci', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (result.status !== 0) throw new Error(`npm ci failed (${result.error?.message ?? `exit code ${result.status}`})`)
}

function isInstalled() {
  const there = inProject('node_modules/.package-lock.json')
  if (!existsSync(there)) return false
  const installed = packagesOf(there)
  return Object.entries(packagesOf(inProject('package-lock.json'))).every(
    ([where, wanted]) =>
      where === '' ||
      installed[where]?.version === wanted.version ||
      // Left out by npm itself, because it does not fit this platform.
      (wanted.optional && installed[where] === undefined),
  )
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}
