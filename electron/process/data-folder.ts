// Where this installation keeps its data, for app and command line alike: PROTECTION_DATA_DIR, else the platform's own place
// for application data. Never creates anything.
import path from 'node:path'
import { brand } from '#shared/brand.ts'

export interface DataFolderInput {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

/** The absolute path of the data folder. */
export function dataFolder({ platform, env, home }: DataFolderInput): string {
  if (env.PROTECTION_DATA_DIR) return path.resolve(env.PROTECTION_DATA_DIR)
  return path.join(applicationData({ platform, env, home }), brand.slug)
}

function applicationData({ platform, env, home }: DataFolderInput): string {
  if (platform === 'win32') return env.LOCALAPPDATA || path.join(home, 'AppData', 'Local')
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support')
  // The base directory specification says that a relative value is to be ignored.
  const base = env.XDG_DATA_HOME
  return base && path.isAbsolute(base) ? base : path.join(home, '.local', 'share')
}
