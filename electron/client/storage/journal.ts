// One append-only journal. Lines that are asked for at the same time share one durable write; order is kept.
// Never reads: storage.ts loads what is there.
import type { z } from 'zod'
import { ProductError } from '#shared/errors.ts'
import { journalLine } from '#shared/files/journal-lines.ts'
import type { Disk } from './disk.ts'

export interface Journal<Line> {
  /** Resolves when the lines are safely on disk. */
  append(...lines: readonly Line[]): Promise<void>
  /** Replaces the journal by fewer lines that mean the same; they are asked for when the write begins. */
  rewrite(lines: () => readonly Line[]): Promise<void>
  /** Lines written since the last rewrite. */
  readonly grown: number
}

interface Waiting {
  readonly text: string
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export function createJournal<S extends z.ZodType>(disk: Disk, file: string, schema: S): Journal<z.output<S>> {
  let waiting: Waiting[] = []
  let chain = Promise.resolve()
  let grown = 0

  async function flush(): Promise<void> {
    const batch = waiting
    if (batch.length === 0) return
    waiting = []
    try {
      await disk.append(file, batch.map((entry) => entry.text).join(''))
      for (const entry of batch) entry.resolve()
    } catch (error) {
      for (const entry of batch) entry.reject(storageError(error))
    }
  }

  return {
    append(...lines) {
      if (lines.length === 0) return Promise.resolve()
      grown += lines.length
      const text = lines.map((line) => journalLine(line, schema)).join('')
      return new Promise<void>((resolve, reject) => {
        waiting.push({ text, resolve, reject })
        chain = chain.then(flush)
      })
    },
    rewrite(lines) {
      const done = chain.then(() => {
        grown = 0
        return disk.replace(
          file,
          lines()
            .map((line) => journalLine(line, schema))
            .join(''),
        )
      })
      chain = done.catch(() => undefined)
      return done.catch((error: unknown) => {
        throw storageError(error)
      })
    },
    get grown() {
      return grown
    },
  }
}

function storageError(error: unknown): ProductError {
  const full = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
  return new ProductError(full ? 'disk-full' : 'io-error', undefined, { cause: error })
}
