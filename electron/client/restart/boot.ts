// Which start of the machine this is, by the kernel's own name for it. Never restarts anything.
import { readFileSync } from 'node:fs'
import type { BootPort } from '../ports.ts'

export const systemBoot: BootPort = {
  token: () => {
    try {
      return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    } catch {
      // Another system: a restart cannot be told there, and a request stays open until it is answered.
      return ''
    }
  },
}
