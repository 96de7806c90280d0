// The client's ports in the app: keyring or file, electron-store, the engine as a utility process, system notifications.
// Owns the wiring; every adapter has a file of its own.

import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Notification } from 'electron'
import { engineOver } from '../client/engine/engine-over.ts'
import { defaultProtectedFolders, downloadFolders } from '../client/on-access/default-folders.ts'
import type { ClientPorts, LogPort } from '../client/ports.ts'
import { nodeDisk } from '../client/storage/disk.ts'
import { takeAppLock } from '../process/app-lock.ts'
import { type DataFolderInput, dataFolder } from '../process/data-folder.ts'
import type { ProcessKeyring } from '../secrets/keyring.ts'
import { createSecrets } from '../secrets/secrets.ts'
import { createEngineLauncher } from './engine-launcher.ts'
import { createRestartPort } from './restart-port.ts'
import { createSettingsStore } from './settings-store.ts'

export interface ClientPortsOptions {
  readonly dataDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly appVersion: string
  readonly log: LogPort
  readonly keyring: ProcessKeyring
  readonly engineHostFile: string | undefined
  readonly isPackaged: boolean
}

const defaultPortalUrl = 'http://localhost:4180'

/** The ports of the product. */
export function createClientPorts({
  dataDir,
  env,
  appVersion,
  log,
  keyring,
  engineHostFile,
  isPackaged,
}: ClientPortsOptions): ClientPorts {
  const onDamaged = (setAside: string) => log.error('damaged file set aside', { file: path.basename(setAside) })
  let secretsDamaged = false
  const secrets = createSecrets({
    keyring,
    dataDir,
    replaceFile: nodeDisk.replace,
    now: () => new Date(),
    onStorage: (storage) => log.info('secrets are kept', { where: storage }),
    onDamaged: (setAside) => {
      secretsDamaged = true
      onDamaged(setAside)
    },
  })
  const restart = createRestartPort({ platform: process.platform, isPackaged })
  const file = engineHostFile ?? path.resolve(import.meta.dirname, '../main/engine-host.js')
  return {
    dataDir,
    guardedDirs: portalFolders({ platform: process.platform, env, home: os.homedir() }),
    portalUrl: env.PROTECTION_PORTAL_URL || defaultPortalUrl,
    databasesDir: null,
    workers: Math.min(4, Math.max(1, os.availableParallelism())),
    settings: createSettingsStore(dataDir, onDamaged),
    secrets: { ...secrets, isDamaged: () => secretsDamaged },
    takeLock: (folder) => takeAppLock(folder, 'app'),
    engine: engineOver(createEngineLauncher({ file, log })),
    device: {
      os: osName(),
      hostname: os.hostname(),
      appVersion,
      electronVersion: process.versions.electron ?? '',
      nodeVersion: process.versions.node,
    },
    log,
    ...(restart ? { restart } : {}),
    notifications: { show: ({ title, body }) => new Notification({ title, body, silent: true }).show() },
    watchedFolders: watchedFolders(env),
    downloadFolders: downloadFolders({ home: os.homedir(), env }),
    areaOverrides: {
      quick: pathList(env.PROTECTION_QUICK_AREAS),
      full: pathList(env.PROTECTION_FULL_AREAS),
    },
  }
}

/** Where a portal on this computer keeps its data: PORTAL_DATA_DIR and its default place, as cloud/server/config.ts has it. */
export function portalFolders(input: DataFolderInput): readonly string[] {
  const { PROTECTION_DATA_DIR: _own, ...env } = input.env
  const usual = path.join(dataFolder({ ...input, env }), 'portal')
  const given = input.env.PORTAL_DATA_DIR?.trim()
  // The portal takes a relative base as it is; what a relative folder would mean here is not known.
  return [...new Set([...(given && path.isAbsolute(given) ? [given] : []), usual])]
}

/** A path list as PATH has it; relative entries are refused by the engine, so they are made absolute here. */
export function pathList(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split(path.delimiter)
    .filter((entry) => entry !== '')
    .map((entry) => path.resolve(entry))
}

/** PROTECTION_WATCHED_FOLDERS instead of the usual places of the person's home. */
function watchedFolders(env: NodeJS.ProcessEnv): readonly string[] {
  const value = env.PROTECTION_WATCHED_FOLDERS
  return value ? pathList(value) : defaultProtectedFolders({ home: os.homedir(), env })
}

function osName(): string {
  const names: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }
  const general = `${names[process.platform] ?? process.platform} ${os.release()}`
  return (process.platform === 'linux' ? (linuxName() ?? general) : general).slice(0, 256)
}

/** "Debian GNU/Linux 12 (bookworm)", as the distribution calls itself. */
function linuxName(): string | undefined {
  try {
    return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
  } catch {
    return undefined
  }
}
