// Which start of the machine this is: the kernel's id of the boot, and when the first process was started, so that a container
// that starts anew counts as well. The engine tells restarts in the same way. Never restarts anything.
import { readFileSync } from 'node:fs'
import type { BootPort } from '../ports.ts'

export const systemBoot: BootPort = { token: () => `${bootId()} ${firstStart()}`.trim() }

function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id').trim()
}

/** Clock ticks from the boot to the first process: field 22, counted behind a name that may hold anything. */
function firstStart(): string {
  const text = read('/proc/1/stat')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

/** Empty on another system: a restart cannot be told there, and a request stays open until it is answered. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
