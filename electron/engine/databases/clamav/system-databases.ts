// The databases that ClamAV keeps on this computer: finds their folder and lists what of it can be read.
// Never downloads, never writes; that they are missing is told and stops nothing.
import { closeSync, openSync, readFileSync } from 'node:fs'
import { type DatabaseFile, readFolder } from '../database-folder.ts'
import type { Rejected } from '../signature-text.ts'

const usualFolder = '/var/lib/clamav'
/** Of the updater first: it is the one that writes them. */
const usualConfigs = [
  '/etc/clamav/freshclam.conf',
  '/etc/freshclam.conf',
  '/etc/clamav/clamd.conf',
  '/etc/clamd.d/scan.conf',
]
const longestConfig = 1024 * 1024

/** As `DatabaseDirectory` of the first configuration that has it says, else the usual one. */
export function systemDatabasesFolder(configs: readonly string[] = usualConfigs): string {
  return configuredFolder('DatabaseDirectory', configs) ?? usualFolder
}

/** As the first configuration says that has this setting; null when none has. */
export function configuredFolder(setting: string, configs: readonly string[] = usualConfigs): string | null {
  for (const config of configs) {
    const folder = folderIn(config, setting)
    if (folder !== null) return folder
  }
  return null
}

function folderIn(config: string, setting: string): string | null {
  try {
    const text = readFileSync(config, 'utf8').slice(0, longestConfig)
    const line = new RegExp(`^[ \\t]*${setting}[ \\t]+(?:"([^"\\n]+)"|(\\S+))`, 'm')
    const [, quoted, plain] = line.exec(text) ?? []
    const folder = quoted ?? plain ?? ''
    return folder.startsWith('/') ? folder : null
  } catch {
    // Not there, or not for us: the next one.
    return null
  }
}

/** What of a folder can be read. Of the rest each file, or the folder itself, is named once. */
export function readIfReadable(dir: string): { files: DatabaseFile[]; rejected: Rejected[] } {
  try {
    const folder = readFolder(dir)
    const rejected = [...folder.rejected]
    const files = folder.files.filter(({ file, path, kind }) => {
      // A manifest of somebody else's says nothing about our databases.
      if (kind === 'manifest') return false
      // SECURITY: what changes files is taken from our own databases only.
      if (kind === 'recipes') {
        rejected.push({ file, line: 0, problem: 'recipes for disinfection are not taken from here' })
        return false
      }
      const canRead = isReadable(path)
      if (!canRead) rejected.push({ file, line: 0, problem: 'cannot be read' })
      return canRead
    })
    if (files.length === 0 && rejected.length === 0)
      rejected.push({ file: dir, line: 0, problem: 'holds no databases' })
    return { files, rejected }
  } catch {
    return { files: [], rejected: [{ file: dir, line: 0, problem: 'cannot be read, or is not there' }] }
  }
}

/** By opening it: what a check of rights says may differ from that. */
function isReadable(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'))
    return true
  } catch {
    return false
  }
}
