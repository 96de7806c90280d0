// The list of copies: a journal that is checked against the folder at every start and rebuilt from the copies themselves
// where it is missing, wrong or cannot be read. Never reads the content of a copy.
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import { parseJournal } from '#shared/files/journal-lines.ts'
import {
  type QuarantineIndexEntry,
  QuarantineIndexLine,
  type QuarantineMetadata,
} from '#shared/files/quarantine-file.ts'
import type { WriteBytes } from '../files/atomic-write.ts'
import { writeAll } from '../files/content.ts'
import { withProductErrors } from '../files/fs-errors.ts'
import { type Journal, openJournal } from '../files/journal.ts'
import { keyIdOf, openSealed, readHeader } from './seal.ts'

export interface OpenedIndex {
  /** Oldest first. */
  readonly entries: ReadonlyMap<QuarantineId, QuarantineIndexEntry>
  /** Room that all copies take, bytes. */
  storeBytes(): number
  /** Adds a copy or replaces what is said of it; on disk when it returns. Throws ProductError; then nothing changed. */
  set(entry: QuarantineIndexEntry): void
  /** For a copy whose file is gone. Never fails: at the next start a line without a file is dropped anyway. */
  remove(id: QuarantineId): void
  close(): void
}

export interface IndexOptions {
  readonly folder: string
  readonly masterKey: Buffer
  readonly write?: WriteBytes
}

/**
 * Reads the index, removes half-written copies, and makes index and folder agree. An index that may not be written is used as
 * far as it can be read. Throws errno errors when the folder cannot be listed.
 */
export function openIndex(options: IndexOptions): OpenedIndex {
  const { journal, lines } = openLines(options)
  try {
    const listed = new Map<QuarantineId, QuarantineIndexEntry>()
    for (const line of lines) {
      if (line.kind === 'stored') listed.set(line.id, line)
      else listed.delete(line.id)
    }
    const entries = entriesFor(copiesIn(options.folder, listed), listed, options)
    const isExact = lines.length === entries.size && [...entries.keys()].every((id) => listed.has(id))
    return new FileIndex(options, { journal, entries, isExact })
  } catch (error) {
    journal?.close()
    throw error
  }
}

interface IndexState {
  /** Undefined: it may not be written. */
  readonly journal: Journal<QuarantineIndexLine> | undefined
  readonly entries: Map<QuarantineId, QuarantineIndexEntry>
  /** The file says just that. */
  readonly isExact: boolean
}

class FileIndex implements OpenedIndex {
  readonly entries: Map<QuarantineId, QuarantineIndexEntry>
  readonly #options: IndexOptions
  #journal: Journal<QuarantineIndexLine> | undefined
  #isExact: boolean
  #storeBytes = 0

  constructor(options: IndexOptions, { journal, entries, isExact }: IndexState) {
    this.#options = options
    this.#journal = journal
    this.#isExact = isExact
    this.entries = entries
    for (const { storeBytes } of entries.values()) this.#storeBytes += storeBytes
    attempt(() => this.#writable())
  }

  storeBytes(): number {
    return this.#storeBytes
  }

  set(entry: QuarantineIndexEntry): void {
    this.#writable().append(entry)
    this.#storeBytes += entry.storeBytes - (this.entries.get(entry.id)?.storeBytes ?? 0)
    this.entries.set(entry.id, entry)
  }

  remove(id: QuarantineId): void {
    this.#storeBytes -= this.entries.get(id)?.storeBytes ?? 0
    this.entries.delete(id)
    attempt(() => this.#writable().append({ version: 1, kind: 'deleted', id }))
  }

  close(): void {
    this.#journal?.close()
  }

  /** What kept it from being written may be over by now. */
  #writable(): Journal<QuarantineIndexLine> {
    const journal = this.#journal ?? openFile(this.#options).journal
    this.#journal = journal
    if (!this.#isExact) journal.rewrite([...this.entries.values()])
    this.#isExact = true
    return journal
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

interface OpenedLines {
  readonly journal: Journal<QuarantineIndexLine> | undefined
  readonly lines: readonly QuarantineIndexLine[]
}

/** An index that cannot be read at all is set aside; the copies say what was in it. */
function openLines(options: IndexOptions): OpenedLines {
  const opened = attempt(() => openFile(options))
  if (opened !== undefined) return opened
  const file = indexFile(options)
  const text = attempt(() => withProductErrors(() => readFileSync(file, 'utf8')))
  if (text !== undefined) return { journal: undefined, lines: parseJournal(text, QuarantineIndexLine).entries }
  attempt(() => withProductErrors(() => renameSync(file, `${file}.unreadable-${Date.now()}`)))
  return attempt(() => openFile(options)) ?? { journal: undefined, lines: [] }
}

function openFile(options: IndexOptions): OpenedLines & { readonly journal: Journal<QuarantineIndexLine> } {
  const { journal, entries } = openJournal(indexFile(options), QuarantineIndexLine, options.write ?? writeAll)
  return { journal, lines: entries }
}

function indexFile({ folder }: IndexOptions): string {
  return join(folder, 'index.jsonl')
}

function entriesFor(
  ids: readonly QuarantineId[],
  listed: ReadonlyMap<QuarantineId, QuarantineIndexEntry>,
  { folder, masterKey }: IndexOptions,
): Map<QuarantineId, QuarantineIndexEntry> {
  const entries = ids.map((id) => listed.get(id) ?? entryOfCopy(fileOf(folder, id), id, masterKey))
  entries.sort((a, b) => (a.storedAt < b.storedAt ? -1 : a.storedAt > b.storedAt ? 1 : 0))
  return new Map(entries.map((entry) => [entry.id, entry]))
}

/** What is half written is removed: its original is still in place. A folder that cannot be read keeps what was listed. */
function copiesIn(folder: string, listed: ReadonlyMap<QuarantineId, unknown>): QuarantineId[] {
  const found: QuarantineId[] = []
  for (const part of readdirSync(folder, { withFileTypes: true })) {
    if (part.isDirectory() && /^[0-9a-f]{2}$/.test(part.name)) {
      const ids = copiesInPart(join(folder, part.name))
      found.push(...(ids ?? [...listed.keys()].filter((id) => id.toLowerCase().startsWith(part.name))))
    } else if (part.name.endsWith('.part')) removeIfPossible(join(folder, part.name))
  }
  return found
}

function copiesInPart(folder: string): QuarantineId[] | undefined {
  const files = attempt(() => withProductErrors(() => readdirSync(folder, { withFileTypes: true })))
  return files?.flatMap((file) => {
    if (file.name.endsWith('.part')) removeIfPossible(join(folder, file.name))
    if (!file.isFile() || !file.name.endsWith('.q')) return []
    const id = QuarantineId.safeParse(file.name.slice(0, -2))
    return id.success ? [id.data] : []
  })
}

/** Left for another start where that fails: it is in nobody's way. */
function removeIfPossible(path: string): void {
  attempt(() => withProductErrors(() => rmSync(path, { force: true })))
}

/**
 * A copy that the index does not know. With another key, or damaged, it is listed without its name, so that it can still be
 * deleted.
 */
function entryOfCopy(file: string, id: QuarantineId, masterKey: Buffer): QuarantineIndexEntry {
  const { size: storeBytes, mtime } = lstatSync(file)
  const unknown: QuarantineIndexEntry = {
    version: 1,
    kind: 'stored',
    id,
    detectionId: DetectionId.parse(id),
    path: { text: '?' },
    threat: '?',
    sizeBytes: 0,
    storeBytes,
    storedAt: mtime.toISOString(),
    origin: { kind: 'local' },
  }
  const lost: QuarantineIndexEntry = { ...unknown, damaged: true }
  const fd = attempt(() => withProductErrors(() => openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)))
  if (fd === undefined) return lost
  try {
    const header = attempt(() => readHeader(fd))
    if (header === undefined) return lost
    const { detectionId, sizeBytes, storedAt, keyId } = header
    const entry = { ...unknown, detectionId, sizeBytes, storedAt, keyId }
    const metadata = attempt(() => openSealed(fd, id, masterKey).metadata)
    if (metadata === undefined) return keyId === keyIdOf(masterKey) ? { ...entry, damaged: true } : entry
    const { path, threats, origin, copyOf } = metadata
    return { ...entry, path, threat: threats[0] ?? '?', origin, ...(copyOf === undefined ? {} : { copyOf }) }
  } finally {
    closeSync(fd)
  }
}

/** Undefined for an expected failure. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (error instanceof ProductError) return undefined
    throw error
  }
}

type StoredCopy = { readonly metadata: QuarantineMetadata } & Pick<QuarantineIndexEntry, 'id' | 'detectionId'>

/** The line of a copy that was just stored. */
export function indexEntry(order: StoredCopy, storedAt: string, storeBytes: number): QuarantineIndexEntry {
  return {
    version: 1,
    kind: 'stored',
    id: order.id,
    detectionId: order.detectionId,
    path: order.metadata.path,
    threat: order.metadata.threats[0] ?? '',
    sizeBytes: order.metadata.identity.size,
    storeBytes,
    storedAt,
    origin: order.metadata.origin,
    lookedWith: order.metadata.databaseVersion,
    ...(order.metadata.copyOf === undefined ? {} : { copyOf: order.metadata.copyOf }),
  }
}
