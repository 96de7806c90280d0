// Compiles rule sources and keeps the compiled form beside the product's data, keyed by content and backend version.
// Never loads a stored form that somebody else could have written, or whose own digest does not fit.
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { preferredBackend } from '../detect/pattern-backends.ts'
import type { PatternBackend, RuleSet, RuleSource } from '../detect/pattern-engine.ts'
import { compileNative, nativeVersion } from '../detect/yara-native.ts'
import { checkWasm, wasmVersion } from '../detect/yara-wasm.ts'
import { writeAtomically } from '../files/atomic-write.ts'
import type { Rejected } from './signature-text.ts'

export interface CompiledRules {
  readonly rules: RuleSet
  readonly rejected: readonly Rejected[]
}

const StoredHead = z.strictObject({
  rules: z.number().int().nonnegative(),
  rejected: z.array(z.strictObject({ file: z.string(), line: z.number(), problem: z.string() })),
})
type StoredHead = z.infer<typeof StoredHead>

const suffix = '.rules'
const keptGenerations = 3
const none: RuleSet = { backend: 'none', rules: 0, failed: false, compiled: null, sources: [] }

/** `storeDir`: where compiled rules are kept (made with mode 0700); without it they are compiled each time. */
export async function compileRules(
  sources: readonly RuleSource[],
  storeDir?: string,
  backend?: PatternBackend,
): Promise<CompiledRules> {
  if (sources.length === 0) return { rules: none, rejected: [] }
  try {
    return (backend ?? preferredBackend()) === 'native' ? native(sources, storeDir) : await wasm(sources)
  } catch (error) {
    const problem = `no pattern engine: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown error'}`
    return {
      rules: { ...none, failed: true },
      rejected: sources.map(({ namespace }) => ({ file: namespace, line: 0, problem })),
    }
  }
}

function native(sources: readonly RuleSource[], storeDir: string | undefined): CompiledRules {
  const file = storeDir === undefined ? undefined : join(storeDir, keyOf(sources) + suffix)
  const stored = file === undefined ? null : readStored(file)
  if (stored !== null) return setOf(stored.head, stored.compiled)
  const compiled = compileNative(sources)
  const head: StoredHead = {
    rules: Math.max(0, countRules(sources) - compiled.ignored - countBroken(sources, compiled.problems)),
    rejected: [...compiled.problems],
  }
  if (file !== undefined && storeDir !== undefined) store(storeDir, file, head, compiled.bytes)
  return setOf(head, compiled.bytes)
}

function setOf(head: StoredHead, bytes: Buffer): CompiledRules {
  const compiled = new Uint8Array(new SharedArrayBuffer(bytes.length))
  compiled.set(bytes)
  return {
    rules: { backend: 'native', rules: head.rules, failed: false, compiled, sources: [] },
    rejected: head.rejected,
  }
}

async function wasm(sources: readonly RuleSource[]): Promise<CompiledRules> {
  const rejected = await checkWasm(sources)
  const bad = new Set(rejected.map(({ file }) => file))
  const good = sources.filter(({ namespace }) => !bad.has(namespace))
  return { rules: { backend: 'wasm', rules: countRules(good), failed: false, compiled: null, sources: good }, rejected }
}

const ruleHead = /^[ \t]*(?:(?:private|global)\s+)*rule\s+[A-Za-z_]\w*/gm

function countRules(sources: readonly RuleSource[]): number {
  return sources.reduce((sum, { source }) => sum + (source.match(ruleHead)?.length ?? 0), 0)
}

/** Rules that a syntax error ended: the backend drops each, goes on with the next, and does not list it as ignored. */
function countBroken(sources: readonly RuleSource[], problems: readonly Rejected[]): number {
  const broken = problems.filter(({ problem }) => problem.startsWith('error[E001]'))
  if (broken.length === 0) return 0
  return sources.reduce((sum, { namespace, source }) => {
    const errors = broken.filter(({ file }) => file === namespace)
    return errors.length === 0 ? sum : sum + new Set(errors.map(({ line }) => ruleAround(source, line))).size
  }, 0)
}

/** Number of the last rule that begins at or before a line (1 = the first line). */
function ruleAround(source: string, line: number): number {
  return source.split('\n', line).join('\n').match(ruleHead)?.length ?? 0
}

function keyOf(sources: readonly RuleSource[]): string {
  const hash = createHash('sha256').update(`${nativeVersion() ?? ''}\0${wasmVersion()}\0`)
  for (const { namespace, source } of sources) {
    hash.update(`${Buffer.byteLength(namespace)}:${namespace}:${Buffer.byteLength(source)}:`).update(source)
  }
  return hash.digest('hex')
}

/** Layout: SHA-256 of what follows, length of the head, head as JSON, compiled rules. */
function readStored(file: string): { head: StoredHead; compiled: Buffer } | null {
  try {
    const stat = lstatSync(file)
    // SECURITY: the backend trusts what it deserialises, so the file must be ours alone.
    if (!stat.isFile() || stat.uid !== process.getuid?.() || (stat.mode & 0o022) !== 0) return null
    const bytes = readFileSync(file)
    const content = bytes.subarray(32)
    if (!createHash('sha256').update(content).digest().equals(bytes.subarray(0, 32))) return null
    const length = content.readUInt32BE(0)
    const head = StoredHead.parse(JSON.parse(content.toString('utf8', 4, 4 + length)))
    return { head, compiled: content.subarray(4 + length) }
  } catch {
    return null
  }
}

/** A store that cannot be written costs time at the next start, nothing else. */
function store(storeDir: string, file: string, head: StoredHead, compiled: Buffer): void {
  try {
    mkdirSync(storeDir, { recursive: true, mode: 0o700 })
    const json = Buffer.from(JSON.stringify(head))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(json.length)
    const content = Buffer.concat([length, json, compiled])
    writeAtomically(file, Buffer.concat([createHash('sha256').update(content).digest(), content]))
    removeOld(storeDir)
  } catch {
    return
  }
}

function removeOld(storeDir: string): void {
  const files = readdirSync(storeDir)
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(storeDir, name))
    .sort((a, b) => lstatSync(b).mtimeMs - lstatSync(a).mtimeMs)
  for (const file of files.slice(keptGenerations)) rmSync(file, { force: true })
}
