// The text of append-only journals: one JSON object a line, checked by one schema. Node-free, so engine and client share it.
// Never touches a file: each layer has its own few lines of file calls.
import type { z } from 'zod'

/** A line that is not what the schema asks for. `line` counts from 1. */
export interface RejectedLine {
  readonly line: number
  readonly text: string
  readonly problem: string
}

export interface JournalContent<T> {
  readonly entries: readonly T[]
  /** Whole lines that cannot be read: to be reported and kept aside. */
  readonly rejected: readonly RejectedLine[]
  /** What follows the last line end: a line that was being written when the machine stopped. Dropped. */
  readonly torn: string
}

/** Reads the whole text of a journal. Never throws. */
export function parseJournal<S extends z.ZodType>(text: string, schema: S): JournalContent<z.output<S>> {
  const lines = text.split('\n')
  const torn = lines.pop() ?? ''
  const entries: z.output<S>[] = []
  const rejected: RejectedLine[] = []
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    const read = parseLine(line, schema)
    if (read.ok) entries.push(read.entry)
    else rejected.push({ line: index + 1, text: line, problem: read.problem })
  }
  return { entries, rejected, torn }
}

/** The line of one entry, with its line end. Throws ZodError when the entry is not what the schema asks for: a bug. */
export function journalLine<S extends z.ZodType>(entry: z.output<S>, schema: S): string {
  return `${JSON.stringify(schema.parse(entry))}\n`
}

type ReadLine<T> = { readonly ok: true; readonly entry: T } | { readonly ok: false; readonly problem: string }

function parseLine<S extends z.ZodType>(line: string, schema: S): ReadLine<z.output<S>> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { ok: false, problem: 'not JSON' }
  }
  const result = schema.safeParse(value)
  if (result.success) return { ok: true, entry: result.data }
  const issue = result.error.issues[0]
  return { ok: false, problem: issue === undefined ? 'invalid' : `${issue.path.join('.')}: ${issue.message}` }
}
