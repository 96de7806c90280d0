import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errnoOf } from './fs-errors.ts'
import { inodeFlags, type LinuxCalls, linuxCalls } from './linux-calls.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'calls-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function calls(): LinuxCalls {
  const found = linuxCalls()
  if (found === undefined) throw new Error('koffi does not load here')
  return found
}

function opened<T>(path: string, act: (fd: number) => T): T {
  const fd = openSync(path, 'r')
  try {
    return act(fd)
  } finally {
    closeSync(fd)
  }
}

const errnoIn = (act: () => unknown): string | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    return errnoOf(error)
  }
}

describe('calls of Linux by descriptor', () => {
  it('renames only to a free name, also where a dangling link has it', () => {
    writeFileSync(join(root, 'a'), 'a')
    writeFileSync(join(root, 'b'), 'b')
    symlinkSync('nowhere', join(root, 'link'))
    opened(root, (fd) => {
      const rename = (from: string, to: string) =>
        calls().renameNoReplace({ fd, name: Buffer.from(from) }, { fd, name: Buffer.from(to) })
      expect(errnoIn(() => rename('a', 'b'))).toBe('EEXIST')
      expect(errnoIn(() => rename('a', 'link'))).toBe('EEXIST')
      expect(errnoIn(() => rename('missing', 'c'))).toBe('ENOENT')
      rename('a', 'c')
    })
    expect(readFileSync(join(root, 'c'), 'utf8')).toBe('a')
    expect(readFileSync(join(root, 'b'), 'utf8')).toBe('b')
    expect(existsSync(join(root, 'a'))).toBe(false)
  })

  it('exchanges two names at once, and nothing where one is missing', () => {
    writeFileSync(join(root, 'a'), 'a')
    writeFileSync(join(root, 'b'), 'b')
    opened(root, (fd) => {
      const exchange = (one: string, other: string) =>
        calls().exchange({ fd, name: Buffer.from(one) }, { fd, name: Buffer.from(other) })
      exchange('a', 'b')
      expect(errnoIn(() => exchange('a', 'missing'))).toBe('ENOENT')
    })
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('b')
    expect(readFileSync(join(root, 'b'), 'utf8')).toBe('a')
  })

  it('sets times to the nanosecond, also before 1970', () => {
    const file = join(root, 'file')
    writeFileSync(file, 'x')
    for (const [atime, mtime] of [
      [1_500_000_000_123_456_789n, 1_600_000_000_987_654_321n],
      [-1n, -1_000_000_001n],
    ] as const) {
      opened(file, (fd) => calls().setTimes(fd, atime, mtime))
      expect(statSync(file, { bigint: true })).toMatchObject({ atimeNs: atime, mtimeNs: mtime })
    }
  })

  it('reads, sets and removes extended attributes of any bytes', () => {
    const file = join(root, 'file')
    writeFileSync(file, 'x')
    const value = Buffer.from([0, 255, 1, 0])
    opened(file, (fd) => {
      expect(
        calls()
          .attributes(fd)
          .filter(({ name }) => name.startsWith('user.')),
      ).toEqual([])
      calls().setAttribute(fd, { name: 'user.origin', value })
      calls().setAttribute(fd, { name: 'user.empty', value: Buffer.alloc(0) })
      expect(calls().attributes(fd)).toContainEqual({ name: 'user.origin', value })
      expect(calls().attributes(fd)).toContainEqual({ name: 'user.empty', value: Buffer.alloc(0) })
      calls().removeAttribute(fd, 'user.origin')
      expect(errnoIn(() => calls().removeAttribute(fd, 'user.origin'))).toBe('ENODATA')
    })
  })

  it('reads the flags of a file, and none where there are none', () => {
    writeFileSync(join(root, 'file'), 'x')
    opened(join(root, 'file'), (fd) => expect(calls().flags(fd) & inodeFlags.immutable).toBe(0))
    opened('/proc/self/status', (fd) => expect(calls().flags(fd)).toBe(0))
  })

  it('signals a process by a handle that never means another one', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
    const handle = calls().openProcess(child.pid ?? 0)
    if (handle === undefined) throw new Error('no handle')
    expect(calls().signalProcess(handle, constants.signals.SIGKILL)).toBe(true)
    expect(await ended).toBe('SIGKILL')
    expect(calls().signalProcess(handle, constants.signals.SIGKILL)).toBe(false)
    closeSync(handle)
    expect(calls().openProcess(child.pid ?? 0)).toBeUndefined()
  })

  it('say why a mount, a swap file or a module could not be taken away', () => {
    expect(['EINVAL', 'EPERM']).toContain(errnoIn(() => calls().unmount(Buffer.from(root))))
    expect(['EINVAL', 'EPERM', 'EISDIR']).toContain(errnoIn(() => calls().swapOff(Buffer.from(root))))
    expect(['ENOENT', 'EPERM', 'ENOSYS']).toContain(errnoIn(() => calls().unloadModule('no_such_module_here')))
  })
})
