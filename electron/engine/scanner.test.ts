import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import { eicar, found, infectedMarker, Lab, sha256, suspiciousMarker } from './detect/testing/lab.ts'
import type { Scanner } from './scanner.ts'
import { makeZip } from './unpack/testing/archives.ts'

const lab = new Lab()
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterAll(() => lab.dispose())

const scan = (name: string | Buffer, data: Buffer | string) => scanner.scanFile(lab.file(name, data))

/** Root may read everything: as root, these steps are done with the rights of "nobody". */
async function withoutRoot(act: () => Promise<void>): Promise<void> {
  const nobody = 65_534
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(nobody)
  try {
    await act()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

describe('EICAR', () => {
  it.each(['eicar.com', 'eicar.com.txt', 'no-ending'])('is found under the name %s (1, 2)', async (name) => {
    const result = await scan(name, eicar)
    expect(found(result)).toEqual(['EICAR-Test-File'])
    expect(result).toMatchObject({
      kind: 'detected',
      objects: 1,
      bytes: 68,
      notScanned: [],
      object: { coverage: { kind: 'full' }, findings: [{ verdict: 'infected', detector: 'eicar', member: [] }] },
    })
  })

  it.each([
    ['CR and LF', '\r\n'],
    ['60 blanks of all kinds', ' \t\r\n\x1a'.repeat(12)],
  ])('is found with %s behind it (3)', async (_, blanks) => {
    expect(found(await scan('padded', Buffer.concat([eicar, Buffer.from(blanks)])))).toEqual(['EICAR-Test-File'])
  })

  it.each([
    ['61 blanks behind it', Buffer.concat([eicar, Buffer.alloc(61, ' ')])],
    ['a blank before it', Buffer.concat([Buffer.from(' '), eicar])],
    ['a letter behind it', Buffer.concat([eicar, Buffer.from('x')])],
    ['lower case', Buffer.from(eicar.toString().toLowerCase())],
    ['text around it', Buffer.from(`The string ${eicar} is a test.`)],
    ['its last byte missing', eicar.subarray(0, 67)],
  ])('is not seen in a file with %s (4, 5, 6, 7)', async (_, data) => {
    expect(await scan('other', data)).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'full' } })
  })
})

describe('what a report holds', () => {
  it('names the rule, and the worst finding first', async () => {
    const result = await scan('both', Buffer.concat([suspiciousMarker, infectedMarker]))
    expect(found(result)).toEqual(['RemoteProtection_Test_Infected', 'RemoteProtection_Test_Suspicious'])
    if (result.kind !== 'detected') throw new Error('nothing found')
    expect(DetectedObject.parse(result.object)).toEqual(result.object)
    expect(result.object.findings[1]).toMatchObject({
      verdict: 'probably-infected',
      detector: 'yara',
      rule: { author: 'remote-protection', score: 65 },
    })
    const content = Buffer.concat([suspiciousMarker, infectedMarker])
    expect(result.object.identity.sha256).toBe(sha256(content))
    expect(result.object.md5).toBe(createHash('md5').update(content).digest('hex'))
  })

  it('finds nothing in an empty file and says that it looked at all of it (19)', async () => {
    expect(await scan('empty', '')).toMatchObject({
      kind: 'nothing-found',
      coverage: { kind: 'full' },
      objects: 1,
      bytes: 0,
    })
  })

  it('looks into a buffer as into a file', async () => {
    const result = await scanner.scanBuffer(infectedMarker, '/some/where/x')
    expect(result.findings.map(({ threat }) => threat)).toEqual(['RemoteProtection_Test_Infected'])
    expect(result).toMatchObject({ coverage: { kind: 'full' }, sha256: sha256(infectedMarker) })
  })
})

describe('file names cannot hide a content', () => {
  it.each([
    ['123', '123'],
    ['true', 'true'],
    ['TRUE', 'TRUE'],
    ['-7', '-7'],
    ['a line break', 'a\nb: OK'],
    ['a false verdict', 'x: x FOUND'],
    ['bytes that are no UTF-8', Buffer.from([0x66, 0xff, 0xfe, 0x2e, 0x63])],
    ['255 bytes', 'n'.repeat(255)],
    ['an option', '--help'],
  ])('%s (17, 18)', async (_, name) => {
    const result = await scan(name, infectedMarker)
    expect(found(result)).toEqual(['RemoteProtection_Test_Infected'])
    if (result.kind !== 'detected') throw new Error('nothing found')
    expect(result.object.path.text).not.toMatch(/[\n\ufffd]/)
  })

  it('and rules may ask for the name (17)', async () => {
    const byName = await lab.scanner({
      'n.yar': 'rule Named { strings: $a = "content" condition: $a and filename == "report.txt" }',
    })
    expect(found(await byName.scanFile(lab.file('report.txt', 'some content')))).toEqual(['Named'])
    expect(found(await byName.scanFile(lab.file('other.txt', 'some content')))).toEqual([])
    const marked = await lab.scanner({
      'n.yar': 'rule Any { strings: $a = "content" condition: $a or filename == "q" }',
    })
    for (const name of ['123', 'true', '-7'])
      expect(found(await marked.scanFile(lab.file(name, 'content')))).toEqual(['Any'])
  })
})

describe('what is no readable file', () => {
  const entry = (reason: string) => ({ kind: 'not-scanned', reason, objects: 0, bytes: 0 })

  it('a FIFO ends at once (20)', async () => {
    execFileSync('mkfifo', [join(lab.dir, 'fifo')])
    const started = performance.now()
    expect(await scanner.scanFile(Buffer.from(join(lab.dir, 'fifo')))).toMatchObject(entry('special-file'))
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('devices, folders, links and missing files are not opened (20, 23)', async () => {
    expect(await scanner.scanFile(Buffer.from('/dev/zero'))).toMatchObject(entry('special-file'))
    expect(await scanner.scanFile(Buffer.from(lab.dir))).toMatchObject(entry('special-file'))
    symlinkSync(lab.file('link-target', eicar), join(lab.dir, 'link'))
    expect(await scanner.scanFile(Buffer.from(join(lab.dir, 'link')))).toMatchObject(entry('special-file'))
    const gone = await scanner.scanFile(Buffer.from(join(lab.dir, 'missing')))
    expect(gone).toMatchObject(entry('vanished'))
    expect(gone.notScanned.map((object) => NotScannedObject.parse(object))).toHaveLength(1)
  })

  it('a file without read right is an error, not clean; one that others own and let us read is scanned (21)', async () => {
    const [secret, shared, hidden] = [lab.file('secret', eicar), lab.file('shared', eicar), join(lab.dir, 'hidden')]
    mkdirSync(hidden)
    chmodSync(hidden, 0)
    chmodSync(lab.dir, 0o755)
    chmodSync(secret, 0)
    chmodSync(shared, 0o644)
    await withoutRoot(async () => {
      expect(await scanner.scanFile(secret)).toMatchObject(entry('no-access'))
      expect(await scanner.scanFile(Buffer.from(join(hidden, 'inside')))).toMatchObject(entry('no-access'))
      expect(found(await scanner.scanFile(shared))).toEqual(['EICAR-Test-File'])
    })
    chmodSync(hidden, 0o755)
  })

  it('a hard link is scanned like any file and says how many names there are', async () => {
    linkSync(lab.file('first-name', infectedMarker), join(lab.dir, 'second-name'))
    expect(await scanner.scanFile(Buffer.from(join(lab.dir, 'second-name')))).toMatchObject({
      object: { identity: { nlink: 2 } },
    })
  })
})

describe('signatures', () => {
  const content = Buffer.from('a content that only this test has')
  const digest = (algorithm: string) => createHash(algorithm).update(content).digest('hex')
  const line = (size: number | string, name = 'Test.Hash') => `${sha256(content)}:${size}:${name}\n`

  it.each([
    ['the right size', content.length, ['Test.Hash']],
    ['any size', '*', ['Test.Hash']],
    ['another size', content.length + 1, []],
  ])('with %s (14)', async (_, size, expected) => {
    const hashes = await lab.scanner({ 'a.hsb': line(size) })
    expect(await hashes.scanFile(lab.file('other', 'x'))).toMatchObject({ coverage: { kind: 'full' } })
    expect(found(await hashes.scanFile(lab.file('hashed', content)))).toEqual(expected)
  })

  it('MD5 and SHA-1 find too', async () => {
    const files = { 'a.hdb': `${digest('md5')}:${content.length}:ByMd5\n`, 'b.hsb': `${digest('sha1')}:*:BySha1\n` }
    const hashes = await lab.scanner(files)
    expect(found(await hashes.scanFile(lab.file('hashed', content))).sort()).toEqual(['ByMd5', 'BySha1'])
  })

  it('trust by SHA-256 covers a content, by MD5 it is refused (36)', async () => {
    const trusted = await lab.scanner({ 'a.hsb': line('*'), 'a.sfp': `${sha256(content)}:*:Known\n` })
    expect(await trusted.scanFile(lab.file('t', content))).toMatchObject({
      kind: 'nothing-found',
      coverage: { kind: 'full' },
    })
    const databases = await lab.databases({ 'a.hsb': line('*'), 'a.fp': `${digest('md5')}:*:Known\n` })
    expect(databases.info.rejected).toEqual([{ file: 'a.fp', line: 1, problem: 'trust needs SHA-256' }])
  })

  it('a trusted member hides no bad one beside it, and trust of a whole covers what is in it (36)', async () => {
    const other = Buffer.from('a second content that is bad')
    const zip = makeZip([
      { name: 'known', data: content },
      { name: 'bad', data: other },
    ])
    const signatures = `${line('*')}${sha256(other)}:*:Test.Other\n`
    const member = await lab.scanner({ 'a.hsb': signatures, 'a.sfp': `${sha256(content)}:*:Known\n` })
    expect(found(await member.scanFile(lab.file('two.zip', zip)))).toEqual(['bad!Test.Other'])
    const whole = await lab.scanner({ 'a.hsb': signatures, 'a.sfp': `${sha256(zip)}:*:Known\n` })
    expect(found(await whole.scanFile(lab.file('whole.zip', zip)))).toEqual([])
    expect((await whole.scanBuffer(content, 'known')).findings).toMatchObject([{ threat: 'Test.Hash' }])
  })

  it('an ignored name is counted and not reported (37)', async () => {
    const ignoring = await lab.scanner({ 'a.hsb': line('*', 'Not.Wanted'), 'a.ign2': 'Not.Wanted\n' })
    expect(await ignoring.scanFile(lab.file('i', content))).toMatchObject({ kind: 'nothing-found', excluded: 1 })
  })
})
