// Makes sure that `node_modules/electron` has a runtime, and tells where it is. In this order: ELECTRON_OVERRIDE_DIST_PATH,
// what is linked already, a cached fallback, Electron's own download, the fallback. APP_RUNTIME=official|fallback forces one.
// Afterwards `npx electron`, electron-vite and Playwright all work without any variable set.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ensureFallback, fallbackFolder, hasFallback } from './fallback-runtime.mjs'
import { inProject, isEntry, say } from './project.mjs'

const REACHABLE_WITHIN_MS = 4_000
const DOWNLOAD_WITHIN_MS = 300_000
const OFFICIAL_HOME = 'https://github.com/electron/electron/releases/download/'

const packageFolder = inProject('node_modules/electron')
const distFolder = path.join(packageFolder, 'dist')
const pathFile = path.join(packageFolder, 'path.txt')

/** The folder of a runtime that is ready to run, and the Electron version it says it is. */
export async function electronRuntime() {
  const folder = await runtimeFolder()
  return { folder, executable: path.join(folder, executableName()), version: runtimeVersion(folder) }
}

async function runtimeFolder() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (override) return override
  const wanted = process.env.APP_RUNTIME
  if (isLinked() && matches(wanted)) return realpathSync(distFolder)
  if (wanted !== 'official' && hasFallback()) return link(await ensureFallback())
  if (wanted !== 'fallback' && (await downloadOfficial())) return distFolder
  if (wanted === 'official') throw new Error('the official Electron runtime could not be downloaded')
  return link(await ensureFallback())
}

function isLinked() {
  return existsSync(pathFile) && existsSync(path.join(distFolder, readFileSync(pathFile, 'utf8')))
}

function matches(wanted) {
  const folder = realpathSync(distFolder)
  const isLink = lstatSync(distFolder).isSymbolicLink()
  if (wanted === 'official') return !isLink
  // A link to an older fallback, made before the launcher changed, is not good enough.
  return isLink ? folder === realpathIfThere(fallbackFolder()) : wanted !== 'fallback'
}

function realpathIfThere(file) {
  return existsSync(file) ? realpathSync(file) : undefined
}

function link(folder) {
  rmSync(distFolder, { recursive: true, force: true })
  symlinkSync(folder, distFolder)
  writeFileSync(pathFile, 'electron')
  return folder
}

/** Tries Electron's own installer; whatever happens, node_modules is left without a half-made runtime. */
async function downloadOfficial() {
  if (!(await isReachable())) {
    say('runtime', "Electron's own download cannot be reached")
    return false
  }
  // Unlinked first: the installer would unpack through the link into the cached fallback.
  rmSync(distFolder, { recursive: true, force: true })
  rmSync(pathFile, { force: true })
  const result = spawnSync(process.execPath, [path.join(packageFolder, 'install.js')], {
    stdio: ['ignore', 'inherit', 'pipe'],
    timeout: DOWNLOAD_WITHIN_MS,
    encoding: 'utf8',
  })
  if (result.status === 0 && isLinked()) return true
  const reason = result.stderr?.split('\n').find((line) => /error/i.test(line))
  say('runtime', `the official download failed: ${reason ?? result.signal ?? 'no reason given'}`)
  rmSync(distFolder, { recursive: true, force: true })
  rmSync(pathFile, { force: true })
  return false
}

/** A quick look first, so that a computer without that network waits seconds, not minutes. */
async function isReachable() {
  // With a proxy only the installer knows the way.
  if (process.env.ELECTRON_GET_USE_PROXY) return true
  const home = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? OFFICIAL_HOME
  try {
    await fetch(home, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) })
    return true
  } catch {
    return false
  }
}

function executableName() {
  if (process.platform === 'win32') return 'electron.exe'
  return process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron'
}

function runtimeVersion(folder) {
  const file = path.join(folder, 'version')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : 'unknown'
}

if (isEntry(import.meta)) console.log((await electronRuntime()).folder)
