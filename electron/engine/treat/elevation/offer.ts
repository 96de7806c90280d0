// Whether a person can be asked to continue as administrator: polkit's program, our helper, its policy, and somebody who shows the
// question. Only looks. SECURITY: the helper counts only while nobody but root can change it or what it starts.
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface OfferOptions {
  /** Path of the helper's starter. */
  readonly helper: string
  /** The program that the starter runs. */
  readonly program: string
  /** Folder that stands for `/`, for tests: polkit's program, its policies, processes. */
  readonly root?: string
}

export const pkexecPath = '/usr/bin/pkexec'
const policyPath = '/usr/share/polkit-1/actions/org.remote-protection.treat.policy'

/** Those that show polkit's question, by the fifteen bytes that the kernel keeps of a name. Desktops of one process bring their own. */
const agents: ReadonlySet<string> = new Set(
  [
    'polkit-gnome-authentication-agent-1',
    'polkit-kde-authentication-agent-1',
    'polkit-mate-authentication-agent-1',
    'polkit-deepin-authentication-agent-1',
    'lxqt-policykit-agent',
    'lxpolkit',
    'xfce-polkit',
    'mate-polkit',
    'hyprpolkitagent',
    'soteria',
    'gnome-shell',
    'gnome-flashback',
    'cinnamon',
    'budgie-panel',
    'budgie-polkit-dialog',
    'pantheon-agent-polkit',
    'io.elementary.desktop.agent-polkit',
    'phosh',
    'ukui-polkit',
    'cosmic-osd',
  ].map((name) => name.slice(0, 15)),
)

/** True when it makes sense to offer it now; asked anew each time. */
export function canElevate({ helper, program, root = '/' }: OfferOptions): boolean {
  if (process.platform !== 'linux' || process.geteuid?.() === 0 || hasNoNewRights()) return false
  return (
    isSetuidRoot(join(root, pkexecPath)) &&
    isRootsAlone(helper, root) &&
    isRootsAlone(program, root) &&
    textOf(join(root, policyPath)).includes(`>${helper}<`) &&
    isAgentRunning(join(root, 'proc'))
  )
}

/** Some containers and sandboxes forbid that a program gets more rights than its parent. */
function hasNoNewRights(): boolean {
  return /^NoNewPrivs:\s*1$/m.test(textOf('/proc/self/status'))
}

function isSetuidRoot(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat?.isFile() === true && stat.uid === 0 && (stat.mode & 0o4000) !== 0
}

/** The file and every folder above it. */
function isRootsAlone(path: string, root: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    const stat = lstatSync(at, { throwIfNoEntry: false })
    if (stat === undefined || stat.isSymbolicLink() || stat.uid !== 0 || (stat.mode & 0o022) !== 0) return false
    if (at === root || dirname(at) === at) return true
  }
}

function isAgentRunning(processes: string): boolean {
  const own = process.geteuid?.()
  return namesIn(processes).some((pid) => {
    const folder = join(processes, pid)
    if (lstatSync(folder, { throwIfNoEntry: false })?.uid !== own) return false
    return agents.has(textOf(join(folder, 'comm')).trim())
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9]+$/.test(name))
  } catch {
    return []
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
