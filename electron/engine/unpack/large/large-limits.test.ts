// Every limit that a large file meets is reported with its reason and with the member that it cut.
import { createHash } from 'node:crypto'
import { createWriteStream, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { found, infectedMarker, Lab, missed } from '../../detect/testing/lab.ts'
import type { Limits } from '../../limits/limits.ts'
import { makeTar, makeZip } from '../testing/archives.ts'

const lab = new Lab()
const infected = 'RemoteProtection_Test_Infected'
const KB = 1024
const noise = Buffer.concat(Array.from({ length: 8000 }, (_, at) => createHash('sha256').update(`${at}`).digest()))
const filler = { name: 'filler', data: noise.subarray(0, 120 * KB) }
const marked = { name: 'bad', data: infectedMarker }
const big = {
  name: 'big',
  data: Buffer.concat([noise.subarray(0, 150 * KB), infectedMarker, noise.subarray(0, 20 * KB)]),
}
afterAll(() => lab.dispose())

/** Files above 100 KB are large here. */
async function scanWith(limits: Partial<Limits>, name: string, data: Buffer) {
  const base = { wholeFileBytes: 100 * KB, windowBytes: 40 * KB, windowOverlapBytes: KB }
  const scanner = await lab.scanner(undefined, { ...base, ...limits })
  return scanner.scanFile(lab.file(name, data))
}

describe('a member larger than one in memory may be', () => {
  it.each<[string, Buffer, string]>([
    ['a.tar', makeTar([marked, big]), 'big'],
    ['a.tgz', gzipSync(makeTar([marked, big])), 'a.tar!big'],
    ['a.zip', makeZip([marked, { ...big, method: 0 }]), 'big'],
    ['deflated.zip', makeZip([marked, big]), 'big'],
  ])('is looked at in windows in %s', async (name, data, path) => {
    const result = await scanWith({ memberBytes: 100 * KB }, name, data)
    expect(found(result)).toContain(`${path}!${infected}`)
    expect(missed(result)).toEqual([])
    expect(result).toMatchObject({ object: { container: { leaves: 2 } } })
  })

  it('is opened on the way when it is a tar or a compressed stream, and only then', async () => {
    const tar = { name: 'inner.tar', data: makeTar([filler, marked]) }
    const stream = { name: 'inner.gz', data: gzipSync(Buffer.concat([noise, infectedMarker])) }
    const zip = { name: 'inner.zip', data: makeZip([filler, marked]) }
    const result = await scanWith({ memberBytes: 100 * KB }, 'a.tar', makeTar([tar, stream, zip]))
    expect(found(result)).toEqual([`inner.tar!bad!${infected}`, `inner.gz!inner!${infected}`])
    expect(missed(result)).toEqual(['inner.zip!too-big'])
  })

  it('is not opened without end', async () => {
    let data: Buffer = makeTar([filler, marked])
    for (let level = 0; level < 4; level += 1) data = makeTar([{ name: `${level}`, data }])
    const result = await scanWith({ memberBytes: 100 * KB }, 'a.tar', data)
    expect(missed(result)).toEqual(['3!2!1!too-big'])
  })

  it('counts with its digest', async () => {
    const md5 = createHash('md5').update(big.data).digest('hex')
    const files = { 'a.hdb': `${md5}:${big.data.length}:Known.Bad\n` }
    const limits = { wholeFileBytes: 100 * KB, memberBytes: 100 * KB, windowBytes: 40 * KB, windowOverlapBytes: KB }
    const scanner = await lab.scanner(files, limits)
    for (const data of [makeTar([marked, big]), makeZip([marked, big])])
      expect(found(await scanner.scanFile(lab.file('a', data)))).toEqual(['big!Known.Bad'])
    expect(found(await scanner.scanFile(lab.file('big.gz', gzipSync(big.data))))).toEqual(['big!Known.Bad'])
  })
})

describe('a limit is reported', () => {
  const many = Array.from({ length: 30 }, (_, at) => ({ name: `m${at}`, data: noise.subarray(at * KB, (at + 8) * KB) }))
  it.each<[string, Buffer, readonly string[]]>([
    ['a.tar', makeTar(many), ['member-count']],
    ['a.zip', makeZip(many), ['member-count']],
    ['a.tgz', gzipSync(makeTar(many)), ['a.tar!member-count']],
  ])('members in %s', async (name, data, gaps) => {
    expect(missed(await scanWith({ members: 10 }, name, data))).toEqual(gaps)
  })

  it.each<[string, Buffer, readonly string[]]>([
    ['a.tar', makeTar(many), ['too-big']],
    ['a.zip', makeZip(many), ['too-big']],
    ['a.tgz', gzipSync(makeTar(many)), ['a.tar!too-big']],
    ['a.gz', gzipSync(noise), ['a!too-big']],
  ])('bytes that come out of %s', async (name, data, gaps) => {
    expect(missed(await scanWith({ unpackedBytes: 80 * KB }, name, data)).sort()).toEqual(gaps)
  })

  it.each<[string, Buffer, readonly string[]]>([
    ['a.tar', makeTar([filler, marked]), ['too-big', 'filler!too-big']],
    ['a.zip', makeZip([filler, marked]), ['filler!too-big', 'bad!too-big', 'too-big']],
    ['a.tgz', gzipSync(makeTar([filler, marked])), ['a.tar!filler!too-big', 'a.tar!too-big', 'too-big']],
    ['a.gz', gzipSync(noise), ['a!too-big', 'too-big']],
  ])('how much of %s is looked at', async (name, data, gaps) => {
    expect(missed(await scanWith({ objectBytes: 100 * KB }, name, data)).sort()).toEqual([...gaps].sort())
  })

  it.each(['tar', 'zip'] as const)('levels of %s', async (kind) => {
    const deep = kind === 'tar' ? makeTar([filler, marked]) : makeZip([filler, marked])
    const limits = { recursionLevels: 0 }
    expect(missed(await scanWith(limits, `a.${kind}`, deep))).toEqual(['recursion'])
    expect(missed(await scanWith({ recursionLevels: 1 }, 'a.tgz', gzipSync(makeTar([filler, marked]))))).toEqual([
      'a.tar!recursion',
    ])
  })

  it('time', async () => {
    const result = await scanWith({ timeMs: 0 }, 'a.tar', makeTar([filler, marked]))
    expect(missed(result)).toContain('time-limit')
  })
})

it('a bomb of 1 GB ends early, and what lies before it is found', async () => {
  const path = join(lab.dir, 'bomb.tgz')
  const zeros = Buffer.alloc(1024 * KB)
  const head = makeTar([filler, marked, { name: 'zeros', data: Buffer.alloc(0) }]).subarray(0, -1536)
  const header = Buffer.from(makeTar([{ name: 'zeros', data: zeros }]).subarray(0, 512))
  const source = Readable.from(
    (function* () {
      yield head
      yield header
      for (let count = 0; count < 1024; count += 1) yield zeros
    })(),
  )
  await pipeline(source, createGzip({ level: 9 }), createWriteStream(path))
  expect(statSync(path).size).toBeGreaterThan(1024 * KB)
  const scanner = await lab.scanner(undefined, { wholeFileBytes: 100 * KB, bombRatio: 400 })
  const started = process.cpuUsage()
  const result = await scanner.scanFile(Buffer.from(path))
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(5000)
  expect(found(result)).toEqual([`bomb.tar!bad!${infected}`])
  expect(missed(result)).toContain('bomb.tar!bomb')
}, 60_000)
