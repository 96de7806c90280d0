// What a large file holds is found as in a small one: the same members, with the same paths and the same gaps.
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eicar, found, infectedMarker, Lab, missed, sha256 } from '../../detect/testing/lab.ts'
import type { FileScanResult, Scanner } from '../../scanner.ts'
import { makeTar, makeWithSevenZip, makeZip } from '../testing/archives.ts'
import { makeZip64 } from './testing/zip64.ts'

const lab = new Lab()
const infected = 'RemoteProtection_Test_Infected'
/** Cannot be compressed: makes every container large. */
const noise = Buffer.concat(Array.from({ length: 4000 }, (_, at) => createHash('sha256').update(`${at}`).digest()))
const filler = { name: 'filler', data: noise }
const marked = { name: 'deep/member.bin', data: infectedMarker }
const half = (data: Buffer) => data.subarray(0, data.length >> 1)
let inPieces: Scanner
let inMemory: Scanner
beforeAll(async () => {
  inPieces = await lab.scanner(undefined, { wholeFileBytes: 50_000, windowBytes: 40_000, windowOverlapBytes: 1000 })
  inMemory = await lab.scanner()
})
afterAll(() => lab.dispose())

const scan = (name: string, data: Buffer) => inPieces.scanFile(lab.file(name, data))
const scanWhole = (name: string, data: Buffer) => inMemory.scanFile(lab.file(name, data))

/** What both ways to look at a file must agree on. */
function essence(result: FileScanResult) {
  const container = result.kind === 'detected' ? result.object.container : undefined
  // A tar in a stream that was damaged ends for the same reason as the stream; from memory it only looks cut.
  const gaps = missed(result).filter((gap) => !/!(truncated|corrupt)$/.test(gap) || !gap.startsWith('fuzz'))
  return { found: found(result).sort(), missed: gaps.sort(), container, objects: result.objects }
}

describe('a marked member of a large file is found with its path in', () => {
  const program = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(4094, 7)])
  const flat = { ...marked, method: 0 } as const
  const path = 'deep/member.bin'
  it.each<[string, string, Buffer, string]>([
    ['tar', 'a.tar', makeTar([filler, marked]), path],
    ['tgz', 'all.tgz', gzipSync(makeTar([filler, marked])), `all.tar!${path}`],
    ['gz', 'sample.txt.gz', gzipSync(Buffer.concat([infectedMarker, noise])), 'sample.txt'],
    ['stored zip', 'a.zip', makeZip([{ ...filler, method: 0 }, flat]), path],
    ['deflated zip', 'a.zip', makeZip([filler, marked]), path],
    ['zip with 64-bit records', 'a.zip', makeZip64([filler, marked]), path],
    ['zip behind a program', 'a.exe', makeZip([filler, marked], program), path],
    ['zip in tar', 'a.tar', makeTar([filler, { name: 'b.zip', data: makeZip([marked]) }]), `b.zip!${path}`],
    ['tar in zip', 'a.zip', makeZip([filler, { name: 'b.tar', data: makeTar([marked]) }]), `b.tar!${path}`],
    ['tgz in tgz', 'a.tgz', gzipSync(gzipSync(makeTar([marked, filler]))), `a.tar!a!${path}`],
  ])('%s', async (_, name, data, where) => {
    const result = await scan(name, data)
    expect(found(result)).toEqual([`${where}!${infected}`])
    expect(missed(result)).toEqual([])
    if (result.kind !== 'detected') throw new Error('nothing found')
    expect(result.object.identity.sha256).toBe(sha256(data))
    expect(essence(result)).toEqual(essence(await scanWhole(name, data)))
  })

  it('a hidden local record of a zip', async () => {
    const data = makeZip([filler, { ...marked, listed: false }, { ...filler, name: 'last' }])
    expect(found(await scan('hidden.zip', data))).toEqual([`${path}!${infected}`])
  })

  it('a zip whose directory states another method', async () => {
    const data = makeZip([filler, { ...marked, method: 8, listedMethod: 0 }])
    expect(found(await scan('lied.zip', data))).toEqual([`${path}!${infected}`])
  })

  it('a compressed stream behind which there is much more', async () => {
    const data = Buffer.concat([gzipSync(eicar), Buffer.alloc(200_000)])
    expect(found(await scan('eicar.com.gz', data))).toEqual(['eicar.com!EICAR-Test-File'])
  })
})

describe('what cannot be looked at is named', () => {
  it('other containers are looked at from outside only', async () => {
    expect(missed(await scan('a.7z', await makeWithSevenZip(['-t7z'], { filler: noise })))).toEqual(['too-big'])
  })

  it('members of a zip that only 7-Zip opens', async () => {
    const data = await makeWithSevenZip(['-tzip', '-mm=LZMA'], { filler: Buffer.concat([noise, noise]) })
    expect(missed(await scan('a.zip', data))).toEqual(['filler!too-big'])
  })

  it('encrypted members', async () => {
    const data = await makeWithSevenZip(['-tzip', '-psecret'], { filler: noise })
    expect(missed(await scan('a.zip', data))).toEqual(['filler!encrypted'])
  })

  it('overlapping members', async () => {
    const data = makeZip([filler, { ...filler, name: 'b' }])
    data.writeUInt32LE(0, data.lastIndexOf(Buffer.from('504b0102', 'hex')) + 42)
    expect(missed(await scan('overlap.zip', data))).toEqual(['overlapping'])
  })

  it('one part of several', async () => {
    expect(missed(await scan('a.7z.002', noise))).toEqual(['split'])
  })

  it.each<[string, Buffer, readonly string[]]>([
    ['tar', makeTar([marked, filler]), ['filler!truncated']],
    ['zip', makeZip([marked, filler]), ['filler!truncated', 'truncated']],
    ['gz', gzipSync(Buffer.concat([infectedMarker, noise])), ['cut!truncated']],
    ['tgz', gzipSync(makeTar([marked, filler])), ['cut.tar!filler!truncated', 'cut.tar!truncated']],
  ])('the rest of a %s that was cut', async (kind, data, gaps) => {
    const result = await scan(`cut.${kind}`, half(data))
    expect(missed(result).sort()).toEqual(gaps)
    expect(found(result)).toHaveLength(1)
    expect(essence(result)).toEqual(essence(await scanWhole(`cut.${kind}`, half(data))))
  })
})

describe('a damaged container is read the same way in memory and from a file', () => {
  const sets: Record<string, Buffer> = {
    zip: makeZip([marked, filler, { ...marked, name: 'hidden', listed: false }, { ...marked, name: 'b', method: 0 }]),
    zip64: makeZip64([marked, filler]),
    tar: makeTar([marked, filler, { ...marked, name: 'b' }]),
    gz: gzipSync(makeTar([marked, filler, { ...marked, name: 'b' }])),
  }
  it.each(Object.keys(sets))(
    '%s',
    async (kind) => {
      const whole = sets[kind] ?? Buffer.alloc(0)
      const random = randomNumbers(20261128)
      for (let round = 0; round < 60; round += 1) {
        const data = Buffer.from(whole)
        // Most of it is noise: what is changed is near its structure.
        for (let change = 0; change <= random(4); change += 1) {
          const near = random(2) === 0 ? random(1000) : data.length - 1 - random(1000)
          data[near] = random(256)
        }
        const name = `fuzz.${kind}`
        const [one, other] = [essence(await scan(name, data)), essence(await scanWhole(name, data))]
        // A method that was changed into another one is for 7-Zip, which must have all of it.
        if (!one.missed.join().includes('too-big')) expect({ round, ...one }).toEqual({ round, ...other })
      }
    },
    60_000,
  )
})

/** The same numbers every time (xorshift). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
