// Takes the newest version of a feed: checks it, fetches it beside what is in use, loads it on trial, then puts it to use.
// Whatever fails or is cut, the version in use stays in use. The caller has the data folder for itself.
import type { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import { asProductError } from '../../files/fs-errors.ts'
import { loadDatabases } from '../databases.ts'
import { manifestName, mostManifestBytes, readManifest, type SignedManifest } from './feed-format.ts'
import type { TrustedKeys } from './feed-keys.ts'
import type { FeedSource } from './feed-source.ts'
import { fetchFiles } from './fetch-files.ts'
import {
  makeStaging,
  nameGeneration,
  type OpenedGeneration,
  openGeneration,
  removeUnused,
  writeNewFile,
} from './generations.ts'
import { rulesCacheFolder } from './newest-databases.ts'
import { type Generation, isOf, readState, readStateToChange, type UpdateState, writeState } from './update-state.ts'

/** What is done, in this order; `file` once for each file. */
export const updateSteps = ['verified', 'begun', 'file', 'fetched', 'loaded', 'named', 'committed'] as const
export type UpdateStep = (typeof updateSteps)[number]

export interface UpdateOptions {
  readonly dataDir: string
  /** Tried in this order; the first one with a feed that can be used decides. */
  readonly sources: readonly FeedSource[]
  readonly keys: TrustedKeys
  readonly now: Date
  readonly onStep?: (step: UpdateStep) => void
  /** Told of each source that could not be used. */
  readonly onRefused?: (place: string, error: ProductError) => void
}

export interface UpdateResult {
  /** `current`: it is in use already. `switched`: it was still there from before a roll back. */
  readonly outcome: 'installed' | 'switched' | 'current'
  readonly current: Generation
  readonly previous: Generation | null
  /** Of the trial; null when nothing had to be loaded. */
  readonly info: DatabasesInfo | null
}

/**
 * Throws ProductError `update-source-unreachable`, `update-signature`, `update-expired`, `update-downgrade`, `update-damaged`,
 * `update-unusable`; `disk-full` and the like. What was in use is then still in use.
 */
export async function updateDatabases(options: UpdateOptions): Promise<UpdateResult> {
  const refused: ProductError[] = []
  for (const source of options.sources) {
    try {
      return await updateFrom(source, options)
    } catch (thrown) {
      const error = asProductError(thrown)
      if (!(error instanceof ProductError)) throw error
      refused.push(error)
      options.onRefused?.(source.place, error)
    }
  }
  // A source that is not there says less than one that is wrong.
  throw (
    refused.find(({ code }) => code !== 'update-source-unreachable') ?? refused[0] ?? new ProductError('bad-request')
  )
}

async function updateFrom(source: FeedSource, options: UpdateOptions): Promise<UpdateResult> {
  const { dataDir, keys, now } = options
  const bytes = await source.read(manifestName, mostManifestBytes)
  if (bytes === null) throw new ProductError('update-source-unreachable', 'no feed there')
  const signed = readManifest(bytes, keys)
  if (Date.parse(signed.manifest.expiresAt) <= now.getTime())
    throw new ProductError('update-expired', signed.manifest.expiresAt)
  const state = readStateToChange(dataDir)
  refuseDowngrade(signed, state)
  options.onStep?.('verified')
  const { current, previous } = state
  const opened = current === null ? null : openGeneration(dataDir, current)
  const base = opened !== null && !('problem' in opened) ? opened : null
  if (current !== null && base !== null && isOf(current, signed))
    return { outcome: 'current', current, previous, info: null }
  if (previous !== null && isOf(previous, signed) && !('problem' in openGeneration(dataDir, previous))) {
    writeState(dataDir, { ...state, current: previous, previous: current })
    return { outcome: 'switched', current: previous, previous: current, info: null }
  }
  return install({ options, source, signed, state, base })
}

/** A feed never goes back, and never says two things under one number. */
function refuseDowngrade({ key, manifest, sha256 }: SignedManifest, { highest }: UpdateState): void {
  const reached = highest[key]
  if (reached === undefined || manifest.version > reached.version) return
  const isSame = manifest.version === reached.version && sha256 === reached.manifestSha256
  if (!isSame) throw new ProductError('update-downgrade', `version ${manifest.version} after ${reached.version}`)
}

interface InstallNeeds {
  readonly options: UpdateOptions
  readonly source: FeedSource
  readonly signed: SignedManifest
  readonly state: UpdateState
  /** The version in use, when there is one and it is whole. */
  readonly base: OpenedGeneration | null
}

async function install({ options, source, signed, state, base }: InstallNeeds): Promise<UpdateResult> {
  const { dataDir, now } = options
  const onStep = options.onStep ?? (() => undefined)
  removeUnused(dataDir, state)
  try {
    const folder = makeStaging(dataDir)
    onStep('begun')
    const start = state.current?.key === signed.key ? base : null
    await fetchFiles({ source, manifest: signed.manifest, base: start, folder, onFile: () => onStep('file') })
    writeNewFile(folder, manifestName, signed.bytes)
    onStep('fetched')
    const info = await triedOut(folder, signed, dataDir)
    onStep('loaded')
    const name = nameGeneration(dataDir, folder)
    onStep('named')
    const current = generationOf(name, signed, { installedAt: now.toISOString(), from: source.place.slice(0, 4096) })
    // What is damaged is nothing to go back to.
    const previous = state.current !== null && base === null ? state.previous : state.current
    const reached = { version: current.version, manifestSha256: current.manifestSha256 }
    writeState(dataDir, { ...state, current, previous, highest: { ...state.highest, [signed.key]: reached } })
    onStep('committed')
    return { outcome: 'installed', current, previous, info }
  } finally {
    removeLeft(dataDir)
  }
}

/** The state on disk says what is used, whatever happened. */
function removeLeft(dataDir: string): void {
  try {
    removeUnused(dataDir, readState(dataDir))
  } catch {
    // The next update tries again; why this one ended is what has to be told.
  }
}

/** Throws ProductError `update-unusable` when it does not load. Its compiled rules are kept for the start that follows. */
async function triedOut(folder: string, { manifest }: SignedManifest, dataDir: string): Promise<DatabasesInfo> {
  try {
    const { info, rules } = await loadDatabases(folder, {
      source: 'update',
      releasedAt: manifest.builtAt,
      rulesCacheDir: rulesCacheFolder(dataDir),
    })
    if (!rules.failed) return info
  } catch (error) {
    if (!(error instanceof ProductError) || error.code !== 'databases-unusable') throw error
    throw new ProductError('update-unusable', error.detail, { cause: error })
  }
  throw new ProductError('update-unusable', 'its rules cannot be compiled')
}

function generationOf(
  folder: string,
  { manifest, key, sha256 }: SignedManifest,
  about: Pick<Generation, 'installedAt' | 'from'>,
): Generation {
  const { version, builtAt } = manifest
  return { folder, version, key, manifestSha256: sha256, builtAt, ...about }
}
