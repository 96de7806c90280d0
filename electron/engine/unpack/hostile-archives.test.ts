import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, deflateRawSync, gzipSync, inflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { found, infectedMarker, Lab, missed } from '../detect/testing/lab.ts'
import type { Scanner } from '../scanner.ts'
import { directoryEntry, endRecord, localHeader, makeTar, makeWithSevenZip, makeZip } from './testing/archives.ts'
import { makeCpio } from './testing/cpio.ts'
import { makeQuineZip } from './testing/quine-zip.ts'

const lab = new Lab()
const infected = 'RemoteProtection_Test_Infected'
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterAll(() => lab.dispose())

const MB = 1024 * 1024

/** Processor time in ms (a busy machine must not fail a test) and growth of memory in MB of one scan. */
async function cost<T>(act: () => Promise<T>): Promise<{ result: T; ms: number; grown: number }> {
  const before = process.memoryUsage().rss
  const started = process.cpuUsage()
  const result = await act()
  const { user, system } = process.cpuUsage(started)
  return { result, ms: (user + system) / 1000, grown: (process.memoryUsage().rss - before) / MB }
}

describe('bombs end early', () => {
  it('1 GB of zeros in gzip (26)', async () => {
    const path = join(lab.dir, 'bomb.gz')
    const zeros = Buffer.alloc(MB)
    const source = Readable.from(
      (function* () {
        for (let count = 0; count < 1024; count += 1) yield zeros
      })(),
    )
    await pipeline(source, createGzip({ level: 9 }), createWriteStream(path))
    const { result, ms, grown } = await cost(() => scanner.scanFile(Buffer.from(path)))
    expect(result).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'partial', reasons: ['bomb'] } })
    expect(missed(result)).toEqual(['bomb!bomb'])
    expect(ms).toBeLessThan(5000)
    expect(grown).toBeLessThan(400)
  }, 60_000)

  it.each([
    ['bzip2', ['-tbzip2']],
    ['xz', ['-txz']],
    ['7z', ['-t7z']],
  ])('16 MB of zeros in %s', async (_, options) => {
    const path = lab.file('bomb', await makeWithSevenZip([...options, '-mx1'], { zeros: Buffer.alloc(16 * MB) }))
    const { result, ms } = await cost(() => scanner.scanFile(path))
    expect(result).toMatchObject({ coverage: { kind: 'partial', reasons: ['bomb'] } })
    expect(ms).toBeLessThan(5000)
  })

  it('a bomb in a ZIP does not hide what lies beside it', async () => {
    const data = makeZip([
      { name: 'bomb', data: Buffer.alloc(64 * MB) },
      { name: 'bad', data: infectedMarker },
    ])
    const result = await scanner.scanFile(lab.file('side.zip', data))
    expect(found(result)).toEqual([`bad!${infected}`])
    expect(missed(result)).toEqual(['bomb!bomb'])
  })

  /** A ZIP of `width` members, each a ZIP of `width` members, and so on; `leaf` makes the innermost ones by number. */
  function nestedZip(levels: number, width: number, leaf: (index: number) => Buffer, first = 0): Buffer {
    const below = width ** (levels - 1)
    const members = Array.from({ length: width }, (_, index) => ({
      name: `${levels}-${index}`,
      data: levels === 1 ? leaf(first + index) : nestedZip(levels - 1, width, leaf, first + index * below),
    }))
    return makeZip(members)
  }

  it('16 x 16 x 16 members of 1 MB of which three are distinct: 4 GB in 11 KB (27)', async () => {
    const zeros = Buffer.alloc(MB)
    const level = (data: Buffer): Buffer => nestedZip(1, 16, () => data)
    const { result, ms } = await cost(async () => scanner.scanFile(lab.file('nested.zip', level(level(level(zeros))))))
    expect(result).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'full' } })
    expect(result.objects).toBe(1 + 3 * 16)
    expect(ms).toBeLessThan(2000)
  })

  it('16 x 16 x 16 members that are all different, the marker in the last one', async () => {
    const leaf = (index: number): Buffer => (index === 4095 ? infectedMarker : Buffer.from(`member ${index}`))
    const data = nestedZip(3, 16, leaf)
    const { result, ms } = await cost(() => scanner.scanFile(lab.file('wide.zip', data)))
    expect(found(result)).toEqual([`3-15!2-15!1-15!${infected}`])
    expect(result).toMatchObject({ objects: 1 + 16 + 256 + 4096, object: { coverage: { kind: 'full' } } })
    expect(ms).toBeLessThan(10_000)
  }, 30_000)

  it('22 x 22 x 22 members that are all different are too many', async () => {
    const data = nestedZip(3, 22, (index) => Buffer.from(`member ${index}`))
    const { result, ms } = await cost(() => scanner.scanFile(lab.file('wider.zip', data)))
    expect(result).toMatchObject({ coverage: { kind: 'partial', reasons: ['member-count'] } })
    expect(ms).toBeLessThan(15_000)
  }, 40_000)

  it('a ZIP that holds itself (28)', async () => {
    const quine = makeQuineZip()
    expect(inflateRawSync(quine.subarray(35))).toEqual(quine)
    const { result, ms } = await cost(() => scanner.scanFile(lab.file('r.zip', quine)))
    expect(result).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'full' }, objects: 2 })
    expect(ms).toBeLessThan(1000)
    // Beside a bad member it hides nothing, at whatever depth it is met again.
    const beside = makeZip([
      { name: 'quine', data: quine },
      {
        name: 'deep',
        data: makeZip([
          { name: 'quine', data: quine },
          { name: 'bad', data: infectedMarker },
        ]),
      },
    ])
    const second = await scanner.scanFile(lab.file('beside.zip', beside))
    expect(found(second)).toEqual([`deep!bad!${infected}`])
    expect(second.objects).toBe(6)
  })

  it('thousands of members over the same data', async () => {
    const packed = deflateRawSync(Buffer.alloc(MB, 'ab'))
    const name = Buffer.from('n')
    const fields = { packed: packed.length, size: MB, flags: 0, method: 8 }
    const local = Buffer.concat([localHeader(name, fields), packed])
    const entries = Array.from({ length: 3000 }, () => directoryEntry(name, { ...fields, at: 0 }))
    const listing = Buffer.concat(entries)
    const data = Buffer.concat([local, listing, endRecord(3000, listing.length, local.length)])
    const { result, ms } = await cost(() => scanner.scanFile(lab.file('overlap.zip', data)))
    expect(result).toMatchObject({ coverage: { kind: 'partial', reasons: expect.arrayContaining(['overlapping']) } })
    expect(ms).toBeLessThan(15_000)
  }, 30_000)

  it('more members than the limit', async () => {
    const few = await lab.scanner(undefined, { members: 10 })
    const data = makeTar(
      Array.from({ length: 20 }, (_, index) => ({ name: `m${index}`, data: Buffer.from(`content ${index}`) })),
    )
    const result = await few.scanFile(lab.file('many.tar', data))
    expect(result).toMatchObject({ coverage: { kind: 'partial', reasons: ['member-count'] } })
  })

  it('members larger than the limit are looked at in part', async () => {
    const small = await lab.scanner(undefined, { memberBytes: 2 * MB })
    const random = Buffer.from(Array.from({ length: 3 * MB }, (_, index) => (index * 7919) % 251))
    const result = await small.scanFile(lab.file('big.gz', gzipSync(random)))
    expect(result).toMatchObject({ coverage: { kind: 'partial', reasons: ['too-big'] } })
  })

  it('a time budget that is used up', async () => {
    const hasty = await lab.scanner(undefined, { timeMs: 0 })
    const result = await hasty.scanFile(lab.file('late.zip', makeZip([{ name: 'a', data: infectedMarker }])))
    expect(result).toMatchObject({ coverage: { kind: 'partial', reasons: expect.arrayContaining(['time-limit']) } })
  })
})

describe('large files', () => {
  it('are looked at in windows that overlap, and hashed as a whole', async () => {
    const windows = await lab.scanner(undefined, {
      wholeFileBytes: 100_000,
      windowBytes: 64_000,
      windowOverlapBytes: 1000,
    })
    const data = Buffer.alloc(300_000, 'x')
    infectedMarker.copy(data, 64_000 - 10)
    expect(found(await windows.scanFile(lab.file('edge', data)))).toEqual([infected])
    const clean = await windows.scanFile(lab.file('clean', Buffer.alloc(300_000, 'x')))
    expect(clean).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'full' }, bytes: 300_000 })
  })

  it('above the size limit only their start is looked at, but a finding has the digest of all', async () => {
    const short = await lab.scanner(undefined, {
      wholeFileBytes: 1000,
      windowBytes: 1000,
      windowOverlapBytes: 100,
      objectBytes: 3000,
    })
    const data = Buffer.concat([infectedMarker, Buffer.alloc(10_000, 'y')])
    const whole = await lab.scanner()
    const [cut, all] = [await short.scanFile(lab.file('huge', data)), await whole.scanFile(lab.file('huge', data))]
    if (cut.kind !== 'detected' || all.kind !== 'detected') throw new Error('nothing found')
    expect(cut.object.coverage).toEqual({ kind: 'partial', reasons: ['too-big'] })
    expect(cut.object.identity.sha256).toBe(all.object.identity.sha256)
  })

  it('large containers that only open as a whole are looked at in part', async () => {
    const short = await lab.scanner(undefined, { wholeFileBytes: 1000 })
    const noise = Buffer.concat(Array.from({ length: 60 }, (_, at) => createHash('sha256').update(`${at}`).digest()))
    const data = await makeWithSevenZip(['-t7z'], { a: noise })
    expect(await short.scanFile(lab.file('large.7z', data))).toMatchObject({
      coverage: { kind: 'partial', reasons: ['too-big'] },
    })
  })
})

describe('damaged archives', () => {
  const fixtures = async (): Promise<Record<string, Buffer>> => {
    const members = {
      'a.bin': Buffer.concat([infectedMarker, Buffer.alloc(500, 'q')]),
      'b.txt': Buffer.alloc(3000, 'words '),
    }
    const list = Object.entries(members).map(([name, data]) => ({ name, data }))
    return {
      zip: makeZip(list),
      tar: makeTar(list),
      gz: gzipSync(makeTar(list)),
      cpio: makeCpio(list),
      '7z': await makeWithSevenZip(['-t7z'], members),
      bz2: await makeWithSevenZip(['-tbzip2'], { 'a.bin': members['a.bin'] }),
      xz: await makeWithSevenZip(['-txz'], { 'a.bin': members['a.bin'] }),
      wim: await makeWithSevenZip(['-twim'], members),
    }
  }

  it('cut in the middle are never called wholly looked at without a finding', async () => {
    for (const [kind, data] of Object.entries(await fixtures())) {
      const result = await scanner.scanFile(lab.file(`cut.${kind}`, data.subarray(0, data.length >> 1)))
      if (result.kind === 'nothing-found')
        expect({ kind, coverage: result.coverage }).toMatchObject({ kind, coverage: { kind: 'partial' } })
    }
  })

  it('changed at random places end within the budget and never throw', async () => {
    const random = randomNumbers(20261122)
    const started = process.cpuUsage()
    for (const [kind, data] of Object.entries(await fixtures())) {
      for (let round = 0; round < 60; round += 1) {
        const changed = Buffer.from(data)
        for (let change = 0; change <= random(6); change += 1) changed[random(changed.length)] = random(256)
        const length = random(4) === 0 ? random(changed.length) : changed.length
        const report = await scanner.scanBuffer(changed.subarray(0, length), `fuzz.${kind}`)
        expect(report.objects).toBeGreaterThan(0)
      }
    }
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(30_000)
  }, 60_000)
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
