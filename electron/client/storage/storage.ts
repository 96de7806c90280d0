// The client's data folder: where each file is, and what happens to a damaged one. A file that cannot be read is set aside
// and told about; it is never silently overwritten.
import path from 'node:path'
import type { z } from 'zod'
import { ProductError } from '#shared/errors.ts'
import { parseJournal } from '#shared/files/journal-lines.ts'
import type { Clock, LogPort } from '../ports.ts'
import type { Disk } from './disk.ts'
import { createJournal, type Journal } from './journal.ts'

export interface DamagedFile {
  readonly file: string
  readonly at: string
}

export interface Storage {
  openJournal<S extends z.ZodType>(name: string, schema: S): Promise<OpenedJournal<z.output<S>>>
  openDocument<S extends z.ZodType>(name: string, schema: S): Promise<OpenedDocument<z.output<S>>>
  /** Damaged files that were set aside since the start. */
  damaged(): readonly DamagedFile[]
  /** For what is not stored here but damaged all the same (the settings). */
  reportDamage(file: string): void
  onDamage(listener: () => void): void
}

export interface OpenedJournal<Line> {
  readonly journal: Journal<Line>
  readonly lines: readonly Line[]
}

export interface OpenedDocument<Value> {
  /** Null: there was none, or it was damaged. */
  readonly value: Value | null
  save(value: Value): Promise<void>
}

export interface StorageOptions {
  readonly dataDir: string
  readonly disk: Disk
  readonly clock: Clock
  readonly log: LogPort
}

export function createStorage({ dataDir, disk, clock, log }: StorageOptions): Storage {
  const damage: DamagedFile[] = []
  const listeners = new Set<() => void>()

  function reportDamage(file: string): void {
    damage.push({ file, at: new Date(clock.now()).toISOString() })
    log.error('data file damaged', { file })
    for (const listener of listeners) listener()
  }

  async function setAside(name: string): Promise<void> {
    await disk.setAside(path.join(dataDir, name), String(clock.now()))
    reportDamage(name)
  }

  return {
    async openJournal(name, schema) {
      const file = path.join(dataDir, name)
      const text = (await disk.read(file)) ?? ''
      const content = parseJournal(text, schema)
      const journal = createJournal(disk, file, schema)
      if (content.rejected.length > 0) {
        await setAside(name)
        await journal.rewrite(() => content.entries)
      } else if (content.torn !== '') {
        await journal.rewrite(() => content.entries)
      }
      return { journal, lines: content.entries }
    },

    async openDocument(name, schema) {
      const file = path.join(dataDir, name)
      const text = await disk.read(file)
      const value = text === null ? null : parseDocument(text, schema)
      if (text !== null && value === null) await setAside(name)
      let writing = Promise.resolve()
      return {
        value,
        save(next) {
          const done = writing.then(() => disk.replace(file, `${JSON.stringify(schema.parse(next))}\n`))
          writing = done.catch(() => undefined)
          return done.catch((error: unknown) => {
            throw new ProductError('io-error', name, { cause: error })
          })
        },
      }
    },

    damaged: () => damage,
    reportDamage,
    onDamage: (listener) => {
      listeners.add(listener)
    },
  }
}

function parseDocument<S extends z.ZodType>(text: string, schema: S): z.output<S> | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
