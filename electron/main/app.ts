// The app's main process: its boot as two tables of named steps, before and after Electron is ready.
// Adapters only: what the app does is decided by the client. Nothing happens before startApp is called.

import { mkdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { app, protocol } from 'electron'
import { brand } from '#shared/brand.ts'
import type { LogPort } from '../client/ports.ts'
import { dataFolder } from '../process/data-folder.ts'
import { appScheme } from './app-protocol.ts'
import { guardContents } from './guards.ts'
import { createLog } from './log.ts'
import type { AppOverrides } from './overrides.ts'
import { runApp } from './run-app.ts'

/** Starts the app. Returns at once; the rest happens when Electron is ready. */
export function startApp(overrides: AppOverrides): void {
  const dataDir = dataFolder({ platform: process.platform, env: process.env, home: os.homedir() })
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const log = createLog(dataDir)
  const before: Readonly<Record<string, () => boolean>> = {
    'name the app and its folders': () => nameApp(dataDir),
    'refuse to run without the sandbox': () => mayRunUnsandboxed(log),
    'be the only one with this data folder': () => app.requestSingleInstanceLock(),
    'sandbox every window': sandboxWindows,
    'register the scheme of our pages': registerScheme,
    'guard every window': () => guardWindows(log),
    'log what nobody caught': () => logUncaught(log),
  }
  const stoppedAt = Object.entries(before).find(([, step]) => !step())
  if (stoppedAt) {
    log.info('not started', { step: stoppedAt[0] })
    app.exit(0)
    return
  }
  // Never awaited at the top level: Electron holds `ready` back until the entry has loaded.
  app
    .whenReady()
    .then(() => runApp({ dataDir, log, overrides }))
    .catch((error: unknown) => {
      log.error('the app could not start', { error })
      app.exit(1)
    })
}

function nameApp(dataDir: string): boolean {
  app.setName(brand.app)
  app.setAppUserModelId(`org.${brand.slug}.app`)
  if (!app.commandLine.hasSwitch('user-data-dir')) app.setPath('userData', path.join(dataDir, 'window'))
  return true
}

/** SECURITY: Chromium refuses its sandbox to root alone; for anyone else, switching it off in a release is refused. */
function mayRunUnsandboxed(log: LogPort): boolean {
  if (!app.commandLine.hasSwitch('no-sandbox')) return true
  const isRoot = process.getuid?.() === 0
  log.warn('started without the sandbox of the operating system', { root: isRoot })
  return isRoot || !app.isPackaged
}

/** Takes --no-sandbox back, without which nothing starts for root; every window is made with `sandbox: true` all the same. */
function sandboxWindows(): boolean {
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  return true
}

function registerScheme(): boolean {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: false } },
  ])
  return true
}

function guardWindows(log: LogPort): boolean {
  guardContents(app, (what, target) => log.warn('refused', { what, target }))
  return true
}

/** An exception that nobody caught is a bug: it is written down, and protection goes on where it can. */
function logUncaught(log: LogPort): boolean {
  const write = (kind: string) => (error: unknown) =>
    log.error(kind, { error, at: error instanceof Error ? (error.stack?.split('\n')[1]?.trim() ?? '') : '' })
  process.on('uncaughtException', write('uncaught exception'))
  process.on('unhandledRejection', write('unhandled rejection'))
  return true
}
