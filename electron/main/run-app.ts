// What happens once Electron is ready: guards, pages, client, windows, tray; and, in the end, the way back.
// Owns this order. Closing the main window ends the app, unless there is a tray to find it again.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { app, nativeTheme, protocol, session } from 'electron'
import { codeOf } from '#shared/errors.ts'
import { type Client, createClient } from '../client/client.ts'
import type { LogPort } from '../client/ports.ts'
import { createProcessKeyring, type ProcessKeyring } from '../secrets/keyring.ts'
import { followAlerts } from './alert-windows.ts'
import { createAppHandlers } from './app-handlers.ts'
import { appProtocolHandler, appScheme } from './app-protocol.ts'
import { createAppServer } from './app-server.ts'
import { createClientPorts } from './client-ports.ts'
import { type DialogPort, nativeDialogs } from './dialogs.ts'
import { guardPermissions, guardRequests } from './guards.ts'
import { createIpcServer } from './ipc-server.ts'
import { keyringLauncher } from './keyring-launcher.ts'
import { createMainActs } from './main-acts.ts'
import type { AppOverrides } from './overrides.ts'
import { shutDown } from './shutdown.ts'
import { type AppTray, createTray } from './tray.ts'
import { platformHasTray } from './tray-view.ts'
import { createWindows, type Windows } from './window.ts'

export interface RunOptions {
  readonly dataDir: string
  readonly log: LogPort
  readonly overrides: AppOverrides
}

/** The parts that run, as they come into being. */
interface Running extends RunOptions {
  readonly client: Client
  readonly keyring: ProcessKeyring
  readonly windows: Windows
  readonly dialogs: DialogPort
}

// Out of out/main and out/e2e alike, and out of the package.
const appFolder = path.resolve(import.meta.dirname, '..', '..')
const stopClientWithinMs = 5_000

/** Resolves when the first window is on its way; the client starts beside it. */
export async function runApp(options: RunOptions): Promise<void> {
  const running = build(options)
  const steps: Readonly<Record<string, () => void>> = {
    'deny permissions and foreign requests': () => guardSession(running),
    'serve our pages': servePages,
    'follow the settings': () => followSettings(running),
    'end in order': () => endInOrder(running),
    'open the main window': () => void running.windows.open('main'),
    'show the tray': () => showTray(running),
    'open again when asked to': () => reopen(running),
    'start the client': () => startClient(running),
  }
  for (const [name, step] of Object.entries(steps)) {
    options.log.info('start', { step: name })
    step()
  }
}

function build(options: RunOptions): Running {
  const { dataDir, log, overrides } = options
  const keyring = createProcessKeyring(keyringLauncher, dataDir)
  const { engineHostFile } = overrides
  const { isPackaged } = app
  const common = { dataDir, log, keyring, engineHostFile, isPackaged }
  const ports = createClientPorts({ ...common, env: process.env, appVersion: appVersion() })
  const client = createClient({ ...ports, ...overrides.ports })
  const dialogs = overrides.dialogs ?? nativeDialogs
  const ipc = createIpcServer((reason) => log.warn('message refused', { reason }))
  const windows = createWindows({
    isPackaged,
    iconFile: path.join(iconFolder(), 'app', '256x256.png'),
    onMade: (window, name) => ipc.admit(window.webContents, (channel) => server.serve(channel, { window: name })),
    onAlertClosed: (name) => alerts.closed(name),
  })
  const alerts = followAlerts({ client, windows, log })
  const acts = createMainActs({
    client,
    windows,
    dialogs,
    ...(overrides.openExternal ? { openExternal: overrides.openExternal } : {}),
  })
  const server = createAppServer(client, createAppHandlers(client, acts), log)
  return { ...options, client, keyring, windows, dialogs }
}

/** Icons lie beside the archive in a package (extraResources), and in the project else. */
function iconFolder(): string {
  return path.join(app.isPackaged ? process.resourcesPath : appFolder, 'resources', 'icons')
}

function appVersion(): string {
  const { version } = JSON.parse(readFileSync(path.join(appFolder, 'package.json'), 'utf8')) as { version: string }
  return version
}

function guardSession({ log }: Running): void {
  const report = (what: string, target: string) => log.warn('refused', { what, target })
  guardPermissions(session.defaultSession, report)
  guardRequests(session.defaultSession, app.isPackaged, report)
}

function servePages(): void {
  protocol.handle(appScheme, appProtocolHandler(path.resolve(import.meta.dirname, '..', 'renderer')))
}

function followSettings({ client }: Running): void {
  client.onTopic(({ settings }) => {
    if (settings) nativeTheme.themeSource = settings.value.theme
  })
}

function showTray({ client, windows, overrides, log }: Running): void {
  const hasTray = overrides.hasTray ?? platformHasTray(process.platform, process.env)
  let tray: AppTray | undefined
  if (hasTray) {
    tray = createTray({
      iconFolder: iconFolder(),
      onOpen: () => void windows.open('main'),
      onQuickScan: () => void startQuickScan(client, log),
      onQuit: () => app.quit(),
    })
    tray.show(client.state())
    client.onTopic(({ protection, scan }) => {
      if (protection || scan) tray?.show(client.state())
    })
  }
  app.on('window-all-closed', () => {
    if (!hasTray) app.quit()
  })
  app.once('will-quit', () => tray?.dispose())
}

async function startQuickScan({ handlers }: Client, log: LogPort): Promise<void> {
  try {
    await handlers['scan.start']({ type: 'quick' }, undefined, new AbortController().signal)
  } catch (error) {
    log.info('no Quick Scan from the tray', { code: codeOf(error) })
  }
}

function reopen({ windows }: Running): void {
  const open = () => void windows.open('main')
  app.on('second-instance', open)
  app.on('activate', open)
}

/** The window is there meanwhile, and shows the states as they come. */
function startClient({ client, dialogs, log }: Running): void {
  client.start().catch(async (error: unknown) => {
    log.error('the client could not start', { code: codeOf(error), error })
    const detail =
      codeOf(error) === 'storage-locked'
        ? 'Another copy of the app, or a command, uses this data folder.'
        : 'The data folder cannot be used.'
    await dialogs.tell('The app cannot start', detail)
    app.exit(1)
  })
}

/** The client first, bounded; then what it used. However it began: window, tray, SIGTERM, SIGINT, end of the session. */
function endInOrder({ client, keyring, log }: Running): void {
  let isEnding = false
  const end = async () => {
    await shutDown(
      [
        { name: 'client', withinMs: stopClientWithinMs, run: () => client.stop() },
        { name: 'keyring', withinMs: 500, run: () => keyring.dispose() },
      ],
      (step, problem) => log.error('not ended in order', { step, problem }),
    )
    log.info('ended')
    app.exit(0)
  }
  app.on('before-quit', (event) => {
    event.preventDefault()
    if (isEnding) return
    isEnding = true
    void end()
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => app.quit())
}
