// The files that hold compiled rules beside the product's data, one for each generation of rules and backend.
// Never gives a stored form that somebody else could have written, or whose own digest does not fit.
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { CompiledForms } from '../detect/pattern-engine.ts'
import { writeAtomically } from '../files/atomic-write.ts'
import { formsOf, partsOf, shared } from './compiled-parts.ts'

const Head = z.strictObject({
  rules: z.number().int().nonnegative(),
  rejected: z.array(z.strictObject({ file: z.string(), line: z.number(), problem: z.string() })),
  /** What the compiled forms consist of, in the order in which it follows. */
  parts: z.array(z.strictObject({ name: z.string(), bytes: z.number().int().nonnegative() })),
})
type Head = z.infer<typeof Head>

export interface StoredRules extends Omit<Head, 'parts'> {
  readonly forms: CompiledForms
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

/** Layout: SHA-256 of what follows, length of the head, head as JSON, compiled rules. */
function readStored(file: string): StoredRules | null {
  try {
    const stat = lstatSync(file)
    // SECURITY: the backend trusts what it deserialises, so the file must be ours alone.
    if (!stat.isFile() || stat.uid !== process.getuid?.() || (stat.mode & 0o022) !== 0) return null
    const bytes = readFileSync(file)
    const content = bytes.subarray(32)
    if (!createHash('sha256').update(content).digest().equals(bytes.subarray(0, 32))) return null
    const length = content.readUInt32BE(0)
    const { parts, ...head } = Head.parse(JSON.parse(content.toString('utf8', 4, 4 + length)))
    const pieces = new Map<string, Uint8Array<SharedArrayBuffer>>()
    let at = 4 + length
    for (const { name, bytes: size } of parts) {
      pieces.set(name, shared(content.subarray(at, at + size)))
      at += size
    }
    return { ...head, forms: formsOf(pieces) }
  } catch {
    return null
  }
}

function store(dir: string, file: string, { forms, ...head }: StoredRules): boolean {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const pieces = partsOf(forms)
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
