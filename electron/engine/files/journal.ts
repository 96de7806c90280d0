// An append-only JSONL file of the engine: every append is on disk when it returns.
// Owns the file calls; the text of the lines is shared/files/journal-lines.ts. Never interprets an entry.
import {
  appendFileSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { ProductError } from '#shared/errors.ts'
import { journalLine, parseJournal, type RejectedLine } from '#shared/files/journal-lines.ts'
import { dropHalfWritten, syncFolder, type WriteBytes, writeAtomically } from './atomic-write.ts'
import { writeAll } from './content.ts'
import { errnoOf, withProductErrors } from './fs-errors.ts'

export interface Journal<T> {
  /** Written and synced when it returns. Throws ProductError (`disk-full`, ...); the line is then not there. */
  append(entry: T): void
  /** Replaces all lines at once (compaction). A crash leaves the old lines or the new ones. */
  rewrite(entries: readonly T[]): void
  /** The same, with lines that mean no more than the old ones do: on a full disk the old ones stay, and a later start has room. */
  compact(entries: readonly T[]): void
  /** May be called twice. */
  close(): void
}

export interface OpenedJournal<T> {
  readonly journal: Journal<T>
  readonly entries: readonly T[]
  /** Lines that could not be read; they were moved to `<file>.unreadable`. */
  readonly rejected: readonly RejectedLine[]
}

/** Opens or makes a journal (mode 0600) and reads it; a torn last line is cut off. */
export function openJournal<S extends z.ZodType>(
  file: string,
  schema: S,
  write: WriteBytes = writeAll,
): OpenedJournal<z.output<S>> {
  return withProductErrors(() => {
    dropHalfWritten(file)
    const bytes = readIfThere(file)
    const whole = bytes.lastIndexOf(0x0a) + 1
    const content = parseJournal(bytes.toString('utf8'), schema)
    const lines = (entries: readonly z.output<S>[]): string =>
      entries.map((entry) => journalLine(entry, schema)).join('')
    if (content.rejected.length > 0) {
      keepAside(`${file}.unreadable`, content.rejected)
      writeAtomically(file, lines(content.entries), write)
    } else if (whole < bytes.length) cutTo(file, whole)
    const writer = new Writer(file, write)
    const journal: Journal<z.output<S>> = {
      append: (entry) => writer.append(journalLine(entry, schema)),
      rewrite: (entries) => writer.rewrite(lines(entries)),
      compact: (entries) => writer.compact(lines(entries)),
      close: () => writer.close(),
    }
    return { journal, entries: content.entries, rejected: content.rejected }
  })
}

/** The descriptor that lines are appended through, and the length up to which they are whole. */
class Writer {
  readonly #file: string
  readonly #write: WriteBytes
  #fd: number
  #length: number
  #open = true

  constructor(file: string, write: WriteBytes) {
    this.#file = file
    this.#write = write
    this.#fd = openForAppend(file)
    this.#length = readIfThere(file).length
    syncFolder(dirname(file))
  }

  append(line: string): void {
    const bytes = Buffer.from(line, 'utf8')
    withProductErrors(() => {
      try {
        this.#write(this.#fd, bytes)
        fsyncSync(this.#fd)
        this.#length += bytes.length
      } catch (error) {
        // Half a line would swallow the next one.
        ftruncateSync(this.#fd, this.#length)
        throw error
      }
    })
  }

  rewrite(text: string): void {
    try {
      writeAtomically(this.#file, text, this.#write)
    } finally {
      // Replaced or not: what is appended goes to the file that has the name.
      withProductErrors(() => {
        const fd = openForAppend(this.#file)
        closeSync(this.#fd)
        this.#fd = fd
        this.#length = fstatSync(fd).size
      })
    }
  }

  compact(text: string): void {
    try {
      this.rewrite(text)
    } catch (error) {
      if (!(error instanceof ProductError && error.code === 'disk-full')) throw error
    }
  }

  close(): void {
    // A number closed twice may belong to another file by then.
    if (this.#open) closeSync(this.#fd)
    this.#open = false
  }
}

function openForAppend(file: string): number {
  return openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o600)
}

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

function cutTo(file: string, length: number): void {
  const fd = openSync(file, constants.O_WRONLY | constants.O_NOFOLLOW)
  try {
    ftruncateSync(fd, length)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Before the journal is rewritten without them, so that a crash in between keeps them twice rather than never. */
function keepAside(file: string, rejected: readonly RejectedLine[]): void {
  appendFileSync(file, rejected.map((line) => `${line.text}\n`).join(''), { mode: 0o600, flush: true })
}
