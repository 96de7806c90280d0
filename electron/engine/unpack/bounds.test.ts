// What is made to take time or memory meets a bound, and the report says so: nothing of it is silent.
import { randomBytes } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { Lab, missed } from '../detect/testing/lab.ts'
import { type Limits, limitsWith, limitTable } from '../limits/limits.ts'
import { Budget } from './budget.ts'
import { pdf } from './documents/testing/documents.ts'
import { mailUnpacker } from './mail/mail.ts'
import { tnefUnpacker } from './mail/text-containers.ts'
import { makeWithSevenZip, makeZip } from './testing/archives.ts'
import { makeOle } from './testing/ole.ts'
import { makeRar4 } from './testing/plain-archives.ts'
import { compressVba } from './testing/vba.ts'
import type { Unpacker } from './unpacker.ts'

const lab = new Lab()
afterAll(() => lab.dispose())

async function gaps(data: Buffer, limits: Partial<Limits> = {}): Promise<string[]> {
  const scanner = await lab.scanner({ 'a.hsb': `${'0'.repeat(64)}:1:None\n` }, limits)
  return missed(await scanner.scanFile(lab.file('file', data)))
}

describe('archives in archives', () => {
  const noise = randomBytes(40_000)
  const nested = async (levels: number): Promise<Buffer> => {
    let bytes: Buffer = noise
    for (let level = 0; level < levels; level += 1) bytes = await makeWithSevenZip(['-t7z', '-mx0'], { m: bytes })
    return bytes
  }

  it('hold no more memory together than they may, and what did not fit is told', async () => {
    const limits = { nestedBytes: 100_000 }
    expect(await gaps(await nested(1), limits)).toEqual([])
    expect(await gaps(await nested(4), limits)).toEqual([expect.stringMatching(/too-big$/)])
    expect(await gaps(await nested(4))).toEqual([])
  })

  it('give back what they held: many beside each other are no more than one', async () => {
    const one = await nested(1)
    const members = Array.from({ length: 6 }, (_, at) => ({
      name: `${at}`,
      data: Buffer.concat([one, Buffer.alloc(at)]),
    }))
    expect(await gaps(makeZip(members), { nestedBytes: 200_000 })).toEqual([])
  })
})

describe('a time limit ends', () => {
  const late = () => new Budget(limitsWith({ timeMs: 1 }), performance.now() - 1000)
  const reasons = async (unpacker: Unpacker, bytes: Buffer, format: 'tnef' | 'mail'): Promise<string[]> => {
    const found: string[] = []
    for await (const member of unpacker.unpack({ bytes, name: Buffer.from('m'), format, budget: late() }))
      if (member.kind === 'problem') found.push(member.reason)
    return found
  }

  it('a cover of Outlook of nothing but attributes', async () => {
    const attributes = Buffer.alloc(4 * 1024 * 1024, Buffer.from('0202900600000000000000', 'hex'))
    const bytes = Buffer.concat([Buffer.from('789f3e220100', 'hex'), attributes])
    expect(await reasons(tnefUnpacker, bytes, 'tnef')).toEqual(['time-limit'])
  })

  it('a mail of nothing but lines that could separate parts, long before its end', async () => {
    const bytes = Buffer.concat([Buffer.from('From: a\r\nMIME-Version: 1.0\r\n\r\n'), Buffer.alloc(30_000_000, '\n--')])
    const started = process.cpuUsage()
    expect(await reasons(mailUnpacker, bytes, 'mail')).toEqual(['time-limit'])
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(1500)
  })
})

describe('what is carried in numbers', () => {
  const before = Buffer.alloc(500, 0x81)
  it('beyond the bound is told', async () => {
    const archive = makeRar4({ name: 'a', data: Buffer.from('a') })
    const most = limitTable.carriedContents.value
    expect(await gaps(Buffer.concat([before, ...Array<Buffer>(most + 1).fill(archive)]))).toContain('member-count')
  })

  it('and a flood of marks that begin nothing', async () => {
    const marks = Buffer.alloc(2_000_000, Buffer.from('526172211a0700cf9073', 'hex'))
    expect(await gaps(Buffer.concat([before, marks]))).toEqual(['member-count'])
    expect(await gaps(Buffer.concat([before, marks.subarray(0, 50_000)]))).toEqual([])
  })
})

describe('a script that is longer than is looked at', () => {
  const limits = { scriptBytes: 1000 }
  it('in the digits of a PDF', async () => {
    expect(await gaps(pdf(`7 0 obj << /JS <${'41'.repeat(900)}> >> endobj\n`), limits)).toEqual([])
    expect(await gaps(pdf(`7 0 obj << /JS <${'41'.repeat(1100)}> >> endobj\n`), limits)).toEqual([
      'script-1.js!too-big',
    ])
  })

  it('in the modules of a project', async () => {
    const source = (lines: number) => compressVba(`Attribute VB_Name = "M"\r\n${'x = 1\r\n'.repeat(lines)}`)
    const project = (lines: number) => makeOle([1, 2].map((at) => ({ name: `M${at}`, data: source(lines) })))
    expect(await gaps(project(10), limits)).toEqual([])
    expect(await gaps(project(300), limits)).toContain('too-big')
  })
})
