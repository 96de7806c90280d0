// Which paths a quick and a full scan cover. Quick: what starts by itself, what runs, and where new files arrive.
// Only names places that exist; never runs anything that it finds there.
import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Everything stored on this machine; the walk leaves out kernel interfaces and network mounts by itself. */
export function fullAreaPaths(): Buffer[] {
  return [Buffer.from('/')]
}

/** `home`: of the person. `root`: where the system's folders are looked for. Existing paths, each once. */
export function quickAreaPaths(home: string, root = '/'): Buffer[] {
  const autostart = autostartPlaces(home, root)
  const named = autostart.flatMap((place) => filesOf(place)).flatMap((file) => namedPaths(file, home, root))
  const arrival = [join(root, 'tmp'), join(root, 'var/tmp'), join(root, 'dev/shm'), downloadsFolder(home)]
  const paths = [...autostart, ...named, ...runningPrograms(root), ...arrival]
  return [...new Set(paths.flatMap(realPath))].map((path) => Buffer.from(path, 'latin1'))
}

const homePlaces = [
  '.config/autostart',
  '.config/systemd/user',
  '.config/environment.d',
  '.config/plasma-workspace/env',
  '.config/fish/config.fish',
  '.profile',
  '.bashrc',
  '.bash_profile',
  '.bash_login',
  '.bash_logout',
  '.bash_aliases',
  '.zshrc',
  '.zprofile',
  '.zshenv',
  '.zlogin',
  '.xprofile',
  '.xsessionrc',
  '.xinitrc',
  '.xsession',
  '.local/share/systemd/user',
]
const systemPlaces = [
  'etc/xdg/autostart',
  'etc/systemd/user',
  'etc/systemd/system',
  'etc/crontab',
  'etc/cron.d',
  'etc/cron.hourly',
  'etc/cron.daily',
  'etc/cron.weekly',
  'etc/cron.monthly',
  'var/spool/cron',
  'etc/profile',
  'etc/profile.d',
  'etc/bash.bashrc',
  'etc/environment',
  'etc/ld.so.preload',
  'etc/rc.local',
  'etc/init.d',
  'etc/X11/Xsession.d',
  'etc/udev/rules.d',
]
const largestTable = 1024 * 1024
const mostFiles = 5000

/** Paths are handled as their bytes read as Latin-1, so that no name is lost. */
function autostartPlaces(home: string, root: string): string[] {
  const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
  return [
    ...homePlaces.map((place) => join(bytes(home), place)),
    ...systemPlaces.map((place) => join(bytes(root), place)),
  ]
}

/** The file itself, or the files in a folder and one level below (as cron keeps tables by user). */
function filesOf(place: string, depth = 2): string[] {
  const path = Buffer.from(place, 'latin1')
  try {
    const stat = statSync(path)
    if (stat.isFile()) return stat.size <= largestTable ? [place] : []
    if (!stat.isDirectory() || depth === 0) return []
    return readdirSync(path, { encoding: 'buffer' })
      .slice(0, mostFiles)
      .flatMap((name) => filesOf(`${place}/${name.toString('latin1')}`, depth - 1))
  } catch {
    return []
  }
}

/** Files that an autostart file points to: every absolute or home path in it that is a regular file. */
function namedPaths(file: string, home: string, root: string): string[] {
  let text: string
  try {
    text = readFileSync(Buffer.from(file, 'latin1'), 'latin1')
  } catch {
    return []
  }
  const latinHome = Buffer.from(home, 'utf8').toString('latin1')
  const found = text.match(/(?<![\w.])(?:~|\$HOME|\$\{HOME\}|%h)?\/[^\s'"`;|&<>()$*?[\]{},:=#\\]+/g) ?? []
  return found
    .map((path) =>
      path.startsWith('/') ? inRoot(path, latinHome, root) : join(latinHome, path.slice(path.indexOf('/'))),
    )
    .filter((path) => isFile(Buffer.from(path, 'latin1')))
}

function inRoot(path: string, home: string, root: string): string {
  return root === '/' || path.startsWith(`${home}/`) ? path : join(root, path)
}

/** Programs of all processes that this user may see. */
function runningPrograms(root: string): string[] {
  const proc = join(root, 'proc')
  try {
    return readdirSync(proc)
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => programOf(join(proc, pid, 'exe')))
  } catch {
    return []
  }
}

function programOf(link: string): string[] {
  try {
    return [readlinkSync(link, { encoding: 'buffer' }).toString('latin1')]
  } catch {
    // Kernel threads have none, other users' are not ours to see.
    return []
  }
}

function downloadsFolder(home: string): string {
  const latinHome = Buffer.from(home, 'utf8').toString('latin1')
  try {
    const text = readFileSync(join(home, '.config/user-dirs.dirs'), 'latin1')
    const stated = /^XDG_DOWNLOAD_DIR="([^"]+)"/m.exec(text)?.[1]?.replace('$HOME', latinHome)
    // Set to the home folder itself it means "none"; all of home is no quick scan.
    if (stated?.startsWith('/') && join(stated, '.') !== join(latinHome, '.')) return stated
  } catch {
    // No such file: the usual name.
  }
  return join(latinHome, 'Downloads')
}

function isFile(path: Buffer): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Links are resolved here, because a walk follows none; nothing for what does not exist. */
function realPath(path: string): string[] {
  try {
    return [realpathSync(Buffer.from(path, 'latin1'), { encoding: 'buffer' }).toString('latin1')]
  } catch {
    return []
  }
}
