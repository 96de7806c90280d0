// A file that the system swaps to: it cannot be renamed or removed. Root takes it out of use when what is swapped out surely
// fits into memory; else only a restart frees it.
import { toFilePath } from '../../files/path-text.ts'
import { type Machine, unescaped } from './machine.ts'
import type { Obstacle, Stop } from './obstacle.ts'

export const swapFile: Obstacle = ({ errno, target, machine }) => {
  if (errno !== 'EPERM') return undefined
  const swap = swapOn(machine, target.path)
  if (swap === undefined) return undefined
  const { calls, isRoot } = machine
  if (calls === null || !isRoot || swap.usedKiB * 2 > availableKiB(machine)) return stays
  return {
    kind: 'clear',
    act: { what: 'swap', file: toFilePath(target.path) },
    clear: () => calls.swapOff(target.path),
    otherwise: stays,
    reopen: false,
  }
}

const stays: Stop = { kind: 'restart', reason: 'swap' }

/** How much is swapped out to this file; undefined: it is no swap file in use. */
export function swapOn(machine: Machine, path: Buffer): { readonly usedKiB: number } | undefined {
  for (const line of machine.read('/proc/swaps').split('\n').slice(1)) {
    const [file = '', , , used] = line.split(/\s+/)
    if (unescaped(file).equals(path)) return { usedKiB: Number(used ?? 0) }
  }
  return undefined
}

function availableKiB(machine: Machine): number {
  return Number(/^MemAvailable:\s+(\d+) kB/m.exec(machine.read('/proc/meminfo'))?.[1] ?? 0)
}
