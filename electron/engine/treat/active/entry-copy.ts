// Puts a copy of an autostart file into Quarantine before it is changed, under the detection that it belongs to.
// Owns what such a copy says about itself; never changes the file.
import { closeSync, fstatSync } from 'node:fs'
import type { FilePath } from '#shared/domain/file-path.ts'
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { FileIdentity } from '#shared/domain/object-report.ts'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { EntryFacts, QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { engineVersion } from '../../databases/engine-version.ts'
import { identityOfOpen, readWhole } from '../../files/content.ts'
import { withParent } from '../../files/dirfd.ts'
import { toBytes } from '../../files/path-text.ts'
import { keptFacts } from '../../quarantine/attributes.ts'
import { cutsBetween } from '../../quarantine/entry-cuts.ts'
import { withNameless } from '../../quarantine/plain-copy.ts'
import type { TreatContext } from '../context.ts'
import { isObject, openRegular } from '../target.ts'
import type { EntryFileLine, EntryLinkLine } from './entry-change.ts'

export type StoredLinks = NonNullable<QuarantineMetadata['links']>

const mostLinks = 50
const mostBytes = 1024 * 1024

interface FileCopy {
  readonly line: EntryFileLine
  /** What the file will be; undefined: it goes. */
  readonly content: Buffer | undefined
  /** Links that go with the file. */
  readonly links: StoredLinks
}

/** Throws what the vault throws, and ProductError `object-changed` when the file is not the one of the line any more. */
export async function storeEntry(
  context: TreatContext,
  order: TreatmentOrder,
  { line, links, content }: FileCopy,
): Promise<void> {
  await withParent(toBytes(line.file), async (folder, name) => {
    const fd = openRegular(folder, name)
    try {
      if (!(await isObject(fd, line.identity))) throw new ProductError('object-changed')
      const copy = { id: line.quarantineId, path: line.file, identity: line.identity, fd }
      await putEntryCopy(context, order, copy, {
        ...(links.length > 0 ? { links: links.slice(0, mostLinks) } : {}),
        // An undo may take exactly this away again.
        ...(line.sha256 === undefined ? {} : { replacedBy: line.sha256 }),
        entry: {
          way: 'file',
          starts: line.starts ?? 'shell',
          acts: line.acts,
          ...(content === undefined ? {} : cutsOf(await readWhole(fd, mostBytes), content)),
        },
      })
    } finally {
      closeSync(fd)
    }
  })
}

/** Of a link that goes: what it says. */
export async function storeLink(context: TreatContext, order: TreatmentOrder, line: EntryLinkLine): Promise<void> {
  const { quarantineId: id, file: path, starts = 'systemd', acts } = line
  if (id === undefined) return
  await storeText(context, order, { id, path, text: toBytes(line.target) }, { way: 'link', starts, acts })
}

interface TextCopy {
  readonly id: QuarantineId
  readonly path: FilePath
  readonly text: Buffer
}

/** A copy of what is no file that we may open: made of a file of ours that has no name. */
export async function storeText(
  context: TreatContext,
  order: TreatmentOrder,
  { id, path, text }: TextCopy,
  entry: EntryFacts,
): Promise<void> {
  await withNameless(context.dataDir, text, async (fd) =>
    putEntryCopy(context, order, { id, path, identity: await identityOfOpen(fd), fd }, { entry }),
  )
}

/** For an undo that finds the file edited; left out where there are too many. */
export function cutsOf(old: Buffer, now: Buffer): Pick<EntryFacts, 'cuts'> {
  const cuts = cutsBetween(old.toString('latin1'), now.toString('latin1'))
  return cuts === undefined ? {} : { cuts }
}

interface EntryCopy {
  readonly id: QuarantineId
  readonly path: FilePath
  readonly identity: FileIdentity
  /** Open for reading; its content is the identity's. */
  readonly fd: number
}

/** Throws what the vault's `put` throws. */
function putEntryCopy(
  context: TreatContext,
  order: TreatmentOrder,
  { id, path, identity, fd }: EntryCopy,
  more: Pick<QuarantineMetadata, 'links' | 'replacedBy' | 'entry'>,
): Promise<void> {
  return context.vault.put({
    id,
    detectionId: order.detectionId,
    source: fd,
    metadata: {
      version: 1,
      path,
      identity,
      ...keptFacts(fd, fstatSync(fd, { bigint: true })),
      threats: [order.object.findings[0]?.threat ?? ''],
      databaseVersion: order.databaseVersion,
      engineVersion,
      verb: order.verb,
      origin: order.origin,
      bootToken: context.ports.bootToken().slice(0, 256),
      copyOf: 'entry',
      ...more,
    },
  })
}
