// Runs a command in a desktop session of its own: a private session bus, an unlocked empty keyring, a virtual display and a
// temporary home. Nothing of the person's own session is read or changed; everything started here is ended here.
// Used as `dbus-run-session -- node build/desktop-session.mjs PROGRAM ARGUMENTS`.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { isEntry, say } from './project.mjs'
import { startVirtualDisplay } from './virtual-display.mjs'

const KEYRING_WITHIN_MS = 5_000

/** The given command, wrapped so that it runs in a session of its own. */
export function inDesktopSession(command) {
  return ['dbus-run-session', '--', process.execPath, import.meta.filename, ...command]
}

async function run([program, ...args]) {
  const home = mkdtempSync(path.join(os.tmpdir(), 'session-'))
  const display = await startVirtualDisplay()
  const env = sessionEnvironment(home, display.env)
  const keyring = await startKeyring(env)
  try {
    return spawnSync(program, args, { stdio: 'inherit', env }).status ?? 1
  } finally {
    keyring.kill()
    display.process.kill()
    rmSync(home, { recursive: true, force: true })
  }
}

function sessionEnvironment(home, display) {
  const env = { ...process.env, ...display, HOME: home }
  // Otherwise they would lead back into the person's own folders.
  for (const name of ['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_STATE_HOME', 'WAYLAND_DISPLAY'])
    delete env[name]
  return env
}

/** An empty line is the password of the new keyring. */
async function startKeyring(env) {
  const args = ['--foreground', '--unlock', '--components=secrets']
  const keyring = spawn('gnome-keyring-daemon', args, { stdio: ['pipe', 'pipe', 'ignore'], env })
  keyring.stdin.end('\n')
  // It prints where its control socket lies once it is ready.
  await new Promise((resolve) => {
    keyring.stdout.once('data', resolve)
    keyring.once('error', (error) => resolve(say('session', `no keyring: ${error.message}`)))
    setTimeout(resolve, KEYRING_WITHIN_MS).unref()
  })
  return keyring
}

if (isEntry(import.meta)) process.exitCode = await run(process.argv.slice(2))
