// What file protection looks at, and what it leaves to a scan.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ObjectLook } from '#shared/engine-protocol/engine-contract.ts'
import { program } from '../detect/heuristics/testing/programs.ts'
import { found, infectedMarker, Lab, missed, sha256 } from '../detect/testing/lab.ts'
import type { Scanner } from '../scanner.ts'
import { makeTar, makeZip } from '../unpack/testing/archives.ts'
import { makeInstaller } from '../unpack/testing/nsis.ts'
import { limitsWith } from './limits.ts'

const MiB = 1024 * 1024
const lab = new Lab()
const threat = 'Test.Member'
const member = { name: 'member.bin', data: Buffer.concat([infectedMarker, Buffer.from('of this test only')]) }
const zip = makeZip([member])
const stub = program(0x1000, [{ flags: 0x60000020, address: 0x1000, data: Buffer.alloc(700, 0x90) }])
let scanner: Scanner
beforeAll(async () => {
  const digests = [
    [member.data, threat],
    [makeTar([member]), 'Test.Archive'],
  ] as const
  const lines = digests.map(([data, name]) => `${sha256(data)}:${data.length}:${name}\n`)
  scanner = await lab.scanner({ 'two.hsb': lines.join('') })
})
afterAll(() => lab.dispose())

const scan = (data: Buffer, look: ObjectLook, name = 'file') => scanner.scanFile(lab.file(name, data), look)

describe.each([
  ['an archive', zip],
  ['an installer', makeInstaller(stub, [member])],
  ['a program with an archive behind it', Buffer.concat([stub, zip])],
])('%s', (_, data) => {
  it('is opened where files from outside arrive, and by a scan', async () => {
    for (const look of ['on-demand', 'real-time-download'] as const) {
      const result = await scan(data, look)
      expect(found(result)).toEqual([`member.bin!${threat}`])
      expect(missed(result)).toEqual([])
    }
  })

  it('stays closed elsewhere, which is told, and is never remembered as looked at (67)', async () => {
    const result = await scan(data, 'real-time')
    expect(result).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'partial', reasons: ['not-opened'] } })
    expect(missed(result)).toEqual(['not-opened'])
    expect(result).not.toHaveProperty('seen')
  })
})

describe('file protection', () => {
  it('looks at an archive itself wherever it lies', async () => {
    const result = await scan(makeTar([member]), 'real-time')
    expect(found(result)).toEqual(['Test.Archive'])
    expect(missed(result)).toEqual(['not-opened'])
  })

  it('opens what is used without being unpacked, and leaves archives in it closed', async () => {
    const types = { name: '[Content_Types].xml', data: Buffer.from('<Types/>') }
    expect(found(await scan(makeZip([types, member]), 'real-time'))).toEqual([`member.bin!${threat}`])
    expect(found(await scan(makeZip([{ ...types, name: 'META-INF/MANIFEST.MF' }, member]), 'real-time'))).toEqual([
      `member.bin!${threat}`,
    ])
    const closed = await scan(makeZip([types, { name: 'inner.zip', data: zip }]), 'real-time')
    expect(missed(closed)).toEqual(['inner.zip!not-opened'])
    expect(closed).not.toHaveProperty('seen')
  })

  it('finds what it finds, wholly looked at, in a file that is no archive', async () => {
    expect(await scan(Buffer.from('nothing'), 'real-time')).toMatchObject({ coverage: { kind: 'full' } })
    expect(found(await scan(member.data, 'real-time'))).toEqual([threat])
  })
})

describe('the table', () => {
  it('gives file protection 256 MB unpacked and 10 s, in every folder', () => {
    for (const look of ['real-time', 'real-time-download'] as const) {
      expect(limitsWith({}, look)).toMatchObject({ unpackedBytes: 256 * MiB, timeMs: 10_000 })
    }
    expect(limitsWith()).toMatchObject({ unpackedBytes: 1024 * MiB, timeMs: 60_000, archives: 1 })
    expect(limitsWith({}, 'real-time').archives).toBe(0)
    expect(limitsWith({}, 'real-time-download').archives).toBe(1)
  })

  it('never gives file protection more than a person allows', () => {
    const given = { unpackedBytes: 5 * MiB, timeMs: 90_000, recursionLevels: 3 }
    const realTime = limitsWith(given, 'real-time-download')
    expect(realTime).toMatchObject({ unpackedBytes: 5 * MiB, timeMs: 10_000, recursionLevels: 3 })
    expect(limitsWith({ archives: 0 }, 'real-time-download').archives).toBe(0)
  })
})
