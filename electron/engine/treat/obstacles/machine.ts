// The machine around a treatment: what its tables say (mounts, swap, modules) and the system calls that change them.
// One port, so that tests put a folder and calls of their own in its place. Never decides what is done with what it says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LinuxCalls, linuxCalls } from '../../files/linux-calls.ts'

export interface Machine {
  /** Null where the system's calls cannot be made: what needs them is then not cleared. */
  readonly calls: LinuxCalls | null
  /** True when we may act for the whole machine. */
  readonly isRoot: boolean
  /** Folder that stands for `/` in what belongs to the machine: its tables and settings, never the treated file. */
  readonly root: string
  /** Content of a file of the machine, byte for byte (latin1); empty when it is not there or not ours to read. */
  read(path: string): string
}

export interface MachineOptions {
  readonly root?: string
  readonly calls?: LinuxCalls | null
  readonly isRoot?: boolean
}

export function createMachine(options: MachineOptions = {}): Machine {
  const root = options.root ?? '/'
  return {
    calls: options.calls === undefined ? (linuxCalls() ?? null) : options.calls,
    isRoot: options.isRoot ?? process.geteuid?.() === 0,
    root,
    read: (path) => {
      // What we ourselves are does not move with the folder.
      const file = path.startsWith('/proc/self/') ? path : join(root, path)
      try {
        return readFileSync(file, 'latin1')
      } catch {
        return ''
      }
    },
  }
}

/** Bytes that a table of the machine writes as text: blanks, tabs, line ends and backslashes are octal there. */
export function unescaped(text: string): Buffer {
  const plain = text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  return Buffer.from(plain, 'latin1')
}
