// Where the project lies and the few facts about it that several build modules need.
// Imports only Node's own modules: it is loaded before the dependencies are installed.
import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export const root = path.resolve(import.meta.dirname, '..')

/** Turns a path inside the project into an absolute one. */
export function inProject(...parts) {
  return path.join(root, ...parts)
}

export function packageJson() {
  return JSON.parse(readFileSync(inProject('package.json'), 'utf8'))
}

/** Progress goes to the error stream, so that what a command prints as its result stays clean. */
export function say(topic, text) {
  process.stderr.write(`[${topic}] ${text}\n`)
}

/** True when this module was started by `node FILE`, false when it was imported. */
export function isEntry(meta) {
  return process.argv[1] !== undefined && path.resolve(process.argv[1]) === meta.filename
}

/** The program and first arguments that run npm: the very npm we were started by, where there is one. */
export function npmCommand() {
  const script = process.env.npm_execpath
  return script?.endsWith('.js') ? [process.execPath, script] : ['npm']
}

/** The user's cache folder of this product: downloads that can be fetched again at any time. */
export function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  return path.join(base, 'remote-protection')
}
