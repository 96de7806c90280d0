// The list of copies: a journal that is checked against the folder at every start and rebuilt from the copies themselves
// where it is missing or wrong. Never reads the content of a copy.
import { closeSync, constants, fstatSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { QuarantineId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import { type QuarantineIndexEntry, QuarantineIndexLine } from '#shared/files/quarantine-file.ts'
import { openJournal } from '../files/journal.ts'
import { openSealed, readHeader } from './seal.ts'

export interface OpenedIndex {
  readonly entries: ReadonlyMap<QuarantineId, QuarantineIndexEntry>
  add(entry: QuarantineIndexEntry): void
  remove(id: QuarantineId): void
  close(): void
}

/** Reads the index, removes half-written copies, and makes index and folder agree. Throws errno errors. */
export function openIndex(folder: string, masterKey: Buffer): OpenedIndex {
  const { journal, entries: lines } = openJournal(join(folder, 'index.jsonl'), QuarantineIndexLine)
  const listed = new Map<QuarantineId, QuarantineIndexEntry>()
  for (const line of lines) {
    if (line.kind === 'stored') listed.set(line.id, line)
    else listed.delete(line.id)
  }
  const entries = new Map<QuarantineId, QuarantineIndexEntry>()
  for (const id of copiesIn(folder)) {
    const entry = listed.get(id) ?? entryOfCopy(fileOf(folder, id), id, masterKey)
    if (entry !== undefined) entries.set(id, entry)
  }
  if (lines.length !== entries.size || [...entries.keys()].some((id) => !listed.has(id)))
    journal.rewrite([...entries.values()])
  return {
    entries,
    add: (entry) => {
      journal.append(entry)
      entries.set(entry.id, entry)
    },
    remove: (id) => {
      entries.delete(id)
      journal.append({ version: 1, kind: 'deleted', id })
    },
    close: () => journal.close(),
  }
}

/** The folder of a copy: two hex digits, so that no folder grows too long. */
export function folderOf(folder: string, id: QuarantineId): string {
  return join(folder, id.slice(0, 2).toLowerCase())
}

/** The file of a copy: never the original name nor its extension. */
export function fileOf(folder: string, id: QuarantineId): string {
  return join(folderOf(folder, id), `${id}.q`)
}

/** A folder of the store, for our user alone. */
export function makeStoreFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
}

function copiesIn(folder: string): QuarantineId[] {
  const found: QuarantineId[] = []
  for (const part of readdirSync(folder, { withFileTypes: true })) {
    if (part.isDirectory() && /^[0-9a-f]{2}$/.test(part.name)) found.push(...copiesInPart(join(folder, part.name)))
  }
  return found
}

function copiesInPart(folder: string): QuarantineId[] {
  const found: QuarantineId[] = []
  for (const file of readdirSync(folder, { withFileTypes: true })) {
    // Half written when the machine stopped; its original is still in place.
    if (file.name.endsWith('.part')) rmSync(join(folder, file.name), { force: true })
    else if (file.isFile() && file.name.endsWith('.q')) {
      const id = QuarantineId.safeParse(file.name.slice(0, -2))
      if (id.success) found.push(id.data)
    }
  }
  return found
}

/** A copy that the index does not know. With another key it is listed without its name, so that it can still be deleted. */
function entryOfCopy(file: string, id: QuarantineId, masterKey: Buffer): QuarantineIndexEntry | undefined {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const header = readHeader(fd)
    const known = metadataOf(fd, id, masterKey)
    return {
      version: 1,
      kind: 'stored',
      id,
      detectionId: header.detectionId,
      path: known?.path ?? { text: '?' },
      threat: known?.threats[0] ?? '?',
      sizeBytes: header.sizeBytes,
      storeBytes: fstatSync(fd).size,
      storedAt: header.storedAt,
      origin: known?.origin ?? { kind: 'local' },
    }
  } catch (error) {
    // No header at all: not a copy that anything could be done with, left where it is.
    if (error instanceof ProductError) return undefined
    throw error
  } finally {
    closeSync(fd)
  }
}

function metadataOf(
  fd: number,
  id: QuarantineId,
  masterKey: Buffer,
): ReturnType<typeof openSealed>['metadata'] | undefined {
  try {
    return openSealed(fd, id, masterKey).metadata
  } catch (error) {
    if (error instanceof ProductError) return undefined
    throw error
  }
}
