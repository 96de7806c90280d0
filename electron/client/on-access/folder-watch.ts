// Watches folders for changes through the system's own notifications: one watch for each folder, none for files.
// Owns the watcher. Never reads a file and never decides what a change means.
import { watch } from 'chokidar'

export interface FolderWatchEvents {
  /** Something in this folder changed; `name` when the system said what. */
  readonly onChange: (folder: string, name: string | null) => void
  /** This folder has appeared: whatever is in it came without a notice. */
  readonly onNewFolder: (folder: string) => void
  /** A folder cannot be watched. `code`: errno, `ENOSPC` when the system allows no more watches. */
  readonly onError: (code: string) => void
}

export interface FolderWatch {
  /** Resolves when all folders are watched that could be. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

/** Makes a watch over these folders and all below them. Links are never followed. */
export type WatchFolders = (
  roots: readonly string[],
  isExcluded: (path: string) => boolean,
  events: FolderWatchEvents,
) => FolderWatch

export const watchFolders: WatchFolders = (roots, isExcluded, events) => {
  const watcher = watch([...roots], {
    // A watch for every file would use up what the system allows (engine.md 6); folders tell of their files.
    ignored: (path, stats) => stats?.isFile() === true || isExcluded(path),
    followSymlinks: false,
    ignoreInitial: true,
    persistent: false,
  })
  let isReady = false
  const ready = new Promise<void>((resolve) => {
    watcher.once('ready', () => {
      isReady = true
      resolve()
    })
  })
  watcher.on('raw', (_event, name: unknown, details: unknown) => {
    const folder = watchedPath(details)
    if (isReady && folder !== null) events.onChange(folder, typeof name === 'string' && name !== '' ? name : null)
  })
  watcher.on('addDir', (folder) => {
    if (isReady) events.onNewFolder(folder)
  })
  watcher.on('error', (error) => events.onError(codeOf(error)))
  return { ready, close: () => watcher.close() }
}

function watchedPath(details: unknown): string | null {
  if (typeof details !== 'object' || details === null || !('watchedPath' in details)) return null
  return typeof details.watchedPath === 'string' ? details.watchedPath : null
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown'
}
