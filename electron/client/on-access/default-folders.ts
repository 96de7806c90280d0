// The places of a person's home that new files come to. Owns the list; what of it is there is for the watcher to see.
import path from 'node:path'

/** Absolute, in no order. `home`: the person's own folder. */
export function defaultProtectedFolders(home: string): string[] {
  const names = [
    'Downloads',
    'Desktop',
    'Documents',
    'Templates',
    '.config/autostart',
    '.config/systemd/user',
    '.local/bin',
    '.local/share/applications',
  ]
  return names.map((name) => path.join(home, name))
}
