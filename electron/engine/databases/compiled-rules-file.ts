// The files that hold compiled rules beside the product's data, one for each generation of rules and backend.
// Never gives a stored form that somebody else could have written, or whose own digest does not fit, and never writes the text of
// a rule as it is: rules would find themselves in it.
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

/** More than one byte: rules may look for texts under each mask of one byte. */
const mask = Uint8Array.of(0xa7, 0x3c, 0xd1, 0x58)

/**
 * Layout: SHA-256 of what follows, length of the head, head as JSON, parts of the compiled rules; head and parts masked. Read
 * straight into the memory that threads share: a copy beside it would stay until somebody collects it.
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
    const { parts, ...head } = Head.parse(JSON.parse(masked(Buffer.from(json)).toString('utf8')))
    const sum = parts.reduce((all, { bytes }) => all + bytes, fixedBytes + headBytes)
    if (sum !== stat.size) return null
    const hash = createHash('sha256').update(fixed.subarray(digestBytes)).update(json)
    const pieces = new Map<string, Uint8Array<SharedArrayBuffer>>()
    let at = fixedBytes + headBytes
    for (const { name, bytes } of parts) {
      const piece = readInto(fd, new Uint8Array(new SharedArrayBuffer(bytes)), at)
      hash.update(piece)
      pieces.set(name, masked(piece))
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

/** Masks, or takes the mask away again: in place, from the first byte on. */
function masked<T extends Uint8Array>(bytes: T): T {
  const words = bytes.byteOffset % 4 === 0 ? bytes.length >> 2 : 0
  const wide = new Int32Array(bytes.buffer, words === 0 ? 0 : bytes.byteOffset, words)
  const [word = 0] = new Int32Array(mask.buffer)
  for (let at = 0; at < words; at += 1) wide[at] = (wide[at] ?? 0) ^ word
  for (let at = words * 4; at < bytes.length; at += 1) bytes[at] = (bytes[at] ?? 0) ^ (mask[at % 4] ?? 0)
  return bytes
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
    let at = length.length
    for (const { bytes } of [{ bytes: json.length }, ...parts]) {
      masked(content.subarray(at, at + bytes))
      at += bytes
    }
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
