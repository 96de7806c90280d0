// From the scanner's report over the policy's decision to the act: what happens to containers that hold good and bad files.
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eicar, infectedMarker, suspiciousMarker } from '../detect/testing/lab.ts'
import { makeTar, makeWithSevenZip, makeZip } from '../unpack/testing/archives.ts'
import { readZipDirectory } from './cures/zip-directory.ts'
import { createScannedLab } from './testing/scanned-lab.ts'

const scanned = createScannedLab()
const { scans, act } = scanned
beforeAll(() => scanned.begin())
afterEach(() => scanned.afterEach())
afterAll(() => scanned.dispose())

const kept = { status: 'kept', code: 'cannot-disinfect' }
const good = { name: 'good.txt', data: Buffer.from('a letter that nobody has twice') }
const bad = { name: 'evil.com', data: eicar }
const other = { name: 'evil2.bin', data: infectedMarker }
const members = (zip: Buffer | null) =>
  readZipDirectory(zip ?? Buffer.alloc(0)).members.map(({ rawName }) => rawName.toString())

describe('containers that are not written', () => {
  const mixed = makeTar([good, bad])
  const inner = (name: string) => ({ name, data: makeZip([{ ...good, name: `${name}.txt` }, bad]) })
  const made: [string, () => Promise<Buffer> | Buffer][] = [
    ['tar', () => mixed],
    ['tgz', () => gzipSync(mixed)],
    ['tar.bz2', () => makeWithSevenZip(['-tbzip2'], { 'a.tar': mixed })],
    ['tar.xz', () => makeWithSevenZip(['-txz'], { 'a.tar': mixed })],
    ['7z', () => makeWithSevenZip([], { 'good.txt': good.data, 'evil.com': eicar })],
    ['tar of two mixed zips', () => makeTar([inner('a.zip'), inner('b.zip')])],
    ['zip of two mixed zips', () => makeZip([inner('a.zip'), inner('b.zip')])],
  ]

  it.each(made)('%s with something good in it is kept, and deleted with a copy for a person', async (_, make) => {
    const content = await make()
    for (const settings of [{}, { disinfect: false }, { deleteIfDisinfectionFails: false }]) {
      const { outcome, after, copies } = await act(content, { settings })
      expect(outcome).toEqual(kept)
      expect(after?.equals(content)).toBe(true)
      expect(copies).toBe(0)
    }
    const asked = await act(content, { verb: 'disinfect-or-delete' })
    expect(asked).toMatchObject({ outcome: { status: 'deleted' }, after: null, copies: 1 })
  })

  it.each(made)(
    '%s with something good in it is deleted with a copy when the settings say so (50)',
    async (_, make) => {
      const content = await make()
      for (const settings of [{ archives: 'delete' }, { archives: 'delete', disinfect: false }] as const)
        expect(await act(content, { settings })).toMatchObject({
          outcome: { status: 'deleted' },
          after: null,
          copies: 1,
        })
      const keeps = { archives: 'delete', deleteIfDisinfectionFails: false } as const
      expect(await act(content, { settings: keeps })).toMatchObject({ outcome: kept, copies: 0 })
    },
  )

  it.each<[string, () => Buffer]>([
    ['tar', () => makeTar([bad, other])],
    ['tgz', () => gzipSync(makeTar([bad, other]))],
    [
      'tar of two zips',
      () =>
        makeTar([
          { name: 'a', data: makeZip([bad]) },
          { name: 'b', data: makeZip([other, bad]) },
        ]),
    ],
  ])('%s with nothing but malware in it is deleted', async (_, make) => {
    expect((await act(make())).outcome).toMatchObject({ status: 'deleted' })
    expect((await act(make(), { settings: { disinfect: false } })).outcome).toMatchObject({ status: 'deleted' })
    expect((await act(make(), { settings: { deleteIfDisinfectionFails: false } })).outcome).toEqual(kept)
  })

  it('what was looked at in part is never malware as a whole', async () => {
    const few = await scans.scanner(undefined, { members: 2 })
    expect((await act(makeTar([bad, other, good]), { scanner: few })).outcome).toEqual(kept)
    const tail = makeTar([bad, good])
    tail.fill(7, 1024, 1100)
    expect((await act(tail)).outcome).toEqual(kept)
    const behind = makeZip([bad], Buffer.concat([Buffer.from('MZ'), Buffer.alloc(4094, 7)]))
    expect((await act(behind)).outcome).toMatchObject({ status: 'deleted' })
    const damaged = Buffer.from(behind)
    damaged.writeUInt16LE(9, damaged.length - 12)
    expect((await act(damaged)).outcome).toEqual(kept)
  })

  it('more findings than a report holds are never malware as a whole', async () => {
    const few = await scans.scanner(undefined, { findings: 2 })
    const content = makeTar([bad, other, { ...bad, name: 'third' }])
    expect((await act(content, { scanner: few })).outcome).toEqual(kept)
    const zip = makeZip([bad, other, { ...bad, name: 'third' }, good])
    expect((await act(zip, { scanner: few })).outcome).toEqual(kept)
    expect((await act(zip, { scanner: few, verb: 'disinfect-or-delete' })).outcome).toMatchObject({ status: 'deleted' })
  })

  it('a picture with an archive behind it is not only the archive', async () => {
    const picture = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(500, 3)])
    expect((await act(makeZip([bad], picture))).outcome).toEqual(kept)
  })
})

describe('zip files', () => {
  const maybe = { name: 'maybe.js', data: suspiciousMarker }

  it('lose what the order is about, and nothing that is only suspicious or excluded', async () => {
    const suspicious = await act(makeZip([bad, maybe, good]))
    expect(suspicious.outcome).toMatchObject({ status: 'disinfected' })
    expect(members(suspicious.after)).toEqual(['maybe.js', 'good.txt'])
    const settings = { excludedThreats: ['RemoteProtection_Test_Infected'] }
    expect(members((await act(makeZip([bad, other, good]), { settings })).after)).toEqual(['evil2.bin', 'good.txt'])
    const all = await act(makeZip([bad, maybe, good]), { settings: { treatSuspicious: true } })
    expect(members(all.after)).toEqual(['good.txt'])
    const onlySuspiciousLeft = await act(makeZip([bad, maybe]))
    expect(members(onlySuspiciousLeft.after)).toEqual(['maybe.js'])
  })

  it('that are signed are kept, and deleted as a whole when the settings say so (50)', async () => {
    const content = makeZip([{ name: 'META-INF/A.SF', data: Buffer.from('a signature') }, bad, good])
    expect(await act(content)).toMatchObject({ outcome: kept, copies: 0 })
    expect(await act(content, { settings: { archives: 'delete' } })).toMatchObject({
      outcome: { status: 'deleted' },
      copies: 1,
    })
  })

  it('that can be rewritten are rewritten, also when others would be deleted', async () => {
    const { outcome, after } = await act(makeZip([bad, good]), { settings: { archives: 'delete' } })
    expect(outcome).toMatchObject({ status: 'disinfected' })
    expect(members(after)).toEqual(['good.txt'])
  })

  it('are not touched when they may only be deleted as a whole', async () => {
    const content = makeZip([bad, good])
    expect(await act(content, { settings: { disinfect: false } })).toMatchObject({ outcome: kept, copies: 0 })
  })

  it('lose a nested zip only when nothing good is in it', async () => {
    const nested = (parts: Parameters<typeof makeZip>[0]) => makeZip([{ name: 'in.zip', data: makeZip(parts) }, good])
    for (const verb of ['cure-only', 'disinfect', 'disinfect-or-delete'] as const) {
      const { outcome, after } = await act(nested([bad, other]), { verb })
      expect(outcome).toMatchObject({ status: 'disinfected' })
      expect(members(after)).toEqual(['good.txt'])
    }
    const mixed = nested([bad, { ...good, name: 'also good' }])
    for (const verb of ['cure-only', 'disinfect'] as const) {
      const { outcome, after, copies } = await act(mixed, { verb })
      expect(outcome).toEqual(kept)
      expect(after?.equals(mixed)).toBe(true)
      expect(copies).toBe(0)
    }
    const asked = await act(mixed, { verb: 'disinfect-or-delete' })
    expect(asked).toMatchObject({ outcome: { status: 'deleted' }, after: null, copies: 1 })
    expect((await act(nested([bad, maybe]))).outcome).toEqual(kept)
  })

  it('are cured of members whose names are shown with escapes', async () => {
    const { after } = await act(makeZip([{ ...bad, name: Buffer.from([0x65, 0x0a, 0xff]) }, good]))
    expect(members(after)).toEqual(['good.txt'])
  })
})
