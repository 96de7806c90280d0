// Makes the next version of a feed from a folder of databases: what changed is packed, the way from the version before is
// written down, and one signed file put in place makes it the newest. Never leaves a feed that its readers cannot use.
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, fchmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { ProductError } from '#shared/errors.ts'
import { writeAtomically } from '../../files/atomic-write.ts'
import { writeAll } from '../../files/content.ts'
import { errnoOf, withProductErrors } from '../../files/fs-errors.ts'
import { readFolder } from '../database-folder.ts'
import { loadDatabases } from '../databases.ts'
import {
  type FeedDiff,
  type FeedFile,
  FeedManifest,
  manifestName,
  mostDiffs,
  type Packed,
  readManifest,
  signManifest,
} from './feed-format.ts'
import { keyIdOf } from './feed-keys.ts'
import { differenceOf } from './line-difference.ts'
import { writeScript } from './line-script.ts'

export interface PublishOptions {
  /** Folder of databases: all files of a known kind in it are the new version. */
  readonly folder: string
  /** Folder of the feed; made when it is not there. */
  readonly feed: string
  readonly key: KeyObject
  readonly now: Date
  /** Default: 30 days. Publish again before that, also when nothing changed. */
  readonly validMs?: number
}

interface Content {
  readonly name: string
  readonly bytes: Buffer
}

const defaultValidMs = 30 * 24 * 3_600_000
/** Files that we put into a feed besides the manifest. */
const objectNames = /\.[0-9a-f]{16}\.gz$/

/**
 * The manifest of the new version. Throws ProductError `databases-unusable` when the folder does not load, `bad-request` for
 * names or sizes that a feed cannot have, `update-signature` when the feed there is another key's, file system errors.
 */
export async function publishFeed(options: PublishOptions): Promise<FeedManifest> {
  const { folder, feed, key, now, validMs = defaultValidMs } = options
  await loadDatabases(folder, { source: 'folder' })
  return withProductErrors(() => {
    mkdirSync(feed, { recursive: true })
    const before = manifestIn(feed, key)
    const { files, rejected } = readFolder(folder)
    if (rejected[0] !== undefined) throw new ProductError('databases-unusable', rejected[0].file)
    const contents = files.map(({ file, path }) => ({ name: file, bytes: readFileSync(path) }))
    const version = (before?.version ?? 0) + 1
    const made = checked({
      version,
      builtAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + validMs).toISOString(),
      files: contents.map((content) => fileOf(feed, content, before)),
      diffs: before === null ? [] : [...before.diffs, diffOf(feed, contents, before)].slice(-mostDiffs),
    })
    writeForReaders(join(feed, manifestName), signManifest(made, key))
    // Who began to read the version before may still be at it.
    removeUnnamed(feed, before === null ? [made] : [made, before])
    return made
  })
}

function manifestIn(feed: string, key: KeyObject): FeedManifest | null {
  try {
    const keys = new Map([[keyIdOf(key), createPublicKey(key)]])
    return readManifest(readFileSync(join(feed, manifestName)), keys).manifest
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

function checked(made: FeedManifest): FeedManifest {
  const parsed = FeedManifest.safeParse(made)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: '' }
  throw new ProductError('bad-request', `${path.join('.')} ${message}`.trim().slice(0, 300), { cause: parsed.error })
}

/** What did not change stays as it was packed. */
function fileOf(feed: string, { name, bytes }: Content, before: FeedManifest | null): FeedFile {
  const sha256 = sha256Of(bytes)
  const same = before?.files.find((file) => file.name === name && file.sha256 === sha256)
  if (same !== undefined && existsSync(join(feed, same.packed.name))) return same
  return { name, size: bytes.length, sha256, packed: packInto(feed, name, bytes) }
}

/** Files of which the script says nothing are taken as they are, or as a whole. */
function diffOf(feed: string, contents: readonly Content[], before: FeedManifest): FeedDiff {
  const changes = contents.flatMap(({ name, bytes }) => {
    const old = before.files.find((file) => file.name === name)
    if (old === undefined || old.sha256 === sha256Of(bytes)) return []
    const found = differenceOf(name, gunzipSync(readFileSync(join(feed, old.packed.name))), bytes)
    // A script that is longer than the file spares nothing.
    return found === null || writeScript([found]).length > bytes.length ? [] : [found]
  })
  const script = Buffer.from(writeScript(changes), 'latin1')
  const to = before.version + 1
  return { to, size: script.length, packed: packInto(feed, `diff-${to}`, script) }
}

function packInto(feed: string, name: string, bytes: Buffer): Packed {
  const packed = gzipSync(bytes, { level: 9 })
  const sha256 = sha256Of(packed)
  const object = `${name}.${sha256.slice(0, 16)}.gz`
  writeForReaders(join(feed, object), packed)
  return { name: object, size: packed.length, sha256 }
}

/** Everybody may read a feed, for instance a web server. */
function writeForReaders(file: string, bytes: Buffer): void {
  writeAtomically(file, bytes, (fd, content) => {
    fchmodSync(fd, 0o644)
    writeAll(fd, content)
  })
}

function removeUnnamed(feed: string, manifests: readonly FeedManifest[]): void {
  const named = manifests.flatMap(({ files, diffs }) => [...files, ...diffs].map(({ packed }) => packed.name))
  const used = new Set(named)
  for (const name of readdirSync(feed)) {
    if (objectNames.test(name) && !used.has(name)) rmSync(join(feed, name), { force: true })
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
