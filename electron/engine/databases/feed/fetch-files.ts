// Brings the files of a feed's version into a folder: from the version that is there where nothing changed, by scripts where
// they lead to it, else as a whole. Whatever way a file came, it is written only with the size and digest of the manifest.
// SECURITY: nothing that a source gives is read or unpacked beyond the sizes that were signed.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { codeOf, ProductError } from '#shared/errors.ts'
import type { FeedDiff, FeedFile, FeedManifest, Packed } from './feed-format.ts'
import type { FeedSource } from './feed-source.ts'
import { type OpenedGeneration, writeNewFile } from './generations.ts'
import { applyChanges, type FileChanges, readScript } from './line-script.ts'

export interface FetchNeeds {
  readonly source: FeedSource
  readonly manifest: FeedManifest
  /** The version in use when it is of the same feed; scripts begin there. */
  readonly base: OpenedGeneration | null
  readonly folder: string
  /** Called after each file that was written. */
  readonly onFile: () => void
}

type Changes = ReadonlyMap<string, readonly FileChanges[]>

/** Throws ProductError `update-damaged`, `update-source-unreachable`, file system errors. */
export async function fetchFiles(needs: FetchNeeds): Promise<void> {
  const { source, manifest, base, folder, onFile } = needs
  const changes = await changesFrom(needs)
  for (const file of manifest.files) {
    // A file that the version in use has under the same name: as it is, or after what changed.
    const local = base === null ? null : changed(base, file, changes.get(file.name) ?? [])
    writeNewFile(folder, file.name, local ?? (await whole(source, file)))
    onFile()
  }
}

/** The changes of all scripts from the base on, by file. None when they are not there, not usable, or more than what they spare. */
async function changesFrom({ source, manifest, base }: FetchNeeds): Promise<Changes> {
  if (base === null) return new Map()
  const diffs = diffsFrom(manifest, base.manifest)
  const known = new Map(base.manifest.files.map(({ name, sha256 }) => [name, sha256]))
  const spared = manifest.files.filter(({ name, sha256 }) => known.has(name) && known.get(name) !== sha256)
  const sum = (packed: readonly { readonly packed: Packed }[]) =>
    packed.reduce((all, each) => all + each.packed.size, 0)
  if (spared.length === 0 || sum(diffs) >= sum(spared)) return new Map()
  const changes = new Map<string, FileChanges[]>()
  for (const diff of diffs) {
    for (const each of await script(source, diff)) changes.set(each.file, [...(changes.get(each.file) ?? []), each])
  }
  return changes
}

/** All that lead from one version to the other; none when one of them is not there any more. */
function diffsFrom({ version, diffs }: FeedManifest, base: FeedManifest): readonly FeedDiff[] {
  const needed = diffs.filter(({ to }) => to > base.version)
  return needed.length === version - base.version ? needed : []
}

/** A script that is damaged, missing or none changes nothing: its files are then taken as a whole. */
async function script(source: FeedSource, { packed, size }: FeedDiff): Promise<readonly FileChanges[]> {
  if (size === 0) return []
  try {
    return readScript(unpacked(await transported(source, packed), packed.name, size).toString('latin1')) ?? []
  } catch (error) {
    if (codeOf(error) === 'update-damaged') return []
    throw error
  }
}

/** Null when this does not lead to the file of the manifest. */
function changed(base: OpenedGeneration, file: FeedFile, changes: readonly FileChanges[]): Buffer | null {
  if (!base.manifest.files.some(({ name }) => name === file.name)) return null
  let bytes: Buffer | null = readFileSync(join(base.folder, file.name))
  for (const each of changes) {
    bytes = applyChanges(bytes, each)
    if (bytes === null) return null
  }
  return isExactly(bytes, file) ? bytes : null
}

async function whole(source: FeedSource, file: FeedFile): Promise<Buffer> {
  const bytes = unpacked(await transported(source, file.packed), file.packed.name, file.size)
  if (!isExactly(bytes, file)) throw new ProductError('update-damaged', file.name)
  return bytes
}

async function transported(source: FeedSource, packed: Packed): Promise<Buffer> {
  const bytes = await source.read(packed.name, packed.size)
  if (bytes === null) throw new ProductError('update-damaged', `${packed.name} is missing`)
  if (!isExactly(bytes, packed)) throw new ProductError('update-damaged', packed.name)
  return bytes
}

function unpacked(bytes: Buffer, name: string, size: number): Buffer {
  try {
    const content = gunzipSync(bytes, { maxOutputLength: Math.max(1, size) })
    if (content.length === size) return content
  } catch (cause) {
    throw new ProductError('update-damaged', name, { cause })
  }
  throw new ProductError('update-damaged', name)
}

function isExactly(bytes: Buffer, { size, sha256 }: { readonly size: number; readonly sha256: string }): boolean {
  return bytes.length === size && createHash('sha256').update(bytes).digest('hex') === sha256
}
