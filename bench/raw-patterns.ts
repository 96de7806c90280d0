// A thread that matches every n-th file of a tree with the bare pattern engine: what no scan around it can be faster than.
// Reads all files first; the time it tells is that of matching alone.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { noVariables, type RuleSource } from '../electron/engine/detect/pattern-engine.ts'
import { compileNative, createNativeEngine } from '../electron/engine/detect/yara-native.ts'

interface Task {
  readonly tree: string
  readonly sources: readonly RuleSource[]
  readonly part: number
  readonly parts: number
}

const { tree, sources, part, parts } = workerData as Task
const { bytes } = compileNative(sources)
const compiled = new Uint8Array(new SharedArrayBuffer(bytes.length))
compiled.set(bytes)
const engine = createNativeEngine(
  {
    backend: 'native',
    rules: 0,
    failed: false,
    compiled: { all: compiled, split: null },
    sources: [],
    aboutWhole: new Uint8Array(new SharedArrayBuffer(0)),
  },
  { timeoutMs: 30_000, maxMatches: 64 },
)
const contents = readdirSync(tree)
  .filter((_name, index) => index % parts === part)
  .map((name) => readFileSync(join(tree, name)))
const started = performance.now()
for (const content of contents) engine.scan(content, noVariables)
parentPort?.postMessage(performance.now() - started)
