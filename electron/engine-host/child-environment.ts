// The environment an engine process gets in plain Node. SECURITY: an allow-list; it reads hostile files and needs nothing
// that steers Node, the loader or a shell, and no token that somebody keeps in a variable.
const passed = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR']

/** The variables of `env` that an engine process may see. */
export function engineEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name of passed) {
    const value = env[name]
    if (value !== undefined) picked[name] = value
  }
  return picked
}
