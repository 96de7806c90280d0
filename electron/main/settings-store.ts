// The settings on disk, through electron-store: one JSON file, written atomically, checked against the schema when read.
// A file that is damaged is set aside, never overwritten; what that means for the app is the client's business.
import { renameSync } from 'node:fs'
import path from 'node:path'
import ElectronStore from 'electron-store'
import { ProductError } from '#shared/errors.ts'
import { readSettings } from '#shared/files/settings-file.ts'
import type { SettingsPort } from '../client/ports.ts'

const fileName = 'settings'

/** The settings port of the product. Nothing is read before the first call. */
export function createSettingsStore(dataDir: string, onDamaged: (setAside: string) => void): SettingsPort {
  let store: ElectronStore<Record<string, unknown>> | undefined
  const file = path.join(dataDir, `${fileName}.json`)
  const open = () => {
    store ??= new ElectronStore<Record<string, unknown>>({ cwd: dataDir, name: fileName, clearInvalidConfig: false })
    return store
  }
  const setAside = () => {
    store = undefined
    const aside = `${file}.damaged-${Date.now()}`
    renameSync(file, aside)
    onDamaged(aside)
    return new ProductError('storage-damaged', fileName)
  }
  return {
    load: () => {
      const value = readAll(open)
      if (value === undefined) throw setAside()
      if (Object.keys(value).length === 0) return undefined
      if (readSettings(value) === null) throw setAside()
      return value
    },
    save: (value) => {
      open().store = value as Record<string, unknown>
    },
  }
}

/** Undefined: the file is no JSON object. Everything else that goes wrong is thrown on. */
function readAll(open: () => ElectronStore<Record<string, unknown>>): Record<string, unknown> | undefined {
  try {
    return open().store
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}
