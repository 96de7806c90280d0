// Starts an X server without a screen, on a display number the server itself finds free, that only we can talk to.
// The caller stops the process it is given.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const READY_WITHIN_MS = 15_000
const SCREEN = '1440x900x24'

export function hasDisplay(env = process.env) {
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/** Gives the server process and the variables that let a program use it. */
export async function startVirtualDisplay() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'display-'))
  const authority = path.join(folder, 'authority')
  writeFileSync(authority, authorityRecord(randomBytes(16)), { mode: 0o600 })
  const args = ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp', '-auth', authority]
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  server.once('close', () => rmSync(folder, { recursive: true, force: true }))
  const number = await displayNumber(server)
  return { process: server, env: { DISPLAY: `:${number}`, XAUTHORITY: authority } }
}

function displayNumber(server) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(new Error('the virtual display did not start in time')), READY_WITHIN_MS)
    const fail = (error) => {
      clearTimeout(timer)
      server.kill()
      reject(error)
    }
    let text = ''
    server.once('error', (error) => fail(new Error(`no virtual display: ${error.message}`)))
    server.once('exit', () => fail(new Error('the virtual display stopped at once')))
    server.stdio[3].setEncoding('utf8').on('data', (piece) => {
      text += piece
      if (!text.includes('\n')) return
      clearTimeout(timer)
      server.removeAllListeners('exit')
      resolve(text.trim())
    })
  })
}

/** One record of the X authority file format: it fits every host and display number. */
function authorityRecord(cookie) {
  const family = Buffer.from([0xff, 0xff])
  const fields = [Buffer.alloc(0), Buffer.alloc(0), Buffer.from('MIT-MAGIC-COOKIE-1'), cookie]
  return Buffer.concat([
    family,
    ...fields.flatMap((field) => [Buffer.from([field.length >> 8, field.length & 0xff]), field]),
  ])
}
