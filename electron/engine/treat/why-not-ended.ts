// Which processes are never ended for a treated file, and in which words that is said. Only looks; whoever ends asks here first.
import type { WhyNotEnded } from '#shared/domain/treatment.ts'
import { isKernelThread, ownLine } from './processes.ts'

/** Policy of whoever owns the machine's processes. */
export type MayEnd = (pid: number) => boolean

/** Programs that the session of the person at the computer ends with: display servers, session leaders, logins. */
const sessionPrograms = new RegExp(
  `/(${[
    'Xorg|X|Xwayland|gnome-shell|gnome-session-binary|gnome-session-service|mutter|kwin_wayland|kwin_x11|ksmserver',
    'plasmashell|plasma_session|startplasma-\\w+|sway|weston|Hyprland|wayfire|labwc|cage|cinnamon|cinnamon-session',
    'mate-session|xfce4-session|xfwm4|lxsession|lxqt-session|budgie-\\w+|gdm3?|gdm-\\w+-session|gdm-session-worker',
    'sddm|sddm-helper|lightdm|greetd|login|agetty|sshd|sshd-session|su|sudo|systemd|systemd-logind|dbus-daemon',
    'dbus-broker|dbus-broker-launch|elogind|seatd|init',
  ].join('|')})$`,
)
/** SECURITY: a name counts only where the system keeps its programs; malware calls itself what it likes. */
const systemPlaces = /^\/(usr\/)?(s?bin|lib\d*|libexec)\//

/**
 * Why a process that runs the file is left running; undefined: it may be ended. `paths`: of its program.
 * Whether it can be ended (it may be waiting for a device) shows only when it is tried.
 */
export function whyNotEnded(pid: number, paths: readonly Buffer[], mayEnd: MayEnd): WhyNotEnded | undefined {
  if (pid === 1) return 'system'
  if (isKernelThread(pid)) return 'kernel'
  if (ownLine().has(pid)) return 'own-line'
  if (paths.some((path) => isSessionProgram(path.toString('latin1')))) return 'session'
  return mayEnd(pid) ? undefined : 'not-ours'
}

function isSessionProgram(path: string): boolean {
  return systemPlaces.test(path) && sessionPrograms.test(path)
}

/** What is said of a process that goes on: "evil (123), belongs to another user". */
export function whyText(why: WhyNotEnded): string {
  return texts[why]
}

const texts: Record<WhyNotEnded, string> = {
  'only-holds': 'has loaded it',
  'own-line': 'this app runs in it',
  system: 'the first process of the system',
  'not-ours': 'belongs to another user',
  kernel: 'a part of the kernel',
  stuck: 'waits for a device and cannot be ended',
  session: 'the session of the person at the computer ends with it',
}
