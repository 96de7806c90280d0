// Where the last separator of a displayed path is. Only in a path that begins like one of Windows is a backslash a separator:
// everywhere else it is part of a name, or begins the escape of a byte that cannot be shown.

/** Position of the last separator; -1 when there is none. */
export function lastSeparator(path: string): number {
  const windows = /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path)
  return windows ? Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) : path.lastIndexOf('/')
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(lastSeparator(path) + 1)
}
