// The system libraries and programs the product needs on Debian: checks first, and installs what is missing when it may.
// Elsewhere it only prints the line to run. It never removes or upgrades anything.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { isEntry, say } from './project.mjs'

// Each line is one need; any of its names will do (newer Debian releases renamed some).
const APP = [
  ['xvfb'],
  ['xauth'],
  ['libgtk-3-0', 'libgtk-3-0t64'],
  ['libnss3'],
  ['libgbm1'],
  ['libasound2', 'libasound2t64'],
  ['libsecret-1-0'],
]
const TESTS = [
  ['chromium'],
  ['gnome-keyring'],
  ['dbus-daemon'],
  ['postgresql'],
  ['redis-server'],
  ['p7zip-full', '7zip'],
  ['clamav-daemon'],
]

/** Makes sure that the packages of the app, and with `tests` those of the tests, are there. False if some are still missing. */
export function ensureSystemPackages({ tests = false } = {}) {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/dpkg-query')) {
    if (process.platform === 'linux') say('system', `not Debian: the app needs what these packages hold: ${names(APP)}`)
    return process.platform !== 'linux'
  }
  const missing = missingPackages(tests ? [...APP, ...TESTS] : APP)
  if (missing.length === 0) return true
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`
  if (process.getuid?.() !== 0) {
    say('system', `missing: ${missing.join(', ')}. As root, run:\n  ${line}`)
    return false
  }
  say('system', `installing ${missing.join(', ')}`)
  if (install(missing)) return true
  say('system', `the packages could not be installed. Run:\n  apt-get update && ${line}`)
  return false
}

function install(missing) {
  // The index is refreshed first: an old one names versions the mirrors no longer have.
  return aptGet('update') && aptGet('install', '-y', '--no-install-recommends', ...missing)
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // What apt prints goes to the error stream: a command's own result must stay alone on the other.
  return spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 2, 2], env }).status === 0
}

function missingPackages(needs) {
  const installed = installedPackages(needs.flat())
  return needs.filter((alternatives) => !alternatives.some((name) => installed.has(name))).map(([first]) => first)
}

function installedPackages(asked) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const format = '${Package} ${db:Status-Status}\\n'
  const result = spawnSync('dpkg-query', ['-W', '-f', format, ...asked], { encoding: 'utf8' })
  const lines = (result.stdout ?? '').split('\n').map((line) => line.split(' '))
  return new Set(lines.filter(([, status]) => status === 'installed').map(([name]) => name))
}

function names(needs) {
  return needs.map(([first]) => first).join(' ')
}

if (isEntry(import.meta)) {
  process.exitCode = ensureSystemPackages({ tests: process.argv.includes('--tests') }) ? 0 : 1
}
