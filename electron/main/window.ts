// Makes the app's windows: their security settings, sizes and pages. Owns which windows there are; at most one of each.
// Never decides when the app ends.

import path from 'node:path'
import { BrowserWindow, nativeTheme, type WebPreferences } from 'electron'
import { brand } from '#shared/brand.ts'
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

export type WindowName = 'main' | 'sign-in'

const sizes = {
  main: { width: 1040, height: 700, minWidth: 880, minHeight: 600, title: brand.app },
  'sign-in': { width: 420, height: 560, resizable: false, fullscreenable: false, title: `Sign in to ${brand.portal}` },
} as const satisfies Record<WindowName, Electron.BrowserWindowConstructorOptions>

// The surface colour of the design language, so that no white flash comes before the page.
const surface = { light: '#ffffff', dark: '#15181c' }

export interface WindowsOptions {
  readonly isPackaged: boolean
  readonly iconFile: string
  /** Called once for each window, before it loads anything. */
  readonly onMade: (window: BrowserWindow, name: WindowName) => void
}

export interface Windows {
  /** Shows the window, making it if it is not there. */
  open(name: WindowName): BrowserWindow
  get(name: WindowName): BrowserWindow | null
  close(name: WindowName): void
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
    window.once('ready-to-show', () => window.show())
    window.once('closed', () => windows.delete(name))
    options.onMade(window, name)
    void window.loadURL(`${appOrigin}/${name}.html`)
    return window
  }

  return {
    get: (name) => windows.get(name) ?? null,
    close: (name) => windows.get(name)?.close(),
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
