// Where the installation keeps its data: the same place as the app's (electron/main/data-folder.ts).
// Never creates anything.
import { homedir } from 'node:os'
import path from 'node:path'
import { brand } from '#shared/brand.ts'

/** The absolute path of the data folder: PROTECTION_DATA_DIR, else the platform's own place for application data. */
export function dataFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env.PROTECTION_DATA_DIR) return path.resolve(env.PROTECTION_DATA_DIR)
  return path.join(applicationData(env), brand.slug)
}

function applicationData(env: Readonly<Record<string, string | undefined>>): string {
  if (process.platform === 'win32') return env.LOCALAPPDATA || path.join(homedir(), 'AppData', 'Local')
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Application Support')
  const base = env.XDG_DATA_HOME
  return base && path.isAbsolute(base) ? base : path.join(homedir(), '.local', 'share')
}
