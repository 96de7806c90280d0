// Sets and reads the flags "immutable" and "append only" of files that a test made. Never used by the product.
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inodeFlags, type LinuxCalls, linuxCalls } from '../../files/linux-calls.ts'
import { isRoot } from './ordinary-user.ts'

const both = inodeFlags.immutable | inodeFlags.appendOnly

export function systemCalls(): LinuxCalls {
  const found = linuxCalls()
  if (found === undefined) throw new Error('koffi does not load here')
  return found
}

/** Exactly these of the two; whoever sets them takes them away again, or nothing can be removed. */
export function setFlags(path: string, flags: number): void {
  onOpen(path, (fd) => systemCalls().setFlags(fd, (systemCalls().flags(fd) & ~both) | flags))
}

export const flagsOf = (path: string): number => onOpen(path, (fd) => systemCalls().flags(fd)) & both

/** Root, and a file system that keeps these flags where tests lie. */
export function canFlag(): boolean {
  if (!isRoot) return false
  const folder = mkdtempSync(join(tmpdir(), 'flags-'))
  const file = join(folder, 'file')
  writeFileSync(file, '')
  try {
    setFlags(file, inodeFlags.immutable)
    setFlags(file, 0)
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function onOpen<T>(path: string, act: (fd: number) => T): T {
  const fd = openSync(path, 'r')
  try {
    return act(fd)
  } finally {
    closeSync(fd)
  }
}
