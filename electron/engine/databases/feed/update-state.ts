// Which installed versions of the databases there are: the one in use, the one before it, and how far each feed has come.
// Owns `databases/state.json` in the data folder; writing it is what puts a version to use. Never touches a version's files.
import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { LongText, Sha256, Timestamp } from '#shared/domain/primitives.ts'
import { codeOf, ProductError } from '#shared/errors.ts'
import { writeAtomically } from '../../files/atomic-write.ts'
import { asProductError, errnoOf } from '../../files/fs-errors.ts'
import { FeedVersion, type SignedManifest } from './feed-format.ts'
import { KeyId } from './feed-keys.ts'

/** One installed version. */
export const Generation = z.strictObject({
  /** Its folder; the number counts installations. */
  folder: z.string().regex(/^generation-\d{1,9}$/),
  version: FeedVersion,
  key: KeyId,
  /** Of the JSON of its manifest. */
  manifestSha256: Sha256,
  builtAt: Timestamp,
  installedAt: Timestamp,
  /** The place it was taken from. */
  from: LongText,
})
export type Generation = z.infer<typeof Generation>

const Reached = z.strictObject({ version: FeedVersion, manifestSha256: Sha256 })

/** Null stands for the databases that ship with the product. */
export const UpdateState = z.strictObject({
  version: z.literal(1),
  current: Generation.nullable(),
  previous: Generation.nullable(),
  /** The highest version that was installed, by key: a feed of another key counts for itself. */
  highest: z.record(KeyId, Reached),
})
export type UpdateState = z.infer<typeof UpdateState>

export const noUpdates: UpdateState = { version: 1, current: null, previous: null, highest: {} }
const fileName = 'state.json'

/** Where installed versions lie; need not exist. */
export function updatesFolder(dataDir: string): string {
  return join(dataDir, 'databases')
}

/** Throws ProductError `storage-damaged` for a file that is none of ours, and `no-permission` and the like. */
export function readState(dataDir: string): UpdateState {
  try {
    return UpdateState.parse(JSON.parse(readFileSync(join(updatesFolder(dataDir), fileName), 'utf8')))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return noUpdates
    if (errnoOf(cause) !== undefined) throw asProductError(cause)
    throw new ProductError('storage-damaged', `databases/${fileName}`, { cause })
  }
}

/** To change it: a damaged file is put aside, and it begins anew. Throws ProductError `no-permission` and the like. */
export function readStateToChange(dataDir: string): UpdateState {
  mkdirSync(updatesFolder(dataDir), { recursive: true, mode: 0o700 })
  try {
    return readState(dataDir)
  } catch (error) {
    if (codeOf(error) !== 'storage-damaged') throw error
    const file = join(updatesFolder(dataDir), fileName)
    renameSync(file, `${file}.unreadable`)
    return noUpdates
  }
}

/** On disk when it returns. Throws ProductError `disk-full` and the like; the old state is then still there. */
export function writeState(dataDir: string, state: UpdateState): void {
  writeAtomically(join(updatesFolder(dataDir), fileName), `${JSON.stringify(UpdateState.parse(state), null, 1)}\n`)
}

/** True for a generation made of this very manifest. */
export function isOf(generation: Generation, { key, sha256 }: SignedManifest): boolean {
  return generation.key === key && generation.manifestSha256 === sha256
}
