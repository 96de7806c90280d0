// The places of a person's home that new files come to, and those of them where files from outside arrive.
// Owns the lists; what of them is there is for the watcher to see. Reads the desktop's own list of folders, nothing else.
import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'

export interface HomeInput {
  /** The person's own folder. */
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Absolute, in no order. */
export function defaultProtectedFolders(input: HomeInput): string[] {
  const names = [
    'Desktop',
    'Documents',
    'Templates',
    '.config/autostart',
    '.config/systemd/user',
    '.local/bin',
    '.local/share/applications',
  ]
  return [...namedDownloadFolders(input), ...names.map((name) => path.join(input.home, name))]
}

/**
 * `Downloads` and what the desktop has for it under whatever name, absolute; also where a link leads to, as a person may
 * have that watched.
 */
export function downloadFolders(input: HomeInput): string[] {
  return [...new Set(namedDownloadFolders(input).flatMap((folder) => [folder, realFolder(folder)]))]
}

function namedDownloadFolders({ home, env }: HomeInput): string[] {
  const usual = path.join(home, 'Downloads')
  const config = env.XDG_CONFIG_HOME
  const own = downloadEntry(path.join(config && path.isAbsolute(config) ? config : `${home}/.config`, 'user-dirs.dirs'))
  if (own === null) return [usual]
  const folder = path.normalize(own.replace(/^\$HOME(?=\/|$)/, () => home)).replace(/(?<=.)\/+$/, '')
  // The home itself stands there where somebody wants no such folder.
  const isOne = path.isAbsolute(folder) && folder !== path.normalize(home) && folder !== '/'
  return isOne ? [...new Set([usual, folder])] : [usual]
}

/** The value of the last line for downloads; null when there is none. Source: user-dirs.dirs(5). */
function downloadEntry(file: string): string | null {
  try {
    const lines = readFileSync(file, 'utf8').matchAll(/^[ \t]*XDG_DOWNLOAD_DIR="((?:[^"\\\n]|\\.)*)"/gm)
    return [...lines].at(-1)?.[1]?.replace(/\\(.)/g, '$1') ?? null
  } catch {
    return null
  }
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return folder
  }
}
