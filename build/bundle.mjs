// `npm run build`: bundles the app, the command line and the portal into out/. Parts whose sources did not change are skipped.
// Options: --force builds everything again, --e2e adds the test entries, or names of single parts.
import { cpSync, existsSync, rmSync } from 'node:fs'
import { withLock } from './lock.mjs'
import { inProject, isEntry, say } from './project.mjs'
import { isFresh, sourceDigest, writeStamp } from './stamp.mjs'

/**
 * Builds what is stale and returns the names of the parts that were built.
 * `only` limits the work to the named parts (`main`, `preload`, `renderer`, `portal/server`, `portal/web`, `e2e`).
 */
export async function bundle({ force = false, e2e = false, only = [] } = {}) {
  // Loaded here, because the bundlers exist only once the dependencies are installed.
  const { bundleParts, endToEndPart } = await import('./bundle-parts.mjs')
  const all = [...bundleParts(), ...(e2e ? [endToEndPart()] : [])]
  const parts = all.filter((part) => only.length === 0 || only.includes(part.name))
  return withLock(inProject('out/.build-lock'), async () => {
    const built = []
    for (const part of parts) if (await bundlePart(part, force)) built.push(part.name)
    return built
  })
}

async function bundlePart(part, force) {
  if (Object.keys(part.input).length === 0) return false
  const digest = sourceDigest(part.sources)
  if (!force && isFresh(part, digest)) return false
  const { build } = await import('vite')
  const started = Date.now()
  // electron-vite reads the mode from here as well.
  process.env.NODE_ENV_ELECTRON_VITE = 'production'
  await build(await part.config())
  for (const { from, to } of part.copies ?? []) copyFolder(from, to)
  writeStamp(part, digest)
  say('build', `${part.name}: ${Date.now() - started} ms`)
  return true
}

function copyFolder(from, to) {
  rmSync(to, { recursive: true, force: true })
  if (existsSync(from)) cpSync(from, to, { recursive: true })
}

if (isEntry(import.meta)) {
  const args = process.argv.slice(2)
  const built = await bundle({
    force: args.includes('--force'),
    e2e: args.includes('--e2e'),
    only: args.filter((arg) => !arg.startsWith('--')),
  })
  if (built.length === 0) say('build', 'nothing to do')
}
