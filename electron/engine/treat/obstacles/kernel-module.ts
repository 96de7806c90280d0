// A kernel module that was loaded from a treated file: its code goes on in the kernel when the file is gone. Tells which module
// that is, and unloads it where the kernel lets us. The lists of modules that are loaded at every start are entries like any other
// (active/autostart/modules.ts).
import { readSync } from 'node:fs'
import { pieces } from '../../files/content.ts'
import { errnoOf } from '../../files/fs-errors.ts'
import type { Machine } from './machine.ts'

/** Larger files are no modules. */
const mostBytes = 64 * 1024 * 1024
const relocatable = Buffer.from([0x7f, 0x45, 0x4c, 0x46])

/** Name of the module that is loaded and that this open file is; undefined: it is none, or not loaded. */
export async function loadedModuleOf(machine: Machine, fd: number, path: Buffer): Promise<string | undefined> {
  const { name, sourceVersion } = (await namedInside(fd)) ?? { name: namedByPath(path), sourceVersion: undefined }
  if (name === undefined || !isLoaded(machine, name)) return undefined
  const running = machine.read(`/sys/module/${name}/srcversion`).trim()
  const isOther = running !== '' && sourceVersion !== undefined && running !== sourceVersion
  return isOther ? undefined : name
}

/** True for the name of a module's file. Where it is compressed, what was found lies in it; it is loaded as it is all the same. */
export function isModuleFile(path: Buffer): boolean {
  return namedByPath(path) !== undefined
}

export function isLoaded(machine: Machine, name: string): boolean {
  return machine
    .read('/proc/modules')
    .split('\n')
    .some((line) => line.startsWith(`${name} `))
}

/** True when the kernel has let go of it. */
export function unloadModule({ calls, isRoot }: Machine, name: string): boolean {
  if (calls === null || !isRoot) return false
  try {
    calls.unloadModule(name)
    return true
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    // In use, without a way out, or not allowed in this container.
    return errnoOf(error) === 'ENOENT'
  }
}

/** What an uncompressed module says of itself. */
async function namedInside(fd: number): Promise<{ name: string; sourceVersion: string | undefined } | undefined> {
  const head = Buffer.alloc(18)
  if (readSync(fd, head, 0, head.length, 0) < head.length) return undefined
  // ET_REL, in the byte order of the file.
  const type = head[5] === 2 ? head.readUInt16BE(16) : head.readUInt16LE(16)
  if (!head.subarray(0, 4).equals(relocatable) || type !== 1) return undefined
  const parts: Buffer[] = []
  let total = 0
  for await (const piece of pieces(fd)) {
    total += piece.length
    if (total > mostBytes) return undefined
    parts.push(Buffer.from(piece))
  }
  const text = Buffer.concat(parts).toString('latin1')
  const name = /\0name=([\w-]{1,64})\0/.exec(text)?.[1]
  if (name === undefined) return undefined
  return { name: withUnderscores(name), sourceVersion: /\0srcversion=([0-9A-F]+)\0/.exec(text)?.[1] }
}

function namedByPath(path: Buffer): string | undefined {
  const name = /\/([\w-]{1,64})\.ko(\.(gz|xz|zst))?$/.exec(path.toString('latin1'))?.[1]
  return name === undefined ? undefined : withUnderscores(name)
}

/** The kernel makes no difference between the two. */
function withUnderscores(name: string): string {
  return name.replaceAll('-', '_')
}
