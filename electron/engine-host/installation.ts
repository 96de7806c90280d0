// Where the product itself lies, for what must never be treated. Asks the runtime only.
import path from 'node:path'

/**
 * The project, or in a package the folder that was installed. A runtime that is not ours (a Node of the system, the Electron of
 * a checkout) says nothing about where we are.
 */
export function installationFolders(where: {
  readonly moduleDir: string
  readonly execPath: string
  readonly resourcesPath: string | undefined
}): string[] {
  const { moduleDir, execPath, resourcesPath } = where
  const project = path.resolve(moduleDir, '../..')
  if (resourcesPath === undefined || !moduleDir.startsWith(`${resourcesPath}${path.sep}`)) return [project]
  return [project, path.dirname(execPath), path.join(resourcesPath, 'app.asar')]
}

/** Electron's own; undefined in Node. */
export function resourcesPath(): string | undefined {
  return (process as NodeJS.Process & { readonly resourcesPath?: string }).resourcesPath
}
