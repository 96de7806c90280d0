// The files that hold compiled rules beside the product's data, one for each generation of rules and backend.
// Never gives a stored form that somebody else could have written, or whose own digest does not fit.
import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { CompiledForms } from '../detect/pattern-engine.ts'
import { writeAtomically } from '../files/atomic-write.ts'
import { formsOf, partsOf, type Shared } from './compiled-parts.ts'

const Head = z.strictObject({
  rules: z.number().int().nonnegative(),
  rejected: z.array(z.strictObject({ file: z.string(), line: z.number(), problem: z.string() })),
  /** What the compiled forms consist of, in the order in which it follows. */
  parts: z.array(z.strictObject({ name: z.string(), bytes: z.number().int().nonnegative() })),
})
type Head = z.infer<typeof Head>

export interface StoredRules extends Omit<Head, 'parts'> {
  readonly forms: CompiledForms
  readonly aboutWhole: Shared
}

export interface CompiledRulesFile {
  read(): StoredRules | null
  /** False when it cannot be kept: that costs time at the next start, nothing else. */
  write(rules: StoredRules): boolean
  /** How many processes began to compile these rules and never came to an end. */
  unfinished(): number
  /** Notes that this process begins to compile; `write` takes the note away. */
  begin(): void
}

const suffix = '.rules'
const triesSuffix = '.tries'
const keptGenerations = 3
const digestBytes = 32
const wholePart = 'about-whole'
/** Digest, and length of the head. */
const fixedBytes = digestBytes + 4
/** A machine may have been short of memory: after so long it is tried again. */
const triesAreKeptMs = 24 * 3_600_000

/** `dir` is made with mode 0700; `key` names the generation. */
export function compiledRulesFile(dir: string, key: string): CompiledRulesFile {
  const file = join(dir, key + suffix)
  const tries = join(dir, key + triesSuffix)
  return {
    read: () => readStored(file),
    write: (rules) => {
      const isKept = store(dir, file, rules)
      forget(tries)
      return isKept
    },
    unfinished: () => countOf(tries),
    begin: () => note(dir, tries),
  }
}

/**
 * Layout: SHA-256 of what follows, length of the head, head as JSON, compiled rules. Read straight into the memory that
 * threads share: a copy beside it would stay until somebody collects it.
 */
function readStored(file: string): StoredRules | null {
  let fd: number | undefined
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
    const stat = fstatSync(fd)
    // SECURITY: the backend trusts what it deserialises, so the file must be ours alone.
    if (!stat.isFile() || stat.uid !== process.getuid?.() || (stat.mode & 0o022) !== 0) return null
    const fixed = readInto(fd, Buffer.alloc(fixedBytes), 0)
    const headBytes = fixed.readUInt32BE(digestBytes)
    if (fixedBytes + headBytes > stat.size) return null
    const json = readInto(fd, Buffer.alloc(headBytes), fixedBytes)
    const { parts, ...head } = Head.parse(JSON.parse(json.toString('utf8')))
    const sum = parts.reduce((all, { bytes }) => all + bytes, fixedBytes + headBytes)
    if (sum !== stat.size) return null
    const hash = createHash('sha256').update(fixed.subarray(digestBytes)).update(json)
    const pieces = new Map<string, Uint8Array<SharedArrayBuffer>>()
    let at = fixedBytes + headBytes
    for (const { name, bytes } of parts) {
      const piece = readInto(fd, new Uint8Array(new SharedArrayBuffer(bytes)), at)
      hash.update(piece)
      pieces.set(name, piece)
      at += bytes
    }
    if (!hash.digest().equals(fixed.subarray(0, digestBytes))) return null
    const aboutWhole = pieces.get(wholePart)
    if (aboutWhole === undefined) return null
    pieces.delete(wholePart)
    return { ...head, forms: formsOf(pieces), aboutWhole }
  } catch {
    return null
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** Fills it. Throws when the file has less. */
function readInto<T extends Uint8Array>(fd: number, into: T, at: number): T {
  if (into.length > 0 && readSync(fd, into, 0, into.length, at) !== into.length) throw new Error('cut')
  return into
}

function store(dir: string, file: string, { forms, aboutWhole, ...head }: StoredRules): boolean {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const pieces = [...partsOf(forms), { name: wholePart, bytes: aboutWhole }]
    const parts = pieces.map(({ name, bytes }) => ({ name, bytes: bytes.length }))
    const json = Buffer.from(JSON.stringify({ ...head, parts } satisfies Head))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(json.length)
    const content = Buffer.concat([length, json, ...pieces.map(({ bytes }) => bytes)])
    writeAtomically(file, Buffer.concat([createHash('sha256').update(content).digest(), content]))
    removeOld(dir)
    return true
  } catch {
    return false
  }
}

/** One byte for each try. */
function countOf(file: string): number {
  try {
    const { size, mtimeMs } = lstatSync(file)
    if (Date.now() - mtimeMs < triesAreKeptMs) return size
    rmSync(file, { force: true })
    return 0
  } catch {
    return 0
  }
}

function note(dir: string, file: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    writeFileSync(file, '.', { flag: 'a', mode: 0o600 })
  } catch {
    // Where nothing can be kept, the supervisor's own count of crashes stands behind it.
  }
}

function forget(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // It was not there, or expires.
  }
}

function removeOld(dir: string): void {
  const names = readdirSync(dir)
  const files = names
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(dir, name))
    .sort((a, b) => lstatSync(b).mtimeMs - lstatSync(a).mtimeMs)
  for (const file of files.slice(keptGenerations)) rmSync(file, { force: true })
}
