// What the tray shows, from the state of the app: which icon, which words. Pure; the tray itself is in tray.ts.
import { brand } from '#shared/brand.ts'
import type { AppState } from '#shared/domain/app-state.ts'
import type { ScanType } from '#shared/domain/scan.ts'

export type TrayIcon = 'protected' | 'attention' | 'at-risk' | 'busy' | 'off'

export interface TrayView {
  readonly icon: TrayIcon
  /** "Kaspersky: at risk, 2 problems". */
  readonly tooltip: string
  readonly canScan: boolean
}

const icons = { protected: 'protected', 'needs-attention': 'attention', 'at-risk': 'at-risk' } as const
const words = { protected: 'protected', 'needs-attention': 'needs attention', 'at-risk': 'at risk' } as const
const scans: Record<ScanType, string> = { quick: 'Quick Scan', full: 'Full Scan', custom: 'Custom Scan' }

/** Busy hides neither red nor yellow. */
export function trayView(state: Pick<AppState, 'protection' | 'scan'>): TrayView {
  const { status, problems, engine } = state.protection.value
  const running = state.scan.value.running
  const isOff = engine === 'failed'
  const shown = problems.filter((problem) => !problem.ignored && problem.grade !== 'information').length
  const parts = [
    isOff ? 'the scanner engine does not run' : words[status],
    ...(shown > 0 ? [`${shown} ${shown === 1 ? 'problem' : 'problems'}`] : []),
    ...(running ? [runningText(running)] : []),
  ]
  return {
    icon: isOff ? 'off' : running && status === 'protected' ? 'busy' : icons[status],
    tooltip: `${brand.app}: ${parts.join(', ')}`,
    canScan: !running && engine === 'ready',
  }
}

function runningText(running: NonNullable<AppState['scan']['value']['running']>): string {
  const { percent } = running.progress
  const who = running.origin.kind === 'remote' ? `, started remotely by ${running.origin.account}` : ''
  return `${scans[running.type]}${percent === null ? '' : ` ${Math.floor(percent)} %`}${who}`
}

/** Desktops of Linux that show tray icons without an extension; Ubuntu ships the extension for GNOME. */
const desktopsWithTray = /(^|:)(KDE|XFCE|X-Cinnamon|Cinnamon|MATE|LXQt|LXDE|Budgie|Unity|Deepin|ubuntu)(:|$)/i

/** Where there is no tray, closing the window ends the app: it could not be found again. */
export function platformHasTray(platform: NodeJS.Platform, env: Readonly<Record<string, string | undefined>>): boolean {
  if (platform === 'win32' || platform === 'darwin') return true
  return Boolean(env.DBUS_SESSION_BUS_ADDRESS) && desktopsWithTray.test(env.XDG_CURRENT_DESKTOP ?? '')
}
