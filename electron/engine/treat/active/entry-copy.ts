// Puts a copy of an autostart file into Quarantine before it is changed, under the detection that it belongs to.
// Owns what such a copy says about itself; never changes the file.
import { closeSync, fstatSync } from 'node:fs'
import type { FilePath } from '#shared/domain/file-path.ts'
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { FileIdentity } from '#shared/domain/object-report.ts'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { engineVersion } from '../../databases/engine-version.ts'
import { withParent } from '../../files/dirfd.ts'
import { toBytes } from '../../files/path-text.ts'
import { keptFacts } from '../../quarantine/attributes.ts'
import type { TreatContext } from '../context.ts'
import { isObject, openRegular } from '../target.ts'
import type { EntryFileLine } from './entry-change.ts'

export type StoredLinks = NonNullable<QuarantineMetadata['links']>

const mostLinks = 50

interface FileCopy {
  readonly line: EntryFileLine
  /** Links that go with the file. */
  readonly links: StoredLinks
}

/** Throws what the vault throws, and ProductError `object-changed` when the file is not the one of the line any more. */
export async function storeEntry(
  context: TreatContext,
  order: TreatmentOrder,
  { line, links }: FileCopy,
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
      })
    } finally {
      closeSync(fd)
    }
  })
}

interface EntryCopy {
  readonly id: QuarantineId
  readonly path: FilePath
  readonly identity: FileIdentity
  /** Open for reading; its content is the identity's. */
  readonly fd: number
}

/** Throws what the vault's `put` throws. */
export function putEntryCopy(
  context: TreatContext,
  order: TreatmentOrder,
  { id, path, identity, fd }: EntryCopy,
  more: Pick<QuarantineMetadata, 'links' | 'replacedBy'> = {},
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
