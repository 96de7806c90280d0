// What a restored file gets back besides its content, on the file system of the temporary folder.
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Attribute, linuxCalls } from '../files/linux-calls.ts'
import { toFilePath } from '../files/path-text.ts'
import { infectedContent } from '../treat/testing/treatment-lab.ts'
import { giveAttributes, keptAttributes } from './attributes.ts'
import { codeFrom, type QuarantineLab, quarantineLab, stillFound } from './testing/quarantine-lab.ts'

const labs: QuarantineLab[] = []
afterEach(() => {
  for (const lab of labs.splice(0)) lab.remove()
})

function made(): QuarantineLab {
  const one = quarantineLab()
  labs.push(one)
  return one
}

function opened<T>(path: string, act: (fd: number) => T): T {
  const fd = openSync(path, 'r+')
  try {
    return act(fd)
  } finally {
    closeSync(fd)
  }
}

const calls = () => {
  const found = linuxCalls()
  if (found === undefined) throw new Error('no calls')
  return found
}
const attributesOf = (path: string) =>
  opened(path, (fd) => calls().attributes(fd)).filter(({ name }) => name !== 'security.selinux')
const give = (path: string, attribute: Attribute) => opened(path, (fd) => calls().setAttribute(fd, attribute))

/** An access control list in which one more user may do what `rights` says; on disk little endian. */
function aclFor(uid: number, rights: number): Attribute {
  const none = 0xffffffff
  const entries = [
    [0x01, 6, none],
    [0x02, rights, uid],
    [0x04, 4, none],
    [0x10, 7, none],
    [0x20, 4, none],
  ] as const
  const value = Buffer.alloc(4 + entries.length * 8)
  value.writeUInt32LE(2)
  for (const [place, [tag, permission, id]] of entries.entries()) {
    value.writeUInt16LE(tag, 4 + place * 8)
    value.writeUInt16LE(permission, 6 + place * 8)
    value.writeUInt32LE(id, 8 + place * 8)
  }
  return { name: 'system.posix_acl_access', value }
}

/** Whether the temporary folder keeps attributes and lists at all. */
const keepsAttributes = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'attributes-'))
  try {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    give(file, { name: 'user.test', value: Buffer.from('x') })
    give(file, aclFor(4711, 4))
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
})()
const isRoot = process.geteuid?.() === 0

describe('what a restored file gets back', () => {
  it('is owner, mode without setuid and setgid, and times to the nanosecond (62)', async () => {
    const { lab, treated, restore } = made()
    const file = lab.write('app.bin', infectedContent())
    chmodSync(file, 0o6755)
    opened(file, (fd) => calls().setTimes(fd, 1_500_000_000_123_456_789n, 1_600_000_000_987_654_321n))
    const { id } = await treated(file)
    expect((await restore(id)).notKept).toEqual(['special-mode'])
    const { mode, uid, mtimeNs, atimeNs } = statSync(file, { bigint: true })
    expect({ mode, uid, mtimeNs }).toEqual({
      mode: 0o100755n,
      uid: BigInt(process.getuid?.() ?? 0),
      mtimeNs: 1_600_000_000_987_654_321n,
    })
    // Looking at the original moved its time of access where the system keeps that.
    expect(atimeNs % 1000n).not.toBe(0n)
  })

  it.runIf(keepsAttributes)('is its attributes and access control list, never attributes of the system', async () => {
    const { lab, treated, restore } = made()
    const file = lab.write('app.bin', infectedContent())
    const mine = { name: 'user.origin', value: Buffer.from([0, 255, 1]) }
    const acl = aclFor(4711, 4)
    give(file, mine)
    give(file, acl)
    if (isRoot) give(file, { name: 'trusted.secret', value: Buffer.from('x') })
    const { id } = await treated(file)
    expect((await restore(id)).notKept).toEqual(isRoot ? ['attributes'] : [])
    expect(attributesOf(file)).toEqual(expect.arrayContaining([mine, acl]))
    expect(attributesOf(file)).toHaveLength(2)
  })

  it.runIf(keepsAttributes)('is no right to run through a list for what is still detected', async () => {
    const { lab, treated, restore, say } = made()
    const file = lab.write('app.bin', infectedContent())
    chmodSync(file, 0o755)
    give(file, aclFor(4711, 7))
    const { id } = await treated(file)
    say(stillFound)
    expect((await restore(id, { evenIfDetected: true })).notKept).toEqual(['run'])
    // The middle bits are the most that any entry of the list grants.
    expect(statSync(file).mode & 0o111).toBe(0)
  })

  it('is bounded: what is more than that is told', () => {
    const one = (name: string, bytes: number): Attribute => ({ name, value: Buffer.alloc(bytes, 1) })
    const acl = one('system.posix_acl_access', 20)
    const many = [
      one('user.a', 60_000),
      one('user.b', 60_000),
      ...Array.from({ length: 120 }, (_, n) => one(`user.${n}`, 1)),
    ]
    const kept = keptAttributes(0, { attributes: () => [...many, acl] })
    expect(kept.attributes?.[0]?.name).toBe(acl.name)
    expect(kept.attributes).toHaveLength(100)
    expect(kept.attributesLeftOut).toBe(23)
    expect(keptAttributes(0, null)).toEqual({})
  })

  it('is told to be lost where it cannot be given', () => {
    const refusing = {
      setAttribute: () => {
        throw Object.assign(new Error('no'), { code: 'ENOTSUP' })
      },
    }
    const metadata = {
      attributes: [
        { name: 'user.a', value: 'eA==' },
        { name: 'system.posix_acl_access', value: 'eA==' },
      ],
    }
    expect([...giveAttributes(0, { metadata, withAcl: true }, refusing)]).toEqual(['attributes', 'acl'])
    expect([...giveAttributes(0, { metadata, withAcl: true }, null)]).toEqual(['attributes', 'acl'])
    const labels = { attributes: [{ name: 'security.selinux', value: 'eA==' }] }
    expect([...giveAttributes(0, { metadata: labels, withAcl: true }, refusing)]).toEqual([])
  })
})

/** Runs as an ordinary user who is in no other group. */
async function asUser<T>(act: () => Promise<T>): Promise<T> {
  const groups = process.getgroups?.() ?? []
  process.setgroups?.([65534])
  process.setegid?.(65534)
  process.seteuid?.(65534)
  try {
    return await act()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
    process.setgroups?.(groups)
  }
}

describe.runIf(isRoot)('as an ordinary user', () => {
  async function copied(owner: { uid: number; gid: number }, mode: number) {
    const { lab, treated, restore, quarantine } = made()
    const file = lab.write('app.bin', infectedContent())
    chmodSync(file, mode)
    chownSync(file, owner.uid, owner.gid)
    const { id } = await treated(file)
    const mine = join(lab.root, 'mine')
    mkdirSync(mine)
    for (const path of [lab.root, lab.files, lab.dataDir, mine, ...sealedFiles(lab.dataDir)])
      chownSync(path, 65534, 65534)
    return { file, id, restore, quarantine, elsewhere: toFilePath(Buffer.from(join(mine, 'app.bin'))) }
  }
  const sealedFiles = (dataDir: string): string[] => {
    return [join(dataDir, 'quarantine'), ...readdirDeep(join(dataDir, 'quarantine'))]
  }

  it("another user's file goes back to its place by an administrator only, and elsewhere as one's own", async () => {
    const { file, id, restore, elsewhere } = await copied({ uid: 0, gid: 0 }, 0o640)
    expect(await asUser(() => codeFrom(restore(id)))).toBe('needs-administrator')
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
    const { notKept } = await asUser(() => restore(id, { target: elsewhere }))
    expect(notKept).toEqual(['owner', 'group'])
    expect(statSync(elsewhere.text)).toMatchObject({ uid: 65534, gid: 65534, mode: 0o100600 })
    expect(readFileSync(elsewhere.text).length).toBeGreaterThan(100)
  })

  it('a group that cannot be given leaves its members no rights, and says so', async () => {
    const { file, id, restore } = await copied({ uid: 65534, gid: 4711 }, 0o664)
    expect((await asUser(() => restore(id))).notKept).toEqual(['group'])
    expect(statSync(file)).toMatchObject({ uid: 65534, gid: 65534, mode: 0o100644 })
  })

  it('a folder that may not be written to needs an administrator', async () => {
    const { file, id, restore } = await copied({ uid: 65534, gid: 65534 }, 0o644)
    chownSync(join(file, '..'), 0, 0)
    expect(await asUser(() => codeFrom(restore(id)))).toBe('needs-administrator')
  })
})

function readdirDeep(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map(({ parentPath, name }) =>
    join(parentPath, name),
  )
}
