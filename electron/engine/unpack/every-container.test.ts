// Containers that only installers and old programs make, each built here around one marked member.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { program } from '../detect/heuristics/testing/programs.ts'
import { found, infectedMarker, Lab, missed, sha256 } from '../detect/testing/lab.ts'
import type { Scanner } from '../scanner.ts'
import { makeChm } from './testing/chm.ts'
import { cpioKinds, makeCpio } from './testing/cpio.ts'
import { makeCab, makeMsi } from './testing/msi.ts'
import { makeInstaller, makeNsis } from './testing/nsis.ts'

const lab = new Lab()
const threat = 'Test.Member'
const marked = { name: 'member.bin', data: Buffer.concat([infectedMarker, Buffer.from('of this test only')]) }
const other = { name: 'folder/words.txt', data: Buffer.from('nothing of interest '.repeat(50)) }
const members = [other, marked]
const stub = program(0x1000, [{ flags: 0x60000020, address: 0x1000, data: Buffer.alloc(700, 0x90) }])
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner({ 'one.hsb': `${sha256(marked.data)}:${marked.data.length}:${threat}\n` })
})
afterAll(() => lab.dispose())

const scan = (name: string, data: Buffer) => scanner.scanFile(lab.file(name, data))

describe('a database of one digest finds the member of this container, and names where it is (11)', () => {
  it.each<[string, Buffer, string]>([
    ['chm', makeChm(members), 'member.bin'],
    ['msi, in its cabinet', makeMsi(members), 'media.cab!member.bin'],
    ['msi, beside its cabinet', makeMsi([other], [{ ...marked, name: 'Binary.Action' }]), 'Binary.Action'],
    ['cab', makeCab(members), 'member.bin'],
    ['nsis', makeInstaller(stub, members), 'member.bin'],
    ['nsis of an uninstaller, without a program, not compressed', makeNsis(members, 'store'), 'member.bin'],
    [
      'nsis with a signature of its maker behind it',
      Buffer.concat([makeInstaller(stub, members), Buffer.alloc(5000, 7)]),
      'member.bin',
    ],
    ...cpioKinds.map((kind): [string, Buffer, string] => [`cpio, ${kind}`, makeCpio(members, kind), 'member.bin']),
  ])('%s', async (_, data, place) => {
    const result = await scan('container', data)
    expect(found(result)).toEqual([`${place}!${threat}`])
    expect(missed(result)).toEqual([])
  })
})

describe('an installer of NSIS', () => {
  const whole = makeInstaller(stub, members)
  const headerAt = whole.length - makeNsis(members).length + 32

  it('that breaks off is looked at as far as it goes, and that there was more is told', async () => {
    const result = await scan('setup.exe', makeInstaller(stub, [marked, other]).subarray(0, -10))
    expect(found(result)).toEqual([`member.bin!${threat}`])
    expect(missed(result)).toEqual(['truncated'])
  })

  it('whose list of members cannot be read is not called looked at', async () => {
    const damaged = Buffer.from(whole)
    damaged.fill(0x55, headerAt, headerAt + 20)
    expect(await scan('setup.exe', damaged)).toMatchObject({
      kind: 'nothing-found',
      coverage: { kind: 'partial', reasons: ['corrupt'] },
    })
  })

  it('that holds its uninstaller as it is, with the mark of another one, is looked at wholly', async () => {
    const uninstaller = { name: 'uninstall.exe', data: makeNsis([]) }
    const data = Buffer.concat([stub, Buffer.alloc(-stub.length & 511), makeNsis([uninstaller, marked], 'store')])
    const result = await scan('setup.exe', data)
    expect(found(result)).toEqual([`member.bin!${threat}`])
    expect(missed(result)).toEqual([])
  })

  it('is one by what lies behind its program, not by what its program knows', async () => {
    const mark = Buffer.from('efbeadde4e756c6c736f6674496e7374', 'hex')
    const maker = program(0x1000, [{ flags: 0x60000020, address: 0x1000, data: mark }])
    for (const data of [maker, Buffer.concat([stub, Buffer.alloc(4), mark, Buffer.alloc(100)])])
      expect(await scan('makensis.exe', data)).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'full' } })
  })
})
