// Which start of the machine this is. Owns the token that pending records are compared by; never restarts anything.
// A systemd soft-reboot keeps it although every program was ended: then a record ends because its holders are gone.
import { readFileSync } from 'node:fs'
import { startTimeOf } from './processes.ts'

/**
 * Changes exactly when the machine restarts: the kernel's id of the boot and when the first process was started. All containers
 * of a machine share the id; a container that is started anew has a first process of its own.
 */
export function bootToken(): string {
  return `${bootId()} ${startTimeOf(1) ?? ''}`.trim()
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/** True when both tokens are of one start of the machine. A part that one of them does not have says nothing. */
export function sameBoot(one: string, other: string): boolean {
  const [id = '', first] = one.split(' ')
  const [otherId = '', otherFirst] = other.split(' ')
  if (id !== otherId) return false
  return first === undefined || otherFirst === undefined || first === otherFirst
}
