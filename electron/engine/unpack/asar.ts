// Opens the archives that Electron's programs are kept in (asar): a list of files in JSON, then the files as they are.
// Never believes a place that lies outside; what is marked as lying beside the archive is not in it.
import type { Format } from '../identify/identify.ts'
import type { Member, Unpacker } from './unpacker.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['asar'])
const listAt = 16
/** That of the largest programs has a few megabytes. */
const longestList = 32 * 1024 * 1024

type Entries = Readonly<Record<string, unknown>>

export const asarUnpacker: Unpacker = {
  formats,
  unpack: async function* ({ bytes, budget }) {
    const length = bytes.readUInt32LE(12)
    const base = 8 + bytes.readUInt32LE(4)
    if (length > longestList) return yield { kind: 'problem', reason: 'too-big' }
    if (listAt + length > bytes.length) return yield { kind: 'problem', reason: 'truncated' }
    const list = filesIn(parsed(bytes.toString('utf8', listAt, listAt + length)))
    if (list === null) return yield { kind: 'problem', reason: 'corrupt' }
    // The folders that are still to be looked at; the last one first.
    const folders: [path: string, entries: Entries][] = [['', list]]
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const [path, entries] = folder
      for (const [name, entry] of Object.entries(entries)) {
        if (budget.isOverTime()) return yield { kind: 'problem', reason: 'time-limit' }
        const files = filesIn(entry)
        if (files === null) yield* memberAt(`${path}${name}`, entry, bytes.subarray(base))
        else folders.push([`${path}${name}/`.slice(0, longestPath), files])
      }
    }
  },
}

const longestPath = 4096

function* memberAt(path: string, entry: unknown, data: Buffer): Generator<Member> {
  if (!isRecord(entry) || 'link' in entry || entry.unpacked === true) return
  const name = Buffer.from(path)
  const [from, size] = [Number(entry.offset), Number(entry.size)]
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(size) || from < 0 || size < 0)
    return yield { kind: 'skipped', name, reason: 'corrupt' }
  const bytes = data.subarray(from, from + size)
  yield bytes.length < size ? { kind: 'content', name, bytes, problem: 'truncated' } : { kind: 'content', name, bytes }
}

function filesIn(entry: unknown): Entries | null {
  return isRecord(entry) && isRecord(entry.files) ? entry.files : null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
