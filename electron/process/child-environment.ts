// The environment that child processes get. An allow-list: nothing that steers Node, the loader or a shell passes, and no
// token that somebody keeps in a variable.

type Environment = Readonly<Record<string, string | undefined>>

const everywhere = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR', 'TEMP', 'TMP']
const windows = [
  'SystemRoot',
  'SystemDrive',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'ProgramData',
  'ProgramFiles',
  'windir',
]
const folders = ['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_STATE_HOME']
// What a program needs to reach the session's keyring, and the prompt that unlocks it.
const session = [
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'XDG_CURRENT_DESKTOP',
  'DISPLAY',
  'XAUTHORITY',
  'WAYLAND_DISPLAY',
]

/**
 * What is freed goes back to the system from this size on (bytes; mallopt(3)). By itself the C library keeps up to twice of
 * the largest thing that it ever freed, in each thread: a fourth of the engine's memory after some large files.
 */
const freedMemory = { MALLOC_TRIM_THRESHOLD_: '131072' }

/** SECURITY: for the engine, which reads hostile files: where its user and folders are, and nothing else of ours. */
export function engineEnvironment(env: Environment): Record<string, string> {
  return { ...pick(env, [...everywhere, ...windows, ...folders]), ...freedMemory }
}

/** For the keyring process: also how to reach the desktop session. */
export function sessionEnvironment(env: Environment): Record<string, string> {
  return pick(env, [...everywhere, ...windows, ...folders, ...session])
}

function pick(env: Environment, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name of names) {
    const value = env[name]
    if (value !== undefined) picked[name] = value
  }
  return picked
}
