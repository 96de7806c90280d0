// The flags "immutable" and "append only" of a file or of its folder: nothing may be renamed, removed or written.
// Root clears them on the open file, never by path; whoever is not root needs an administrator.
import { closeSync, fstatSync } from 'node:fs'
import { ProductError } from '#shared/errors.ts'
import { inodeFlags, type LinuxCalls } from '../../files/linux-calls.ts'
import type { Blocked, Clearing, Obstacle } from './obstacle.ts'

const forbidding = inodeFlags.immutable | inodeFlags.appendOnly

export const forbiddingFlags: Obstacle = (blocked) => {
  const { errno, target, machine } = blocked
  if (errno !== 'EPERM' || machine.calls === null) return undefined
  const { calls } = machine
  const ofFile = calls.flags(target.fd)
  if ((ofFile & forbidding) !== 0) return clearing(blocked, { what: 'file-flags', flags: ofFile }, target.fd, calls)
  const folder = openFolder(blocked)
  if (folder === undefined) return undefined
  try {
    const flags = calls.flags(folder)
    if ((flags & forbidding) === 0) return undefined
    const { dev, ino } = fstatSync(folder, { bigint: true })
    const act = { what: 'folder-flags', flags, dev: dev.toString(), ino: ino.toString() } as const
    return clearing(blocked, act, undefined, calls)
  } finally {
    closeSync(folder)
  }
}

function clearing(
  blocked: Blocked,
  act: Extract<Clearing['act'], { flags: number }>,
  fd: number | undefined,
  calls: LinuxCalls,
): Clearing {
  const free = act.flags & ~forbidding
  const onFolder = (): void => {
    const folder = blocked.target.folder.openForReading()
    try {
      calls.setFlags(folder, free)
    } finally {
      closeSync(folder)
    }
  }
  const code = blocked.machine.isRoot ? 'no-permission' : 'needs-administrator'
  return {
    kind: 'clear',
    act,
    clear: fd === undefined ? onFolder : () => calls.setFlags(fd, free),
    otherwise: { kind: 'failed', error: new ProductError(code, fd === undefined ? 'immutable-folder' : 'immutable') },
    reopen: false,
  }
}

/** Undefined: a folder that we may not read says nothing of its flags. */
function openFolder({ target }: Blocked): number | undefined {
  try {
    return target.folder.openForReading()
  } catch {
    return undefined
  }
}
