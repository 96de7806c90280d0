// Gives one autostart entry back: a file that went, the lines that were cut out of one, a link, or the lines of one's own table of
// cron. Into a file that was edited since only the entry goes; where its place is not certain any more, nothing is done.
import { createHash } from 'node:crypto'
import { closeSync, fstatSync } from 'node:fs'
import { ProductError } from '#shared/errors.ts'
import type { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { readWhole } from '../files/content.ts'
import { Folder, splitPath, withParent } from '../files/dirfd.ts'
import { errnoOf } from '../files/fs-errors.ts'
import { toBytes } from '../files/path-text.ts'
import type { AutostartPort } from '../treat/active/autostart/port.ts'
import { openRegular } from '../treat/target.ts'
import { keptFacts } from './attributes.ts'
import { putBack } from './entry-cuts.ts'
import { putInPlace } from './place.ts'
import { withNameless, withPlain } from './plain-copy.ts'
import { type RestoreDeps, type Restored, type RestoreOrder, restoreCopy } from './restore.ts'
import type { OpenedCopy } from './vault.ts'

export interface EntryDeps extends RestoreDeps {
  /** How one's own table of cron is changed, and how managers are told; absent: there is neither. */
  readonly autostart?: Pick<AutostartPort, 'crontab' | 'reload'> | undefined
}

/** Larger files are none that entries are cut out of. */
const mostBytes = 1024 * 1024

/**
 * `isUnit`: it goes back with its object, and a file that was there and is gone by now stays so. What is back already is left as it
 * is. Throws what `restoreCopy` throws; `target-exists` also where the entry has no certain place in what is there.
 */
export async function giveEntry(deps: EntryDeps, order: RestoreOrder, isUnit: boolean): Promise<Restored> {
  const copy = deps.vault.open(order.id)
  try {
    const way = copy.metadata.entry?.way ?? 'file'
    if (way === 'link') await giveLink(deps, copy)
    else if (way === 'table') await giveTable(deps, copy)
    else return await giveFile(deps, { copy, order, isUnit })
    return backAlready(copy)
  } finally {
    copy.close()
  }
}

function backAlready({ metadata, detectionId }: OpenedCopy): Restored {
  return { path: metadata.path, sha256: metadata.identity.sha256, detectionId, notKept: [] }
}

async function giveLink(deps: EntryDeps, copy: OpenedCopy): Promise<void> {
  const target = await contentOf(deps, copy)
  await withParent(toBytes(copy.metadata.path), (folder, name) => {
    const there = folder.lstatIfThere(name)
    if (there === undefined) folder.symlink(target, name)
    else if (!there.isSymbolicLink() || !folder.readLink(name).equals(target)) throw new ProductError('target-exists')
    folder.sync()
  })
}

async function giveTable(deps: EntryDeps, copy: OpenedCopy): Promise<void> {
  const { crontab } = deps.autostart ?? {}
  if (crontab === undefined) throw new ProductError('needs-administrator', 'crontab')
  const old = await contentOf(deps, copy)
  const now = await crontab.read()
  if (now === undefined) throw new ProductError('not-found', 'crontab')
  const back = merged(copy.metadata, old, now)
  if (back === undefined) throw new ProductError('target-exists')
  if (!back.equals(now) && !(await crontab.write(back))) throw new ProductError('io-error', 'crontab')
}

interface EntryFile {
  readonly copy: OpenedCopy
  readonly order: RestoreOrder
  readonly isUnit: boolean
}

async function giveFile(deps: EntryDeps, { copy, order, isUnit }: EntryFile): Promise<Restored> {
  const { metadata } = copy
  const now = openPlace(toBytes(metadata.path))
  if (now === undefined) {
    if (isUnit && metadata.replacedBy !== undefined) throw new ProductError('not-found')
    return restoreCopy(deps, order)
  }
  if (now === 'no-file') throw new ProductError('target-exists')
  try {
    const theirs = await readWhole(now, mostBytes)
    const digest = sha256(theirs)
    if (digest === metadata.identity.sha256) return backAlready(copy)
    if (digest === metadata.replacedBy) return await restoreCopy(deps, order)
    const back = merged(metadata, await contentOf(deps, copy), theirs)
    if (back === undefined) throw new ProductError('target-exists')
    return back.equals(theirs) ? backAlready(copy) : await writeMerged(deps, { copy, order, now, theirs: digest, back })
  } finally {
    closeSync(now)
  }
}

interface Merge {
  readonly copy: OpenedCopy
  readonly order: RestoreOrder
  /** Descriptor of what is there. */
  readonly now: number
  /** Its digest. */
  readonly theirs: string
  readonly back: Buffer
}

/** In the place of exactly the content that was read: with its owner, rights and attributes, after a copy of it. */
async function writeMerged(deps: EntryDeps, { copy, order, now, theirs, back }: Merge): Promise<Restored> {
  const { links: _links, ...rest } = copy.metadata
  const identity = { ...rest.identity, sha256: sha256(back), size: back.length, mtimeNs: `${Date.now()}000000` }
  const facts = keptFacts(now, fstatSync(now, { bigint: true }))
  const metadata: QuarantineMetadata = { ...rest, ...facts, identity, replacedBy: theirs }
  const place = { path: toBytes(rest.path), isOld: true, makeFolder: false }
  const placed = await withNameless(
    deps.dataDir,
    back,
    (plain) => putInPlace(deps, { id: order.id, copy: { ...copy, metadata }, plain, place, detected: false }),
    deps.write,
  )
  return { ...backAlready(copy), sha256: identity.sha256, ...placed }
}

/** Undefined where the place of what was cut out is not certain. */
function merged({ entry }: QuarantineMetadata, old: Buffer, theirs: Buffer): Buffer | undefined {
  if (entry?.cuts === undefined) return undefined
  const text = putBack(old.toString('latin1'), entry.cuts, theirs.toString('latin1'))
  return text === undefined ? undefined : Buffer.from(text, 'latin1')
}

function contentOf(deps: EntryDeps, copy: OpenedCopy): Promise<Buffer> {
  return withPlain(deps.dataDir, copy, (fd) => readWhole(fd, mostBytes), deps.write)
}

/** Undefined when nothing has the name, or its folder is gone. */
function openPlace(path: Buffer): number | 'no-file' | undefined {
  const { folder: parent, name } = splitPath(path)
  let folder: Folder | undefined
  try {
    folder = Folder.open(parent)
    return folder.lstatIfThere(name) === undefined ? undefined : openRegular(folder, name)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    if (error instanceof ProductError) return 'no-file'
    throw error
  } finally {
    folder?.close()
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
