// Containers that are not all there: what can be had of them is looked at, and the report says exactly what is missing.
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { found, infectedMarker, Lab, missed } from '../detect/testing/lab.ts'
import type { Scanner } from '../scanner.ts'
import { makeTar, makeWithSevenZip, makeZip } from './testing/archives.ts'
import { makeRar4, makeRar5, makeZstd } from './testing/plain-archives.ts'

const lab = new Lab()
const infected = 'RemoteProtection_Test_Infected'
/** Cannot be compressed, so that a cut takes away content. */
const noise = Buffer.concat(Array.from({ length: 2000 }, (_, at) => createHash('sha256').update(`${at}`).digest()))
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterAll(() => lab.dispose())

const scan = (name: string, data: Buffer) => scanner.scanFile(lab.file(name, data))
const half = (data: Buffer) => data.subarray(0, data.length >> 1)
const marked = { name: 'a', data: infectedMarker }
const large = { name: 'b', data: noise }

describe('a container that was cut is looked at as far as it goes, and called cut', () => {
  it.each<[string, () => Promise<Buffer> | Buffer, readonly string[], readonly string[]]>([
    ['gz', () => gzipSync(Buffer.concat([infectedMarker, noise])), ['cut!truncated'], [`cut!${infected}`]],
    ['tar', () => makeTar([marked, large]), ['b!truncated'], [`a!${infected}`]],
    ['zip', () => makeZip([marked, large]), ['truncated', 'b!truncated'], [`a!${infected}`]],
    ['bz2', () => makeWithSevenZip(['-tbzip2'], { a: noise }), ['truncated'], []],
    ['xz', () => makeWithSevenZip(['-txz'], { a: noise }), ['truncated'], []],
    ['7z', () => makeWithSevenZip(['-t7z'], { a: noise }), ['truncated'], []],
    ['zst', () => makeZstd(noise), ['truncated'], []],
    ['rar', () => makeRar4(large), ['truncated'], []],
    ['rar5', () => makeRar5(large), ['truncated'], []],
  ])('%s', async (kind, make, gaps, findings) => {
    const result = await scan(`cut.${kind}`, half(await make()))
    expect([missed(result), found(result)]).toEqual([gaps, findings])
  })
})

describe('one part of several is never called wholly looked at', () => {
  it.each(['a.7z.001', 'a.7z.002', 'a.part2.rar', 'a.r00', 'a.zip.003'])('%s', async (name) => {
    const whole = await makeWithSevenZip(['-t7z'], { a: noise })
    expect(missed(await scan(name, name.endsWith('001') ? half(whole) : noise))).toContain('split')
  })

  it('the first part of a ZIP says so itself', async () => {
    const zip = Buffer.concat([Buffer.from('504b0708', 'hex'), makeZip([marked, large])])
    const result = await scan('first', half(zip))
    expect(missed(result)).toContain('split')
    expect(found(result)).toEqual([`a!${infected}`])
  })

  it('the last part of a ZIP says so itself', async () => {
    const zip = makeZip([marked, large])
    const last = Buffer.from(zip.subarray(zip.length - 200))
    last.writeUInt16LE(2, last.length - 22 + 4)
    expect(missed(await scan('last', last))).toContain('split')
  })

  it('a whole archive with such a name is no part', async () => {
    expect(missed(await scan('whole.7z.001', await makeWithSevenZip(['-t7z'], { a: noise })))).toEqual([])
  })
})
