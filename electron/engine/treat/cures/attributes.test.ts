import {
  chmodSync,
  chownSync,
  closeSync,
  fstatSync,
  linkSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { UnkeptProperty } from '#shared/domain/treatment.ts'
import { type LinuxCalls, linuxCalls } from '../../files/linux-calls.ts'
import { createLab, infectedContent } from '../testing/treatment-lab.ts'
import { makeZip } from '../testing/zip-fixture.ts'
import { keepAttributes } from './attributes.ts'

const calls = linuxCalls()
const isRoot = process.getuid?.() === 0

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'attributes-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const list = 'system.posix_acl_access'
const [owner, user, group, mask, other] = [0x01, 0x02, 0x04, 0x10, 0x20]

/** An access list in the form of the system: for each entry its kind, its rights and who it is about. */
function accessList(entries: readonly (readonly [kind: number, rights: number, id?: number])[]): Buffer {
  const bytes = Buffer.alloc(4 + entries.length * 8)
  bytes.writeUInt32LE(2, 0)
  for (const [index, [kind, rights, id = 0xffffffff]] of entries.entries()) {
    bytes.writeUInt16LE(kind, 4 + index * 8)
    bytes.writeUInt16LE(rights, 6 + index * 8)
    bytes.writeUInt32LE(id, 8 + index * 8)
  }
  return bytes
}
/** The group itself may nothing, one other user may read and write. */
const oneUser = accessList([
  [owner, 6],
  [user, 6, 1234],
  [group, 0],
  [mask, 6],
  [other, 0],
])

const original = (): string => join(folder, 'original')
const copy = (): string => join(folder, 'copy')

function opened<T>(path: string, act: (fd: number) => T): T {
  const fd = openSync(path, 'r')
  try {
    return act(fd)
  } finally {
    closeSync(fd)
  }
}

function attribute(path: string, name: string, value: Buffer): void {
  opened(path, (fd) => calls?.setAttribute(fd, { name, value }))
}

const attributesOf = (path: string): Map<string, string> =>
  new Map(opened(path, (fd) => calls?.attributes(fd) ?? []).map(({ name, value }) => [name, value.toString('hex')]))

/** True where the folder of the tests has such attributes. */
function has(name: string, value: Buffer): boolean {
  const trial = mkdtempSync(join(tmpdir(), 'attributes-'))
  try {
    writeFileSync(join(trial, 'a'), '')
    attribute(join(trial, 'a'), name, value)
    return attributesOf(join(trial, 'a')).has(name)
  } catch {
    return false
  } finally {
    rmSync(trial, { recursive: true })
  }
}
const hasLists = calls !== undefined && has(list, oneUser)
const hasAttributes = calls !== undefined && has('user.note', Buffer.from('x'))

/** From the original to a new file beside it. */
function kept(by: LinuxCalls | null = calls ?? null): UnkeptProperty[] {
  rmSync(copy(), { force: true })
  writeFileSync(copy(), 'cured', { mode: 0o600 })
  return opened(original(), (fd) =>
    opened(copy(), (to) => keepAttributes({ fd, stat: fstatSync(fd, { bigint: true }) }, to, by)),
  )
}
const modeOf = (path: string): number => statSync(path).mode & 0o7777

function refusing(name: string): LinuxCalls | null {
  if (calls === undefined) return null
  return {
    ...calls,
    setAttribute: (fd, given) => {
      if (given.name === name) throw Object.assign(new Error('EPERM'), { code: 'EPERM' })
      calls.setAttribute(fd, given)
    },
  }
}

describe('a cured file', () => {
  beforeEach(() => writeFileSync(original(), 'infected'))

  it.runIf(calls !== undefined)('has the mode of the original and its times to the nanosecond', () => {
    chmodSync(original(), 0o1751)
    opened(original(), (fd) => calls?.setTimes(fd, 1_600_000_000_123_456_789n, 1_600_000_001_987_654_321n))
    expect(kept()).toEqual([])
    const { atimeNs, mtimeNs } = statSync(copy(), { bigint: true })
    expect([modeOf(copy()), mtimeNs, atimeNs]).toEqual([0o1751, 1_600_000_001_987_654_321n, 1_600_000_000_123_456_789n])
  })

  it('has the times to the microsecond and says that attributes are not known where the system has no call for them', () => {
    chmodSync(original(), 0o640)
    const fd = openSync(original(), 'r')
    writeFileSync(copy(), 'cured', { mode: 0o600 })
    const { stat, to } = { stat: fstatSync(fd, { bigint: true }), to: openSync(copy(), 'r+') }
    const times = {
      ...stat,
      mode: stat.mode,
      uid: stat.uid,
      gid: stat.gid,
      atimeNs: 1_000_123_456_789n,
      mtimeNs: 1_000_654_321_987n,
    }
    expect(keepAttributes({ fd, stat: times as typeof stat }, to, null)).toEqual(['attributes'])
    closeSync(to)
    closeSync(fd)
    expect(statSync(copy(), { bigint: true }).mtimeNs / 1000n).toBe(1_000_654_321n)
    expect(modeOf(copy())).toBe(0o640)
  })

  it.runIf(hasAttributes)('has the extended attributes of the original, and says which could not be kept', () => {
    attribute(original(), 'user.note', Buffer.from('mine'))
    attribute(original(), 'user.empty', Buffer.alloc(0))
    expect(kept()).toEqual([])
    expect(attributesOf(copy())).toEqual(attributesOf(original()))
    expect(kept(refusing('user.note'))).toEqual(['attributes'])
  })

  it.runIf(hasLists)('has the access list of the original, and none that the folder gives', () => {
    chmodSync(original(), 0o660)
    attribute(original(), list, oneUser)
    attribute(
      folder,
      'system.posix_acl_default',
      accessList([
        [owner, 7],
        [user, 7, 4321],
        [group, 7],
        [mask, 7],
        [other, 7],
      ]),
    )
    expect(kept()).toEqual([])
    expect(attributesOf(copy()).get(list)).toBe(oneUser.toString('hex'))
    rmSync(original())
    writeFileSync(original(), 'without a list')
    opened(original(), (fd) => calls?.removeAttribute(fd, list))
    chmodSync(original(), 0o640)
    expect(kept()).toEqual([])
    expect(attributesOf(copy()).has(list)).toBe(false)
    expect(modeOf(copy())).toBe(0o640)
  })

  it.runIf(hasLists)('gives nobody more rights when the access list cannot be kept', () => {
    attribute(original(), list, oneUser)
    // What stands in the place of the group's rights is the mask: without the list it would be theirs.
    expect(modeOf(original())).toBe(0o660)
    expect(kept(refusing(list))).toEqual(['access-list'])
    expect(modeOf(copy())).toBe(0o600)
  })

  it.runIf(isRoot)('has the owner of the original, and no right to run as somebody else', () => {
    chownSync(original(), 1234, 4321)
    chmodSync(original(), 0o6755)
    expect(kept()).toEqual(['privileges'])
    expect(statSync(copy())).toMatchObject({ uid: 1234, gid: 4321 })
    expect(modeOf(copy())).toBe(0o755)
  })

  it.runIf(isRoot && hasAttributes)('has no capabilities of a program any more', () => {
    // Version 2, effective, CAP_NET_RAW.
    attribute(original(), 'security.capability', Buffer.from('0100000200200000000000000000000000000000', 'hex'))
    expect(kept()).toEqual(['privileges'])
    expect(attributesOf(copy()).has('security.capability')).toBe(false)
  })

  it.runIf(isRoot)('that cannot keep its group gives the new one no more than everybody has', () => {
    chmodSync(folder, 0o777)
    chmodSync(original(), 0o674)
    chownSync(original(), 65534, 4321)
    writeFileSync(copy(), 'cured', { mode: 0o600 })
    chownSync(copy(), 65534, 65534)
    const [fd, to] = [openSync(original(), 'r'), openSync(copy(), 'r+')]
    try {
      process.setegid?.(65534)
      process.seteuid?.(65534)
      expect(keepAttributes({ fd, stat: fstatSync(fd, { bigint: true }) }, to)).toEqual(['group'])
    } finally {
      process.seteuid?.(0)
      process.setegid?.(0)
      closeSync(fd)
      closeSync(to)
    }
    expect(statSync(copy())).toMatchObject({ uid: 65534, gid: 65534 })
    expect(modeOf(copy())).toBe(0o644)
  })
})

describe('a treatment', () => {
  it.runIf(isRoot)('says in its outcome what the cured file does not have any more', async () => {
    const made = createLab()
    const good = { name: 'good.txt', content: Buffer.from('good '.repeat(50)) }
    const file = made.write(
      'tool.zip',
      makeZip([good, { name: 'evil', content: infectedContent(), stored: true }]).bytes,
    )
    chmodSync(file, 0o4755)
    const container = { format: 'zip', leaves: 2 }
    const order = await made.order(file, { verb: 'disinfect', members: [['evil']], container })
    expect(await made.treater.treat(order)).toMatchObject({ status: 'disinfected', unkept: ['privileges'] })
    expect(modeOf(file)).toBe(0o755)
    made.remove()
  })

  it('does not cure a file with other names: it would stay infected under those', async () => {
    const made = createLab()
    const parts = ['good', 'evil'].map((name) => ({ name, content: infectedContent(), stored: true }))
    const file = made.write('a.zip', makeZip(parts).bytes)
    linkSync(file, join(made.files, 'b.zip'))
    const order = await made.order(file, {
      verb: 'cure-only',
      members: [['evil']],
      container: { format: 'zip', leaves: 2 },
    })
    expect(await made.treater.treat(order)).toMatchObject({ status: 'kept' })
    made.remove()
  })
})
