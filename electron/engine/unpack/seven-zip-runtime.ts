// One 7-Zip in WebAssembly with its own memory file system: runs a command, bounds what it writes, forgets the traces.
// It sees no file of the machine. After an abort, an error or a large archive it is not to be used again: `isBroken` says so.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Budget } from './budget.ts'

interface MemoryNode {
  readonly mode: number
  contents: ArrayBufferView<ArrayBuffer> | Record<string, MemoryNode> | null
  readonly usedBytes?: number
  readonly stream_ops: { read: (...given: unknown[]) => unknown; write: (...given: unknown[]) => unknown }
  readonly node_ops: { setattr: (node: MemoryNode, change: { size?: number }) => void }
}

interface MemoryFileSystem {
  writeFile(path: string, bytes: Uint8Array, options?: { canOwn?: boolean }): void
  lookupPath(path: string, options?: { follow?: boolean }): { node: MemoryNode }
  isFile(mode: number): boolean
  isDir(mode: number): boolean
  readdir(path: string): string[]
  mkdir(path: string): void
  rmdir(path: string): void
  unlink(path: string): void
}

interface SevenZipModule {
  readonly FS: MemoryFileSystem
  callMain(commandLine: string[]): number | undefined
}

interface SevenZipOptions {
  print(line: string): void
  printErr(line: string): void
  instantiateWasm(imports: object, receive: (instance: Instance) => void): void
}

interface Instance {
  readonly exports: unknown
}

/** What is used of the global of this name, which the types of Node 20 do not know. */
interface WebAssemblyGlobal {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => Instance
}

type SevenZipFactory = (options: SevenZipOptions) => Promise<SevenZipModule>

/** What is used of the program itself, beside its file system. */
interface Machine {
  readonly memory: { readonly buffer: ArrayBuffer }
  emscripten_stack_get_current(): number
  _emscripten_stack_restore(stack: number): void
}

/** Thrown through 7-Zip to stop it at once. */
class Stop extends Error {}

export interface Run {
  /** 7-Zip's exit code; null when it did not come back by itself. */
  readonly code: number | null
  readonly lines: readonly string[]
  readonly errors: readonly string[]
  /** Which bound it ran into. */
  readonly stopped?: 'bomb' | 'too-big' | 'time-limit'
}

export interface ExtractedFile {
  /** Name inside of the archive, folders joined by `/`. */
  readonly name: string
  readonly bytes: Buffer
}

const packages = createRequire(import.meta.url)
/** Its memory never shrinks: an instance that has more than this is dropped. At the beginning it has 17 MB. */
const keptMemoryBytes = 32 * 1024 * 1024

const largeBytes = 8 * 1024 * 1024
const growth = 8

const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal }
let compiled: object | undefined

export class SevenZip {
  isBroken = false
  private lines: string[] = []
  private errors: string[] = []
  /** Bytes of the files that the last run made. */
  written = 0
  private limit: { budget: Budget; packed: number; bytes: number } | undefined
  private stopped: Run['stopped']
  private readonly module: SevenZipModule
  private readonly machine: Machine

  /** A ready instance. Takes about 4 ms (the first one 15); it can be used again and again until it is broken. */
  static async create(): Promise<SevenZip> {
    const factory = packages('7z-wasm') as SevenZipFactory
    const output: { line(text: string): void; error(text: string): void } = { line: () => {}, error: () => {} }
    let machine: Machine | undefined
    const module = await factory({
      print: (text) => output.line(text),
      printErr: (text) => output.error(text),
      instantiateWasm: (imports, receive) => {
        const made = new wasm.Instance(program(), imports)
        machine = made.exports as Machine
        receive(made)
      },
    })
    if (machine === undefined) throw new Error('7-Zip was not started')
    const instance = new SevenZip(module, machine)
    output.line = (text) => instance.keep(instance.lines, text)
    output.error = (text) => instance.keep(instance.errors, text)
    return instance
  }

  private constructor(module: SevenZipModule, machine: Machine) {
    this.module = module
    this.machine = machine
    this.hookStreams()
  }

  /** Runs `command` with the archive as `/in`. All it writes counts against the budget. */
  run(command: readonly string[], archive: Buffer, budget: Budget): Run {
    const { FS } = this.module
    this.lines = []
    this.errors = []
    this.written = 0
    this.stopped = undefined
    this.limit = undefined
    FS.writeFile('/in', archive)
    // The archive is there twice while it is opened.
    const room = Math.max(0, budget.roomToHold() - archive.length)
    this.limit = { budget, packed: archive.length, bytes: Math.min(budget.room(), budget.limits.extractBytes, room) }
    const code = this.call([...command, '/in'])
    // What it was wrong about once may have left traces that the next archive would be judged by. A warning is no error.
    if (code === null || code > 1 || this.machine.memory.buffer.byteLength > keptMemoryBytes) this.isBroken = true
    this.limit = undefined
    FS.unlink('/in')
    const run = { code, lines: this.lines, errors: this.errors }
    return this.stopped === undefined ? run : { ...run, stopped: this.stopped }
  }

  /** Its exit code; null when it was stopped or trapped, after which it is never usable again. */
  private call(commandLine: string[]): number | null {
    // It ends by an exception from the middle of itself: without this each run would leave its part of the stack behind, and
    // after some 200 of them the stack would grow into its data.
    const stack = this.machine.emscripten_stack_get_current()
    // It takes this process for its own.
    const exitCode = process.exitCode
    try {
      return this.module.callMain(commandLine) ?? null
    } catch {
      // Our own stop, a number for header-encrypted 7z, or a trap inside.
      return null
    } finally {
      process.exitCode = exitCode
      this.machine._emscripten_stack_restore(stack)
    }
  }

  /** Takes the files below `/out` one by one, in order of their names, and removes them. Links are left out. */
  *takeFiles(folder = '/out'): Generator<ExtractedFile> {
    const { FS } = this.module
    let names: string[]
    try {
      names = FS.readdir(folder).filter((name) => name !== '.' && name !== '..')
    } catch {
      return
    }
    for (const name of names.sort()) {
      const path = `${folder}/${name}`
      const { node } = FS.lookupPath(path, { follow: false })
      if (FS.isDir(node.mode)) yield* this.takeFiles(path)
      else {
        if (FS.isFile(node.mode)) yield { name: path.slice('/out/'.length), bytes: contentOf(node) }
        FS.unlink(path)
      }
    }
    if (folder !== '/out') FS.rmdir(folder)
  }

  private keep(list: string[], text: string): void {
    if (list.length < 100_000) list.push(text)
  }

  /** All files of the memory file system share these functions. */
  private hookStreams(): void {
    const { FS } = this.module
    FS.writeFile('/probe', new Uint8Array(1))
    const { stream_ops: streams, node_ops: nodes } = FS.lookupPath('/probe').node
    FS.unlink('/probe')
    const { read, write } = streams
    const setattr = nodes.setattr
    streams.read = (...given) => {
      // It may look for the beginning of an archive for minutes without writing anything.
      this.check(0)
      return read(...given)
    }
    streams.write = (...given) => {
      this.count(Number(given[3]))
      const { node } = given[0] as { node: MemoryNode }
      this.reserve(node, Number(given[4]) + Number(given[3]))
      return write(...given)
    }
    nodes.setattr = (node, change) => {
      // Growing a file reserves memory before anything is written to it.
      if (change.size !== undefined) this.check(change.size - (node.usedBytes ?? 0))
      setattr(node, change)
    }
  }

  private count(bytes: number): void {
    if (this.limit === undefined) return
    this.written += bytes
    this.check(0)
  }

  /** A large file is given much more room than it needs: grown bit by bit it would be copied again and again, and be there twice. */
  private reserve(node: MemoryNode, needed: number): void {
    const { contents, usedBytes = 0 } = node
    if (this.limit === undefined || !(needed >= largeBytes) || !ArrayBuffer.isView(contents)) return
    if (needed <= contents.byteLength) return
    const most = usedBytes + this.limit.bytes - this.written
    // What is not written to takes no memory.
    const larger = new Uint8Array(Math.max(needed, Math.min(most, needed * growth)))
    larger.set(new Uint8Array(contents.buffer, contents.byteOffset, usedBytes))
    node.contents = larger
  }

  private check(more: number): void {
    if (this.limit === undefined) return
    const { budget, packed, bytes } = this.limit
    if (budget.isBomb(packed, this.written)) this.stop('bomb')
    if (this.written + more > bytes) this.stop('too-big')
    if (budget.isOverTime()) this.stop('time-limit')
  }

  private stop(reason: NonNullable<Run['stopped']>): never {
    this.stopped = reason
    this.limit = undefined
    throw new Stop(reason)
  }
}

/** Compiled once for each thread. */
function program(): object {
  compiled ??= new wasm.Module(readFileSync(join(dirname(packages.resolve('7z-wasm')), '7zz.wasm')))
  return compiled
}

/** The written part of a file, without copying where its memory is not used again. */
function contentOf(node: MemoryNode): Buffer {
  const { contents } = node
  // Signed or unsigned bytes, depending on how 7-Zip wrote them.
  if (!ArrayBuffer.isView(contents)) return Buffer.alloc(0)
  return Buffer.from(contents.buffer, contents.byteOffset, node.usedBytes ?? contents.byteLength)
}
