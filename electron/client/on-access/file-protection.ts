// File protection: files in the watched folders are checked as soon as they were changed, and treated as the policy says.
// On Linux it reacts, it does not prevent. Never looks into a file itself; the engine does.
import { existsSync } from 'node:fs'
import type { FilePath } from '#shared/domain/file-path.ts'
import type { NotScannedObject } from '#shared/domain/object-report.ts'
import { ProductError } from '#shared/errors.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, LogPort, Timer } from '../ports.ts'
import { type FindingsDeps, takeFindings } from '../scans/findings.ts'
import type { NotScannedList } from '../scans/not-scanned.ts'
import { type Debounced, debounced } from '../state/debounce.ts'
import { type ChangeQueue, createChangeQueue } from './change-queue.ts'
import { changedIn, fileNow, filePath } from './changed-files.ts'
import { type FolderWatch, type WatchFolders, watchFolders } from './folder-watch.ts'
import { gapsOf, whole } from './object-gaps.ts'

/** `starting`: wanted, and not all folders are watched yet. */
export type FileProtectionState = 'off' | 'starting' | 'on' | 'failed'

export interface FileProtection {
  /** Watches as the settings say; call again when they have changed. */
  apply(): Promise<void>
  stop(): Promise<void>
  state(): FileProtectionState
  /** Since when changes of some folders are noticed late; null while none are. */
  incompleteSince(): string | null
  onChange(listener: () => void): void
}

export interface FileProtectionDeps extends FindingsDeps {
  readonly engine: EngineService
  readonly clock: Clock
  readonly log: LogPort
  readonly notScanned: Pick<NotScannedList, 'setWatched' | 'saveWatched'>
  /** What is watched unless the settings name other folders. */
  readonly defaultFolders: readonly string[]
  /** Where archives are opened too. */
  readonly downloadFolders: readonly string[]
  /** Never looked at: the product's own data. */
  readonly ownFolders: readonly string[]
  /** Replaced by tests. */
  readonly watchFolders?: WatchFolders
}

/** A folder is listed this long after a change in it: that heals notices that were lost in a burst. */
const listAfterMs = 1000
/** Everything is listed this often, whatever was noticed. */
const listAllMs = 10 * 60_000
/** The same while some folder cannot be watched. */
const pollMs = 5_000
/** The clock of a file system may be a little behind. */
const overlapMs = 20
/** What could not be looked at is written down this often at most. */
const saveEveryMs = 5000
/** Before it is listed again a folder is left alone for so many times as long as listing it took. */
const restShare = 4

export function createFileProtection(deps: FileProtectionDeps): FileProtection {
  return new FileProtectionObject(deps)
}

class FileProtectionObject implements FileProtection {
  readonly #deps: FileProtectionDeps
  readonly #queue: ChangeQueue
  readonly #saving: Debounced
  /** Folders that will be listed. */
  readonly #dirty = new Map<string, { again: boolean; readonly timer: Timer }>()
  readonly #listeners = new Set<() => void>()
  /** When each folder that had changes was last listed. */
  readonly #listedAt = new Map<string, number>()
  #watch: FolderWatch | null = null
  #roots: readonly string[] = []
  #state: FileProtectionState = 'off'
  #incompleteSince: string | null = null
  #startedMs = 0
  #listedMs = 0
  #timer: Timer | null = null
  /** One change of what is watched after the other. */
  #turn: Promise<void> = Promise.resolve()

  constructor(deps: FileProtectionDeps) {
    this.#deps = deps
    this.#queue = createChangeQueue({
      clock: deps.clock,
      look: fileNow,
      check: (path) => this.#check(path),
      onGivenUp: (path) => this.#leftOut(path, [whole(path, 'engine-crash')]),
      onGone: (path) => this.#leftOut(path, []),
    })
    this.#saving = debounced(deps.clock, saveEveryMs, () => void this.#save())
  }

  apply(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#apply())
    return this.#turn
  }

  async stop(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#end('off'))
    await this.#turn
    this.#saving.flush()
  }

  state(): FileProtectionState {
    return this.#state
  }

  incompleteSince(): string | null {
    return this.#incompleteSince
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  async #apply(): Promise<void> {
    const { fileProtection } = this.#deps.settings.get()
    const wanted = fileProtection.folders.length > 0 ? fileProtection.folders : this.#deps.defaultFolders
    const roots = fileProtection.enabled ? wanted.filter((folder) => existsSync(folder)) : []
    const isSame = this.#state === 'on' && roots.join('\0') === this.#roots.join('\0')
    if (isSame && fileProtection.enabled) return
    await this.#end(fileProtection.enabled ? 'starting' : 'off')
    if (fileProtection.enabled) await this.#begin(roots)
  }

  async #begin(roots: readonly string[]): Promise<void> {
    const { clock, log } = this.#deps
    this.#roots = roots
    this.#startedMs = clock.now()
    this.#listedMs = this.#startedMs
    try {
      this.#watch = (this.#deps.watchFolders ?? watchFolders)(roots, (path) => this.#isOwn(path), {
        onChange: (folder, name) => this.#changed(folder, name),
        onNewFolder: (folder) => void this.#list(folder, 0),
        onError: (code) => this.#missed(code),
      })
      // A watcher of nothing never says that it is ready.
      if (roots.length > 0) await this.#watch.ready
      this.#state = 'on'
      this.#tell()
      this.#again()
    } catch (error) {
      log.error('folders are not watched', { error: String(error) })
      this.#state = 'failed'
      this.#tell()
    }
  }

  async #end(state: FileProtectionState): Promise<void> {
    this.#timer?.cancel()
    this.#timer = null
    for (const { timer } of this.#dirty.values()) timer.cancel()
    this.#dirty.clear()
    this.#listedAt.clear()
    this.#queue.clear()
    const watch = this.#watch
    this.#watch = null
    await watch?.close()
    this.#incompleteSince = null
    this.#state = state
    this.#tell()
  }

  #changed(folder: string, name: string | null): void {
    if (name !== null) this.#add(filePath(Buffer.from(`${folder}/${name}`)))
    const known = this.#dirty.get(folder)
    if (known) known.again = true
    else this.#listLater(folder, listAfterMs)
  }

  /** Once for all changes until then; again after a rest when there were more meanwhile. */
  #listLater(folder: string, afterMs: number): void {
    const { clock } = this.#deps
    const list = async () => {
      const started = clock.monotonicMs()
      dirty.again = false
      // Since the last listing, not since the notice: notices of a burst come late.
      const since = this.#listedAt.get(folder) ?? this.#startedMs
      this.#listedAt.set(folder, clock.now())
      await this.#list(folder, since - overlapMs)
      if (this.#dirty.get(folder) !== dirty) return
      this.#dirty.delete(folder)
      // A huge folder in a burst is not listed all the time.
      if (dirty.again) this.#listLater(folder, listAfterMs + restShare * (clock.monotonicMs() - started))
    }
    const dirty = { again: false, timer: clock.after(afterMs, () => void list()) }
    this.#dirty.set(folder, dirty)
  }

  /** Queues what was changed in a folder and in all below it that were not there before. */
  async #list(folder: string, sinceMs: number, isDeep = sinceMs === 0): Promise<void> {
    const { files, folders } = await changedIn(folder, sinceMs)
    for (const { path } of files) this.#add(path)
    if (!isDeep) return
    for (const each of folders) if (!this.#isOwn(each)) await this.#list(each, sinceMs, isDeep)
  }

  #add(path: FilePath): void {
    if (this.#watch === null || this.#isOwn(path.text)) return
    // The next listing of everything brings it.
    if (!this.#queue.add(path)) this.#incompleteSince ??= new Date(this.#deps.clock.now()).toISOString()
  }

  /** Lists everything from time to time, often while some folder is not watched. */
  #again(): void {
    const wait = this.#incompleteSince === null ? listAllMs : pollMs
    this.#timer = this.#deps.clock.after(wait, () => {
      const since = Math.max(this.#startedMs, this.#listedMs) - overlapMs
      this.#listedMs = this.#deps.clock.now()
      void Promise.all(this.#roots.map((root) => this.#list(root, since, true))).then(() => {
        if (this.#watch !== null) this.#again()
      })
    })
  }

  #missed(code: string): void {
    // A folder that went away meanwhile is nothing to protect.
    if (code === 'ENOENT' || code === 'ENOTDIR') return
    this.#deps.log.warn('a folder is not watched', { code })
    if (this.#incompleteSince !== null) return
    this.#incompleteSince = new Date(this.#deps.clock.now()).toISOString()
    this.#timer?.cancel()
    this.#again()
    this.#tell()
  }

  /** Folders are watched from the start, but nothing is looked at before what an earlier run left open is settled. */
  async #check(path: FilePath): Promise<void> {
    await this.#deps.engine.usable()
    const look = isIn(this.#deps.downloadFolders, path.text) ? 'real-time-download' : 'real-time'
    const result = await this.#deps.engine.call('object.scan', { path, look })
    if (result.kind === 'not-scanned' && result.reason === 'rules-unavailable') {
      throw new ProductError('engine-unavailable')
    }
    this.#leftOut(path, gapsOf(path, result))
    if (result.kind !== 'detected') return
    await takeFindings(
      { origin: { kind: 'real-time' }, scanType: 'real-time', found: new Set() },
      [result.object],
      this.#deps,
    )
  }

  /** What of a file was not looked at is listed, as it is for a scan. */
  #leftOut(path: FilePath, objects: readonly NotScannedObject[]): void {
    if (this.#deps.notScanned.setWatched(path, objects)) this.#saving.soon()
  }

  #save(): Promise<void> {
    const failed = (error: unknown) => this.#deps.log.warn('list of gaps not saved', { error: String(error) })
    return this.#deps.notScanned.saveWatched().catch(failed)
  }

  /** Our own data, and what the person excluded from all scans. */
  #isOwn(path: string): boolean {
    return isIn([...this.#deps.ownFolders, ...this.#deps.settings.get().scan.exclude], path)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

function isIn(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`))
}
