// Keeps a mailbox to ourselves while it is changed: the lock file that mail programs agree on, and proof that nobody has it open
// or locked. Programs of other users cannot always be looked at: for them the lock file and the second look at the content stand.
// Never waits for anybody and never breaks a lock: a mailbox in use is left alone.
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import type { TreatmentOutcome } from '#shared/domain/treatment.ts'
import type { TreatmentLine } from '#shared/files/treatment-lines.ts'
import { fillBuffer, writeAll } from '../../files/content.ts'
import type { Folder } from '../../files/dirfd.ts'
import { toBytes, toFilePath } from '../../files/path-text.ts'
import { hasOpen } from '../active/process-table.ts'
import { StepAborted, stepDone, type TreatContext } from '../context.ts'
import { processIds } from '../processes.ts'
import { openRegular, type Target } from '../target.ts'

/** True when nobody but us has the file open or locked. */
export type AloneCheck = () => Promise<boolean>

type LockLine = Pick<Extract<TreatmentLine, { kind: 'locking' }>, 'name' | 'text'>

const kept: TreatmentOutcome = { status: 'kept', code: 'in-use' }

/** Acts while the mailbox is locked; kept as in use when it is not ours alone. Throws errno errors. */
export async function withMailLock(
  context: TreatContext,
  target: Target,
  act: (alone: AloneCheck) => Promise<TreatmentOutcome>,
): Promise<TreatmentOutcome> {
  const name = Buffer.concat([target.name, Buffer.from('.lock')])
  const lock: LockLine = { name: toFilePath(name), text: `${process.pid}\n${randomBytes(12).toString('hex')}\n` }
  context.log.add({ kind: 'locking', detectionId: target.order.detectionId, ...lock })
  await stepDone(context, 'lock-planned')
  if (!takeMailLock(target.folder, name, lock.text)) return kept
  try {
    await stepDone(context, 'locked')
    const alone = (): Promise<boolean> => isAlone(target)
    const outcome = (await alone()) ? await act(alone) : kept
    removeMailLock(target.folder, lock)
    return outcome
  } catch (error) {
    if (!(error instanceof StepAborted)) removeMailLock(target.folder, lock)
    throw error
  }
}

/** Removes a lock file if it is the one that was made with this text, whole or half made. Throws errno errors. */
export function removeMailLock(folder: Folder, { name, text }: LockLine): void {
  const half = nameWhileWritten(text)
  if (folder.lstatIfThere(half)?.isFile() === true) folder.unlink(half)
  const bytes = toBytes(name)
  if (folder.lstatIfThere(bytes)?.isFile() !== true) return
  const fd = openRegular(folder, bytes)
  try {
    const room = Buffer.alloc(256)
    if (room.toString('latin1', 0, fillBuffer(fd, room, 0)) === text) folder.unlink(bytes)
  } finally {
    closeSync(fd)
  }
}

/** False when somebody else has the lock. It gets its name when its text is in it: others look whose it is. */
function takeMailLock(folder: Folder, name: Buffer, text: string): boolean {
  const half = nameWhileWritten(text)
  const fd = folder.createFile(half, 0o644)
  try {
    writeAll(fd, Buffer.from(text))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  if (folder.renameToFree(half, folder, name)) return true
  folder.unlink(half)
  return false
}

/** The second line of the text is random. */
function nameWhileWritten(text: string): Buffer {
  return Buffer.from(`.${text.split('\n')[1] ?? ''}.part`)
}

async function isAlone({ stat }: Target): Promise<boolean> {
  if (isLocked(stat)) return false
  const file = { dev: stat.dev, ino: stat.ino, paths: [] }
  for (const pid of processIds()) {
    if (pid === process.pid) continue
    if (hasOpen(pid, file)) return false
    await turn()
  }
  return true
}

interface Inode {
  readonly dev: bigint
  readonly ino: bigint
}

/** `1: POSIX  ADVISORY  WRITE 1234 08:01:393228 0 EOF`: locks of all processes, also those that cannot be looked at. */
function isLocked({ dev, ino }: Inode): boolean {
  const place = `${hex(major(dev))}:${hex(minor(dev))}:${ino}`
  let locks: string
  try {
    locks = readFileSync('/proc/locks', 'latin1')
  } catch {
    return false
  }
  return locks.split('\n').some((line) => {
    const fields = line.trim().split(/\s+/)
    return fields.includes(place) && !fields.includes(`${process.pid}`)
  })
}

const hex = (number: bigint): string => number.toString(16).padStart(2, '0')
const major = (dev: bigint): bigint => ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n)
const minor = (dev: bigint): bigint => (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)
