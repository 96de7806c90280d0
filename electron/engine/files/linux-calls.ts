// The system calls of Linux that Node has no function for, through koffi and the C library, by descriptor wherever one exists.
// Owns the argument shapes and turns a failed call into an errno error like node:fs's. Never decides whether a call is wise.
// Where koffi or the C library cannot be loaded (another system), `linuxCalls()` is undefined and the callers say what they do without.

import { createRequire } from 'node:module'
import { constants as os } from 'node:os'

type Koffi = typeof import('koffi')
type Raw = (...args: unknown[]) => number

/** An extended attribute; POSIX ACLs are two of them (`system.posix_acl_access`, `system.posix_acl_default`). */
export interface Attribute {
  readonly name: string
  readonly value: Buffer
}

export interface LinuxCalls {
  /** renameat2 with RENAME_NOREPLACE: EEXIST when the new name is taken, even by a link. EINVAL: not on this file system. */
  renameNoReplace(
    from: { readonly fd: number; readonly name: Buffer },
    to: { readonly fd: number; readonly name: Buffer },
  ): void
  /** renameat2 with RENAME_EXCHANGE: both names stay, each with the other's file. EINVAL: not on this file system. */
  exchange(
    one: { readonly fd: number; readonly name: Buffer },
    other: { readonly fd: number; readonly name: Buffer },
  ): void
  /** futimens: both times of an open file, in ns since the epoch. ENOSYS where a C long has not 64 bits. */
  setTimes(fd: number, atimeNs: bigint, mtimeNs: bigint): void
  /** Attributes that may be read; [] where the file system has none. */
  attributes(fd: number): Attribute[]
  setAttribute(fd: number, attribute: Attribute): void
  removeAttribute(fd: number, name: string): void
  /** Flags of the inode (`inodeFlags`); 0 where the file system has none. `fd` must be open for reading. */
  flags(fd: number): number
  setFlags(fd: number, flags: number): void
  /** A handle of a process that never means another one; undefined when there is no such process. The caller closes it. */
  openProcess(pid: number): number | undefined
  /** False when the process has ended. */
  signalProcess(handle: number, signal: number): boolean
  /** Takes a mount away (not lazily), never behind a link. EBUSY while it is used. */
  unmount(path: Buffer): void
  /** Makes a mount (`onlyThisMount`), or the file system with it, writable or read-only. Flags that are not named are lost. */
  remount(path: Buffer, how: RemountHow): void
  /** May take long: what is swapped out comes back into memory. */
  swapOff(path: Buffer): void
  swapOn(path: Buffer): void
  /** finit_module's opposite: EBUSY or EWOULDBLOCK while the module is used. */
  unloadModule(name: string): void
}

export interface RemountHow {
  readonly readOnly: boolean
  readonly onlyThisMount: boolean
  /** Those that stay. */
  readonly flags: readonly MountFlag[]
}

/** Flags of mounts and file systems as mountinfo writes them, with their bits (sys/mount.h). */
const mountFlags = {
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
  dirsync: 128,
  nosymfollow: 256,
  noatime: 1024,
  nodiratime: 2048,
  relatime: 1 << 21,
  lazytime: 1 << 25,
} as const
export type MountFlag = keyof typeof mountFlags

/** Bits of an inode's flags (linux/fs.h). */
export const inodeFlags = { immutable: 0x10, appendOnly: 0x20 } as const

const RENAME_NOREPLACE = 1
const RENAME_EXCHANGE = 2
const FS_IOC_GETFLAGS = 0x80086601
const FS_IOC_SETFLAGS = 0x40086602
const MS_RDONLY = 1
const MS_REMOUNT = 32
const MS_BIND = 4096
const UMOUNT_NOFOLLOW = 8
const O_NONBLOCK = 0o4000
/** Numbers that are the same on every architecture Node runs on (they came after the tables were unified). */
const SYS_pidfd_send_signal = 424
const SYS_pidfd_open = 434
const mostAttributeBytes = 65_536

let loaded: LinuxCalls | null | undefined

/** The calls, loaded once; undefined where they cannot be had. */
export function linuxCalls(): LinuxCalls | undefined {
  loaded ??= load()
  return loaded ?? undefined
}

function load(): LinuxCalls | null {
  if (process.platform !== 'linux') return null
  try {
    const koffi: Koffi = createRequire(import.meta.url)('koffi')
    return createCalls(koffi)
  } catch {
    // No binary for this machine, or another C library.
    return null
  }
}

function createCalls(koffi: Koffi): LinuxCalls {
  const library = koffi.load('libc.so.6')
  /** A C function whose -1 is thrown as an errno error. */
  const call = (name: string, signature: string): Raw => {
    const raw = library.func(signature)
    return (...args) => {
      const result = Number(raw(...args))
      if (result === -1) throw errnoError(koffi.errno(), name)
      return result
    }
  }
  const rename = call('renameat2', 'int renameat2(int, const char *, int, const char *, unsigned int)')
  const futimens = call('futimens', 'int futimens(int, const void *)')
  const list = call('flistxattr', 'int64 flistxattr(int, _Out_ uint8_t *, size_t)')
  const get = call('fgetxattr', 'int64 fgetxattr(int, const char *, _Out_ uint8_t *, size_t)')
  const set = call('fsetxattr', 'int fsetxattr(int, const char *, const void *, size_t, int)')
  const remove = call('fremovexattr', 'int fremovexattr(int, const char *)')
  const ioctl = call('ioctl', 'int ioctl(int, unsigned long, _Inout_ long *)')
  const system = call('syscall', 'long syscall(long, long, long, long, long)')
  const umount = call('umount2', 'int umount2(const char *, int)')
  const mount = call('mount', 'int mount(const char *, const char *, const char *, unsigned long, const void *)')
  const swapon = call('swapon', 'int swapon(const char *, int)')
  const swapoff = call('swapoff', 'int swapoff(const char *)')
  const deleteModule = call('delete_module', 'int delete_module(const char *, unsigned int)')
  const value = (fd: number, name: string): Buffer => {
    const room = Buffer.alloc(mostAttributeBytes)
    return room.subarray(0, get(fd, name, room, room.length))
  }
  return {
    renameNoReplace: (from, to) => void rename(from.fd, text(from.name), to.fd, text(to.name), RENAME_NOREPLACE),
    exchange: (one, other) => void rename(one.fd, text(one.name), other.fd, text(other.name), RENAME_EXCHANGE),
    setTimes: (fd, atimeNs, mtimeNs) => {
      if (koffi.sizeof('long') !== 8) throw errnoError(os.errno.ENOSYS, 'futimens')
      void futimens(fd, timespecs([atimeNs, mtimeNs]))
    },
    attributes: (fd) =>
      namesOf(fd, list).flatMap((name) => readable(() => ({ name, value: Buffer.from(value(fd, name)) }))),
    setAttribute: (fd, { name, value: bytes }) => void set(fd, name, bytes, bytes.length, 0),
    removeAttribute: (fd, name) => void remove(fd, name),
    flags: (fd) => flagsOf(fd, ioctl),
    setFlags: (fd, flags) => void ioctl(fd, FS_IOC_SETFLAGS, [flags]),
    openProcess: (pid) => unlessGone(() => system(SYS_pidfd_open, pid, 0, 0, 0)),
    signalProcess: (handle, signal) =>
      unlessGone(() => system(SYS_pidfd_send_signal, handle, signal, 0, 0)) !== undefined,
    unmount: (path) => void umount(text(path), UMOUNT_NOFOLLOW),
    remount: (path, how) => void mount(null, text(path), null, remountFlags(how), null),
    swapOff: (path) => void swapoff(text(path)),
    swapOn: (path) => void swapon(text(path), 0),
    unloadModule: (name) => void deleteModule(name, O_NONBLOCK),
  }
}

/** Two `struct timespec` of a 64-bit system. Nanoseconds are never negative, also before 1970. */
function timespecs(times: readonly bigint[]): Buffer {
  const second = 1_000_000_000n
  const words = times.flatMap((ns) => {
    const rest = ((ns % second) + second) % second
    return [(ns - rest) / second, rest]
  })
  return Buffer.from(new BigInt64Array(words).buffer)
}

function remountFlags({ readOnly, onlyThisMount, flags }: RemountHow): number {
  const kept = flags.reduce((bits, flag) => bits | mountFlags[flag], 0)
  return MS_REMOUNT | (onlyThisMount ? MS_BIND : 0) | (readOnly ? MS_RDONLY : 0) | kept
}

/** Names end with NUL in what the kernel gives. */
function namesOf(fd: number, list: Raw): string[] {
  const room = Buffer.alloc(mostAttributeBytes)
  try {
    return room
      .toString('utf8', 0, list(fd, room, room.length))
      .split('\0')
      .filter(Boolean)
  } catch (error) {
    if (isErrno(error, ['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EACCES'])) return []
    throw error
  }
}

function readable<T>(read: () => T): T[] {
  try {
    return [read()]
  } catch (error) {
    // Gone meanwhile, or of a namespace that only the system may read.
    if (isErrno(error, ['ENODATA', 'EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ERANGE'])) return []
    throw error
  }
}

function flagsOf(fd: number, ioctl: Raw): number {
  const flags: [number | bigint] = [0]
  try {
    ioctl(fd, FS_IOC_GETFLAGS, flags)
    return Number(BigInt(flags[0]) & 0xffff_ffffn)
  } catch (error) {
    if (isErrno(error, ['ENOTTY', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOSYS'])) return 0
    throw error
  }
}

function unlessGone(act: () => number): number | undefined {
  try {
    return act()
  } catch (error) {
    if (isErrno(error, ['ESRCH'])) return undefined
    throw error
  }
}

/** Paths and names are bytes; C wants a NUL behind them. */
function text(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(1)])
}

const names = new Map(Object.entries(os.errno).map(([name, number]) => [number, name]))

function errnoError(number: number, call: string): Error {
  const code = names.get(number) ?? `E${number}`
  return Object.assign(new Error(`${code}: ${call}`), { code, errno: -number, syscall: call })
}

function isErrno(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
