// Makes the app's windows: their security settings, sizes and pages. Owns which windows there are; at most one of each.
// Never decides when the app ends.

import path from 'node:path'
import { BrowserWindow, nativeTheme, screen, type WebPreferences } from 'electron'
import { brand } from '#shared/brand.ts'
import { type AlertKind, AlertKind as AlertKinds, alertTitles } from '#shared/domain/alerts.ts'
import { alertPlace, alertSize } from './alert-place.ts'
import { appOrigin } from './app-protocol.ts'

/** SECURITY: the settings of every window; the preload is the only code of ours in it besides the page. */
export const windowSecurity = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
} as const satisfies WebPreferences

export type AlertWindowName = `${AlertKind}-alert`
export type WindowName = 'main' | 'sign-in' | AlertWindowName

/** The window of a kind of alert. */
export function alertWindowName(kind: AlertKind): AlertWindowName {
  return `${kind}-alert`
}

const sizes = {
  main: { width: 1040, height: 700, minWidth: 880, minHeight: 600, title: brand.app },
  'sign-in': { width: 420, height: 560, resizable: false, fullscreenable: false, title: `Sign in to ${brand.portal}` },
  'object-alert': alertOptions('object'),
  'infection-alert': alertOptions('infection'),
  'restart-alert': alertOptions('restart'),
} as const satisfies Record<WindowName, Electron.BrowserWindowConstructorOptions>

/** Above everything, so that it is seen, and never with the keyboard focus, so that nobody answers by accident. */
function alertOptions(kind: AlertKind): Electron.BrowserWindowConstructorOptions {
  const fixed = { resizable: false, maximizable: false, fullscreenable: false }
  return { ...alertSize, ...fixed, alwaysOnTop: true, title: alertTitles[kind] }
}

// The surface colour of the design language, so that no white flash comes before the page.
const surface = { light: '#ffffff', dark: '#15181c' }

const mostCrashes = 3

export interface WindowsOptions {
  readonly isPackaged: boolean
  readonly iconFile: string
  /** Called once for each window, before it loads anything. */
  readonly onMade: (window: BrowserWindow, name: WindowName) => void
  /** A person closes an alert; not told of those that are destroyed. */
  readonly onAlertClosed: (name: AlertWindowName) => void
}

export interface Windows {
  /** Shows the window, making it if it is not there. */
  open(name: WindowName): BrowserWindow
  get(name: WindowName): BrowserWindow | null
  close(name: WindowName): void
  /** Closes it without asking it. */
  destroy(name: WindowName): void
}

/** Windows are made when they are first opened. */
export function createWindows(options: WindowsOptions): Windows {
  const windows = new Map<WindowName, BrowserWindow>()

  const make = (name: WindowName) => {
    const main = windows.get('main')
    const window = new BrowserWindow({
      ...sizes[name],
      ...(name === 'sign-in' && main ? { parent: main } : {}),
      show: false,
      useContentSize: true,
      autoHideMenuBar: true,
      icon: options.iconFile,
      backgroundColor: nativeTheme.shouldUseDarkColors ? surface.dark : surface.light,
      webPreferences: {
        ...windowSecurity,
        devTools: !options.isPackaged,
        preload: path.join(import.meta.dirname, '..', 'preload', 'index.cjs'),
      },
    })
    window.setMenu(null)
    windows.set(name, window)
    const kind = AlertKinds.options.find((one) => alertWindowName(one) === name)
    if (kind === undefined) window.once('ready-to-show', () => window.show())
    else prepareAlert(window, kind, () => options.onAlertClosed(alertWindowName(kind)))
    window.once('closed', () => windows.delete(name))
    options.onMade(window, name)
    void window.loadURL(`${appOrigin}/${name}.html`)
    return window
  }

  return {
    get: (name) => windows.get(name) ?? null,
    close: (name) => windows.get(name)?.close(),
    destroy: (name) => windows.get(name)?.destroy(),
    open: (name) => {
      const window = windows.get(name)
      if (!window) return make(name)
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
      return window
    },
  }
}

/** Shown without the focus. A page that crashed is loaded again: what it asks is still asked. */
function prepareAlert(window: BrowserWindow, kind: AlertKind, onClosed: () => void): void {
  const { x, y } = alertPlace(kind, screen.getPrimaryDisplay().workArea)
  window.setPosition(x, y)
  window.once('ready-to-show', () => window.showInactive())
  window.on('close', onClosed)
  let crashes = 0
  window.webContents.on('render-process-gone', () => {
    crashes += 1
    if (crashes <= mostCrashes) window.webContents.reload()
  })
}
