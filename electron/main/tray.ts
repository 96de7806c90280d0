// The tray icon: state by shape, a tooltip, and Open, Quick Scan, Quit. Owns the icon's life; what it shows is tray-view.ts.

import path from 'node:path'
import { Menu, nativeImage, nativeTheme, Tray } from 'electron'
import { brand } from '#shared/brand.ts'
import type { AppState } from '#shared/domain/app-state.ts'
import { type TrayIcon, type TrayView, trayView } from './tray-view.ts'

export interface TrayOptions {
  readonly iconFolder: string
  readonly onOpen: () => void
  readonly onQuickScan: () => void
  readonly onQuit: () => void
}

export interface AppTray {
  show(state: Pick<AppState, 'protection' | 'scan'>): void
  dispose(): void
}

/** Puts the icon into the tray. */
export function createTray(options: TrayOptions): AppTray {
  const tray = new Tray(trayImage(options.iconFolder, 'off'))
  let shown: TrayView | undefined
  tray.on('click', options.onOpen)

  const draw = (view: TrayView) => {
    tray.setImage(trayImage(options.iconFolder, view.icon))
    tray.setToolTip(view.tooltip)
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: view.tooltip, enabled: false },
        { type: 'separator' },
        { label: `Open ${brand.app}`, click: options.onOpen },
        { label: 'Quick Scan', enabled: view.canScan, click: options.onQuickScan },
        { type: 'separator' },
        { label: 'Quit', click: options.onQuit },
      ]),
    )
  }
  const redraw = () => {
    if (shown) draw(shown)
  }
  nativeTheme.on('updated', redraw)
  return {
    show: (state) => {
      const view = trayView(state)
      if (JSON.stringify(view) === JSON.stringify(shown)) return
      shown = view
      draw(view)
    },
    dispose: () => {
      nativeTheme.off('updated', redraw)
      tray.destroy()
    },
  }
}

function trayImage(folder: string, icon: TrayIcon): Electron.NativeImage {
  const taskbar = nativeTheme.shouldUseDarkColors ? 'dark' : 'light'
  const file = (size: number) => path.join(folder, 'tray', `${icon}-${taskbar}-${size}.png`)
  const image = nativeImage.createFromPath(file(16))
  for (const [scaleFactor, size] of [
    [1.25, 20],
    [1.5, 24],
    [2, 32],
    [2.5, 40],
    [3, 48],
  ] as const) {
    image.addRepresentation({ scaleFactor, buffer: nativeImage.createFromPath(file(size)).toPNG() })
  }
  return image
}
