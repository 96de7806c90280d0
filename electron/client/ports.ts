// Everything the protection client needs from outside, each as a port with an in-memory twin in testing/. Types only;
// Electron, the keyring and the settings store are somebody else's business.
import type { EngineConfig, EngineContract, EngineInfo } from '#shared/engine-protocol/engine-contract.ts'
import type { ContractClient } from '#shared/rpc/contract.ts'
import type { SocketLike } from '#shared/rpc/socket-channel.ts'
import type { WatchFolders } from './on-access/folder-watch.ts'
import type { Disk } from './storage/disk.ts'

/** Where secrets are kept. Each call has its own time limit and throws ProductError `secrets-unavailable` when it cannot answer. */
export interface SecretsPort {
  /** Null only when there surely is none: an unreadable store must throw, or a new key would take the place of a good one. */
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
  /** True: the store was found damaged and set aside, so that what was in it is lost. */
  isDamaged?(): boolean
  /** Which protection the secrets have now. */
  kind(): 'keyring' | 'file' | 'unknown'
}

export interface HeldLock {
  release(): Promise<void>
}

/** Where the settings are kept, as one JSON value. */
export interface SettingsPort {
  /** `undefined`: there are none yet. Throws when they cannot be read. */
  load(): unknown | Promise<unknown>
  save(value: unknown): void | Promise<void>
}

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Wall time in ms; may jump. */
  now(): number
  /** Never goes back. */
  monotonicMs(): number
  after(ms: number, run: () => void): Timer
}

export interface LogPort {
  info(text: string, facts?: Record<string, unknown>): void
  warn(text: string, facts?: Record<string, unknown>): void
  error(text: string, facts?: Record<string, unknown>): void
}

/** What this computer is. */
export interface DeviceFactsPort {
  readonly os: string
  readonly hostname: string
  readonly appVersion: string
  readonly electronVersion: string
  readonly nodeVersion: string
}

export interface NotificationPort {
  show(notice: { readonly title: string; readonly body: string }): void
}

/** Which start of the machine this is. */
export interface BootPort {
  /** Changes with every start; empty where that cannot be told. */
  token(): string
}

/** Restarts the machine, as the person at it asked. */
export interface RestartPort {
  /** Resolves when the system has taken it on. Throws `restart-refused`. Never forces: what inhibits it is respected. */
  restart(): Promise<void>
}

export type EngineState = 'starting' | 'ready' | 'restarting' | 'failed'

/** The line to the engine; keeps one engine process running. */
export interface EngineConnection {
  readonly client: ContractClient<EngineContract>
  start(): void
  stop(): void | Promise<void>
  info(): EngineInfo | null
  /** Another configuration, for this engine process and every later one. */
  configure(config: EngineConfig): Promise<EngineInfo>
}

export interface EngineHooks {
  readonly onState: (state: EngineState) => void
  readonly log: LogPort
}

/** Makes the line to the engine; `engineOver(launcher)` is the one of the product. */
export type ConnectEngine = (config: EngineConfig, hooks: EngineHooks) => EngineConnection

/** Opens one connection; it must not reconnect by itself. */
export type ConnectSocket = (address: string) => SocketLike

export interface ClientPorts {
  readonly dataDir: string
  /** Folders of a portal on this computer: never scanned, never treated. */
  readonly guardedDirs: readonly string[]
  /** Address of the portal, for instance `http://localhost:4180`. */
  readonly portalUrl: string
  /** Folder of databases; null = those that ship with the product. */
  readonly databasesDir: string | null
  /** Worker threads of the engine. */
  readonly workers: number
  readonly secrets: SecretsPort
  readonly settings: SettingsPort
  readonly engine: ConnectEngine
  readonly device: DeviceFactsPort
  readonly log: LogPort
  readonly clock?: Clock
  readonly disk?: Disk
  /** Takes the data folder for this process alone; throws `storage-locked`. */
  readonly takeLock: (dataDir: string) => Promise<HeldLock>
  readonly notifications?: NotificationPort
  readonly connectSocket?: ConnectSocket
  /** Absent: this app never restarts a computer, and says so. */
  readonly restart?: RestartPort
  /** Replaced by tests. */
  readonly boot?: BootPort
  /** What file protection watches unless the settings name other folders. */
  readonly watchedFolders: readonly string[]
  /** Those in which file protection opens archives too: files from outside arrive there. */
  readonly downloadFolders: readonly string[]
  /** Replaced by tests. */
  readonly watchFolders?: WatchFolders
  /** Values of PROTECTION_QUICK_AREAS and PROTECTION_FULL_AREAS, already split into paths. */
  readonly areaOverrides?: { readonly quick?: readonly string[]; readonly full?: readonly string[] }
}
