import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { clamavKeys, verifiesBody, verifiesInfo } from './container-signature.ts'
import { type OpenedContainer, type OpenOptions, openContainer, type Refused } from './cvd.ts'
import type { Detached } from './detached-signature.ts'
import { createSpool, type Spool } from './spool.ts'
import { type ContainerOptions, makeContainer, makeKeys, makeTar, type SigningKeys } from './testing/containers.ts'

const dir = mkdtempSync(join(tmpdir(), 'containers-'))
const files = { 'test.hsb': `${'a'.repeat(64)}:10:One\n`, 'test.ndb': 'Two:0:*:aabbccdd\nThree:0:*:aabbccee' }
const spools: Spool[] = []
let keys: SigningKeys
beforeAll(() => {
  keys = makeKeys()
})
afterEach(() => {
  for (const spool of spools.splice(0)) spool.dispose()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function opening(name: string, bytes: Buffer, more: Partial<OpenOptions> = {}): Promise<OpenedContainer | Refused> {
  const spool = createSpool(dir)
  spools.push(spool)
  const pieces = (): Buffer[] => {
    const size = 1000
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
  }
  return openContainer(name, { pieces }, { spool, isWanted: () => true, keys: keys.public, ...more })
}

async function refusal(name: string, bytes: Buffer, more: Partial<OpenOptions> = {}): Promise<string> {
  const result = await opening(name, bytes, more)
  return 'refused' in result ? result.refused : 'not refused'
}

function make(kind: 'cvd' | 'cld' | 'cud', options: ContainerOptions = {}): Buffer {
  return makeContainer(kind, files, keys, options)
}

function flipped(bytes: Buffer, at: number, bit = 0): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ (1 << bit)
  return copy
}

function contents(result: OpenedContainer | Refused): Record<string, string> {
  if ('refused' in result) throw new Error(result.refused)
  const text = (pieces: Iterable<Buffer>): string => Buffer.concat([...pieces]).toString()
  return Object.fromEntries(result.files.flatMap(({ name, pieces }) => (pieces ? [[name, text(pieces())]] : [])))
}

describe('a detached signature', () => {
  const asked: unknown[] = []
  const detached = (says: Detached) => (container: { version: number; sha256: string }) => {
    asked.push(container)
    return says
  }

  it('takes the place of the old one over the body, not of the list of files', async () => {
    const made = make('cvd')
    const old = Buffer.concat([
      Buffer.from(
        made
          .toString('latin1', 0, 512)
          .replace(/:[^:]+:tester/, ':x:tester')
          .padEnd(512),
        'latin1',
      ),
      made.subarray(512),
    ])
    expect(await refusal('test.cvd', old)).toBe('its signature is wrong')
    expect(await opening('test.cvd', old, { detached: detached('good') })).toMatchObject({ isDetachedUnchecked: false })
    expect(asked).toEqual([{ version: 7, sha256: createHash('sha256').update(old).digest('hex') }])
    const list = make('cvd', { changeEntries: (entries) => entries.filter(({ name }) => name !== 'test.ndb') })
    expect(await refusal('test.cvd', list, { detached: detached('good') })).toContain('is missing')
  })

  it('that is wrong is final; one that nobody can check leaves it to the others', async () => {
    const refused = { refused: 'wrong' }
    expect(await opening('test.cvd', make('cvd'), { detached: detached(refused) })).toEqual(refused)
    const unchecked = await opening('test.cvd', make('cvd'), { detached: detached('not-checked') })
    expect(unchecked).toMatchObject({ isDetachedUnchecked: true })
    expect(await refusal('test.cvd', flipped(make('cvd'), 700), { detached: detached('not-checked') })).toBe(
      'its content does not fit its header',
    )
  })

  it('is not asked about what was put together on this computer', async () => {
    expect(await opening('test.cld', make('cld'), { detached: detached({ refused: 'wrong' }) })).toMatchObject({
      version: 7,
    })
  })
})

describe('a well made container', () => {
  it.each(['cvd', 'cld', 'cud'] as const)('of kind %s is opened and its files are given (44)', async (kind) => {
    const result = await opening(`test.${kind}`, make(kind))
    expect(result).toMatchObject({ version: 7, signatures: 2, builtAt: '2026-11-22T09:30:00.000Z' })
    expect(contents(result)).toEqual({ ...files, COPYING: 'Terms.\n' })
    if ('refused' in result) return
    expect(result.files.map(({ name, lines }) => [name, lines])).toContainEqual(['test.ndb', 2])
  })

  it('gives its files also when they are too large for memory, and leaves no file behind', async () => {
    const large = { 'test.hsb': 'x'.repeat(40_000), 'test.ndb': 'y'.repeat(700) }
    const spool = createSpool(dir, 1000)
    spools.push(spool)
    const result = await opening('test.cvd', makeContainer('cvd', large, keys), {
      spool,
      isWanted: (name) => name !== 'COPYING',
    })
    expect(contents(result)).toEqual(large)
    expect(readdirSync(dir)).toEqual([])
  })

  it('that ClamAV signed verifies with its keys', () => {
    const signature =
      'ttQeKzTSL5iF5/IWsA8weveL64WDVkhgfbm/ABaW3xAWalVKcAp65Q/cWmhkhKFfHSLIXNfCzTLbhfTeISKpfWAheL7NZk+t6nQ8NEFBBst6CQcoF' +
      'TwwyVLwwTSN38VYLW/vZFYphnkBcCotyo++NYU5VQ9JUA6dFQXxaU00b6c'
    expect(verifiesBody('a4ab60ae1c1c4e8f787459102dcfd90b', signature, clamavKeys.body)).toBe(true)
    expect(verifiesBody('a4ab60ae1c1c4e8f787459102dcfd90c', signature, clamavKeys.body)).toBe(false)
    const list = [
      'ClamAV-VDB:22 Jun 2021 14-58 -0400:1:0:81:X:X:micasnyd:1624388302',
      'test.ndb:240:244a20e9da37de181ede6db64f85c97916381d91f65e1b39e4f9300cb0726be9',
      'test.ldb:44:0748b843a1cea3242d70531083b84f877d8de398cfefe65509b5d3bb1e3bcb57',
      '',
    ].join('\n')
    const listSignature =
      'TFd9RBeu6wZwfMrWGsGH9WOSs1j+3s+PD2fVTLwR8Qgv2QVF25EXnIfH4cKmKRDoqDCLE0P6Kk3KRROkvaSGv01aiGMNRzY3bHkGQlSUs2p6kXUoV4B+' +
      'TLn1gZYR4x6XH7GuFPolfxgHuzK974zxoxXe7GhzHPVgxtUI6uODlzJNw2HfCXG/MqPnNmMSC1yquZjmzA3ak0+jrdqfmg8c27xSrvd7/6K6ItyYEa9q' +
      '3HPL/9g7ANKQ0B+0TegXySdmIkZ+PYgf6u3uEx09db3RXLkesU8K3bvdVZSEyyRh0ir+GibrGM2Fef1GugtNAI8gUQAA9OtJmhuNUsbeWNdDV'
    expect(verifiesInfo(Buffer.from(list), listSignature, clamavKeys.info)).toBe(true)
    expect(verifiesInfo(Buffer.from(list.replace('240', '241')), listSignature, clamavKeys.info)).toBe(false)
  })
})

describe('a container that was changed', () => {
  it('one bit of the header, whichever, and nothing of it is used (44)', async () => {
    const cvd = make('cvd')
    const cld = make('cld')
    for (let at = 0; at < 512; at += 1) {
      expect(await refusal('test.cvd', flipped(cvd, at, at % 8)), `cvd, byte ${at}`).not.toBe('not refused')
      const field = cld.toString('latin1', 0, at).split(':').length
      // Digest and signature in the header say nothing of a container that was put together here.
      if (field !== 6 && field !== 7)
        expect(await refusal('test.cld', flipped(cld, at, at % 8)), `cld, byte ${at}`).not.toBe('not refused')
    }
  })

  it('one bit of the body (44)', async () => {
    const cvd = make('cvd')
    for (let at = 512; at < cvd.length; at += 7)
      expect(await refusal('test.cvd', flipped(cvd, at, at % 8))).toBe('its content does not fit its header')
  })

  it('a body with a right digest and a wrong signature (44)', async () => {
    expect(await refusal('test.cvd', makeContainer('cvd', files, { ...makeKeys(), info: keys.info }))).toBe(
      'its signature is wrong',
    )
    const unsigned = make('cud')
    expect(await refusal('test.cvd', unsigned)).toBe('its content does not fit its header')
  })

  it('a file that is not what the list of a .cld says (44)', async () => {
    const cld = make('cld')
    const at = cld.indexOf('Two:0')
    expect(await refusal('test.cld', flipped(cld, at))).toBe('test.ndb is not what its list of files says')
  })

  it('one bit of the list of a .cld, or of its signature (44)', async () => {
    const cld = make('cld')
    const [start, end] = [cld.indexOf('ClamAV-VDB', 512), cld.indexOf('\n', cld.indexOf('DSIG:'))]
    for (let at = start; at < end; at += 5)
      expect(await refusal('test.cld', flipped(cld, at, at % 8)), `byte ${at}`).not.toBe('not refused')
  })

  it('a list that others signed, that is not signed, or that is not there', async () => {
    const others = makeContainer('cld', files, makeKeys())
    expect(await refusal('test.cld', others)).toBe('the signature of its list of files is wrong')
    const unsigned = makeContainer('cud', files, keys)
    expect(await refusal('test.cld', unsigned)).toBe('its list of files has no signature')
    const without = make('cld', { changeEntries: (entries) => entries.filter(({ name }) => name !== 'test.info') })
    expect(await refusal('test.cld', without)).toBe('it has no list of files, or more than one')
  })

  it('a file that is not in the list, or one of the list that is missing', async () => {
    const more = make('cld', {
      changeEntries: (entries) => [...entries, { name: 'more.fp', content: Buffer.from('x') }],
    })
    expect(await refusal('test.cld', more)).toBe('more.fp is not in its list of files')
    const fewer = make('cld', { changeEntries: (entries) => entries.slice(0, -1) })
    expect(await refusal('test.cld', fewer)).toBe('test.ndb is missing')
    const twice = make('cld', { changeEntries: (entries) => [...entries, ...entries.slice(-1)] })
    expect(await refusal('test.cld', twice)).toBe('it holds two files of one name')
  })

  it('a list with the header of another version', async () => {
    const other = make('cvd', { changeInfo: (text) => text.replace(':7:', ':8:') })
    expect(await refusal('test.cvd', other)).toBe('its header is not the one that was signed')
  })

  it('cut off at any length', async () => {
    for (const kind of ['cvd', 'cld'] as const) {
      const whole = make(kind)
      // The last blocks of a tar are empty: without them all files are there.
      const needed = kind === 'cld' ? whole.length - 1024 - 512 : whole.length
      for (let length = 0; length < needed; length += 61)
        expect(await refusal(`test.${kind}`, whole.subarray(0, length)), `${kind} ${length}`).not.toBe('not refused')
    }
  })
})

describe('a container whose archive is hostile', () => {
  const plain = 'it holds a name that is not plain'
  const other = 'it holds something else than plain files'
  it.each([
    ['../x.hsb', '0', plain],
    ['/etc/x.hsb', '0', plain],
    ['a/x.hsb', '0', plain],
    ['..', '0', plain],
    ['.hidden', '0', plain],
    ['x\n.hsb', '0', plain],
    ['x.hsb', '1', other],
    ['x.hsb', '2', other],
    ['folder', '5', other],
    ['x.hsb', 'L', other],
  ])('with %j of type %s it is refused, whoever signed it (44)', async (name, type, reason) => {
    const changeEntries: ContainerOptions['changeEntries'] = (entries) => [
      { name: 'COPYING', content: Buffer.alloc(0) },
      { name, type, content: Buffer.alloc(0) },
      ...entries,
    ]
    for (const kind of ['cvd', 'cld', 'cud'] as const)
      expect(await refusal(`test.${kind}`, make(kind, { changeEntries }))).toBe(reason)
  })

  it('that unpacks to far more is left off at the bound', async () => {
    const bomb = make('cud', {
      changeEntries: (entries) => [...entries, { name: 'bomb.hsb', content: Buffer.alloc(64 * 1024 * 1024) }],
    })
    expect(bomb.length).toBeLessThan(100_000)
    expect(await refusal('test.cud', bomb, { maxUnpackedBytes: 1024 * 1024 })).toBe('it is too large unpacked')
  })

  it('that is not compressed as it should be, or empty, is refused', async () => {
    const header = make('cud').subarray(0, 512)
    const with_ = (body: Buffer): Promise<string> => refusal('test.cud', Buffer.concat([header, body]))
    expect(await with_(Buffer.from('not compressed'))).toBe('its content is damaged')
    expect(await with_(Buffer.alloc(0))).toBe('its content is damaged')
    expect(await with_(gzipSync(Buffer.alloc(0)))).toBe('it is cut off')
    expect(await with_(gzipSync(makeTar([])))).toBe('it is cut off')
    expect(await refusal('test.txt', make('cud'))).toBe('not a database container')
  })
})
