// Puts a copy of an autostart file into Quarantine before it is changed, under the detection that it belongs to.
// Owns what such a copy says about itself; never changes the file.
import { closeSync, fstatSync } from 'node:fs'
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

interface EntryCopy {
  readonly line: EntryFileLine
  /** Links that go with the file. */
  readonly links: StoredLinks
}

/** Throws what the vault throws, and ProductError `object-changed` when the file is not the one of the line any more. */
export async function storeEntry(
  context: TreatContext,
  order: TreatmentOrder,
  { line, links }: EntryCopy,
): Promise<void> {
  await withParent(toBytes(line.file), async (folder, name) => {
    const fd = openRegular(folder, name)
    try {
      if (!(await isObject(fd, line.identity))) throw new ProductError('object-changed')
      await context.vault.put({
        id: line.quarantineId,
        detectionId: order.detectionId,
        source: fd,
        metadata: {
          version: 1,
          path: line.file,
          identity: line.identity,
          ...keptFacts(fd, fstatSync(fd, { bigint: true })),
          threats: [order.object.findings[0]?.threat ?? ''],
          databaseVersion: order.databaseVersion,
          engineVersion,
          verb: order.verb,
          origin: order.origin,
          bootToken: context.ports.bootToken().slice(0, 256),
          copyOf: 'entry',
          ...(links.length > 0 ? { links: links.slice(0, mostLinks) } : {}),
          // An undo may take exactly this away again.
          ...(line.sha256 === undefined ? {} : { replacedBy: line.sha256 }),
        },
      })
    } finally {
      closeSync(fd)
    }
  })
}
