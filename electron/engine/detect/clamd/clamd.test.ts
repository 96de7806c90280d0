import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { createScanner } from '../../scanner.ts'
import { infectedMarker, Lab } from '../testing/lab.ts'
import { askClamdVersion, createClamd } from './clamd.ts'
import { findClamd } from './clamd-settings.ts'
import type { SecondEngine } from './second-engine.ts'
import { type Answer, type FakeClamd, startFakeClamd } from './testing/fake-clamd.ts'

const open: { close(): Promise<void> | void }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

const content = Buffer.from('content')
const short = { connectMs: 300, answerMs: 300, restMs: 200 }

async function clamdThat(
  answer: Answer,
  limits: Parameters<typeof startFakeClamd>[1] = {},
  version?: string,
): Promise<{ fake: FakeClamd; engine: SecondEngine }> {
  const fake = await startFakeClamd(answer, limits, version)
  const engine = createClamd({ find: () => fake.settings, times: short })
  open.push(fake, { close: () => engine.dispose() })
  return { fake, engine }
}

const found = { kind: 'found', threat: 'Evil.Thing-1' }
const nothing = { kind: 'nothing-found' }
const incomplete = { kind: 'incomplete' }

it('says what it is told, over one connection', async () => {
  const { fake, engine } = await clamdThat((bytes, reply) =>
    reply(bytes.includes('bad') ? 'stream: Evil.Thing-1 FOUND' : 'stream: OK'),
  )
  expect(await engine.ask(content)).toEqual(nothing)
  expect(await engine.ask(Buffer.from('bad'))).toEqual(found)
  expect(await engine.ask(Buffer.alloc(0))).toEqual(nothing)
  expect(fake.streams.map(String)).toEqual(['content', 'bad', ''])
  expect([fake.connections(), engine.version]).toEqual([1, 'ClamAV 1.4.6/27000/Mon'])
})

it('answers in another order belong to their own contents (39)', async () => {
  const later: (() => void)[] = []
  const { engine } = await clamdThat((bytes, reply) => {
    later.unshift(() => reply(bytes.includes('bad') ? 'stream: Evil.Thing-1 FOUND' : 'stream: OK'))
    if (later.length === 3) for (const each of later) each()
  })
  const asked = ['one', 'bad', 'three'].map((text) => engine.ask(Buffer.from(text)))
  expect(await Promise.all(asked)).toEqual([nothing, found, nothing])
})

it('an object that is refused as too long is a gap, and the next one is looked at (40)', async () => {
  const { fake, engine } = await clamdThat((bytes, reply, socket) => {
    if (bytes.length < 100) return reply('stream: OK')
    reply('INSTREAM size limit exceeded. ERROR')
    socket.destroySoon()
  })
  expect(await engine.ask(Buffer.alloc(200))).toEqual(incomplete)
  expect(await engine.ask(content)).toEqual(nothing)
  expect(await engine.ask(Buffer.alloc(300))).toEqual(incomplete)
  expect(fake.streams).toHaveLength(2)
})

it('OK for an object beyond its limits is a gap, and what it does not take is not sent (41)', async () => {
  const { fake, engine } = await clamdThat((_, reply) => reply('stream: OK'))
  expect(await engine.ask(Buffer.alloc(500))).toEqual(nothing)
  expect(await engine.ask(Buffer.alloc(501))).toEqual(incomplete)
  expect(await engine.ask(Buffer.alloc(1001))).toEqual(incomplete)
  expect(fake.streams).toHaveLength(2)
})

it('OK that took as long as it looks at most, or for more files than it looks at, is a gap (41)', async () => {
  const { engine } = await clamdThat((bytes, reply) => void setTimeout(() => reply('stream: OK'), bytes.length), {
    scanMs: 100,
    files: 10,
  })
  expect(await engine.ask(Buffer.alloc(10))).toEqual(nothing)
  expect(await engine.ask(Buffer.alloc(120))).toEqual(incomplete)
  expect(await engine.ask(Buffer.alloc(10), { files: 9 })).toEqual(nothing)
  expect(await engine.ask(Buffer.alloc(10), { files: 10 })).toEqual(incomplete)
})

it('what it finds beyond its limits counts all the same', async () => {
  const { engine } = await clamdThat((_, reply) => reply('stream: Evil.Thing-1 FOUND'), { scanMs: 0 })
  expect(await engine.ask(Buffer.alloc(600), { files: 99_999 })).toEqual(found)
})

describe('one that does not answer is a gap within its time (42)', () => {
  it('absent, then there', async () => {
    const places: { settings: FakeClamd['settings'] | null } = { settings: null }
    const engine = createClamd({ find: () => places.settings, times: short })
    expect(await engine.ask(content)).toEqual(incomplete)
    const { fake } = await clamdThat((_, reply) => reply('stream: OK'))
    places.settings = fake.settings
    // It is left alone for a while, so that a scan of many files does not ask in vain for each.
    expect(await engine.ask(content)).toEqual(incomplete)
    await new Promise((resolve) => setTimeout(resolve, short.restMs + 50))
    expect(await engine.ask(content)).toEqual(nothing)
    engine.dispose()
  })

  it('one that closed an idle connection is asked again over a new one', async () => {
    let last: Parameters<Answer>[2] | undefined
    const { engine, fake } = await clamdThat((_, reply, socket) => {
      last = socket
      reply('stream: OK')
    })
    await engine.ask(content)
    last?.end()
    expect(await engine.ask(content)).toEqual(nothing)
    expect(fake.connections()).toBe(2)
  })

  it.each<[string, Answer]>([
    ['hangs', () => undefined],
    ['dies', (_, __, socket) => socket.destroy()],
    ['says something else', (_, reply) => reply('UNKNOWN COMMAND')],
    ['answers what nobody asked', (_, __, socket) => void socket.write('77: stream: OK\0')],
    ['never ends its answer', (_, __, socket) => void socket.write('x'.repeat(40_000))],
    ['claims a name with a line break', (_, reply) => reply('stream: a\nb FOUND')],
    ['says that it did not look', (_, reply) => reply('stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND')],
    ['says that it could not look', (_, reply) => reply('stream: Heuristics.Encrypted.Zip FOUND')],
  ])('%s', async (_, answer) => {
    const { engine } = await clamdThat(answer)
    const started = performance.now()
    expect(await engine.ask(content)).toEqual(incomplete)
    expect(performance.now() - started).toBeLessThan(short.answerMs + 300)
  })

  it('whoever else listens there is not believed', async () => {
    const { engine, fake } = await clamdThat((_, reply) => reply('stream: OK'), {}, 'SSH-2.0-OpenSSH')
    expect(await engine.ask(content)).toEqual(incomplete)
    expect([engine.version, fake.streams]).toEqual([null, []])
  })
})

it.each(['ClamAV 1.4.6/27000/Mon Nov 23 00:00:00 2026', 'ClamAV 1.4.6'])(
  'its version is told: %s (43)',
  async (version) => {
    const { fake } = await clamdThat(() => undefined, {}, version)
    expect(await askClamdVersion({ find: () => fake.settings })).toBe(version)
    expect(await askClamdVersion({ find: () => null })).toBeNull()
  },
)

describe('a scan with a second engine', () => {
  const lab = new Lab()
  afterAll(() => lab.dispose())

  it('a packed program is a gap, and what ClamAV finds in it is a threat (12)', async () => {
    const packed = packedProgram()
    const { engine } = await clamdThat(
      (bytes, reply) => reply(bytes.includes('UPX0') ? 'stream: Win.Packed-1 FOUND' : 'stream: OK'),
      {
        streamBytes: 1e6,
        fileBytes: 1e6,
      },
    )
    const databases = await lab.databases({ 'a.hsb': `${'a'.repeat(64)}:*:N\n` })
    const alone = await createScanner(databases)
    expect(await alone.scanBuffer(packed, 'a.exe')).toMatchObject({
      findings: [],
      coverage: { kind: 'partial', reasons: ['packer'] },
    })
    const together = await createScanner(databases, { secondEngine: engine })
    expect(await together.scanBuffer(packed, 'a.exe')).toMatchObject({
      findings: [{ threat: 'Win.Packed-1', verdict: 'infected', detector: 'clamd' }],
    })
  })

  it('never hides a finding of ours, and says what it did not look at', async () => {
    const { engine } = await clamdThat((_, __, socket) => socket.destroy())
    const scanner = await createScanner(
      await lab.databases({
        'a.yar': `rule A { strings: $a = "${infectedMarker.toString('latin1').slice(0, 20)}" condition: $a }`,
      }),
      {
        secondEngine: engine,
      },
    )
    const result = await scanner.scanBuffer(infectedMarker, 'x')
    expect(result).toMatchObject({
      findings: [{ threat: 'A' }],
      coverage: { kind: 'partial', reasons: ['second-engine'] },
    })
  })
})

describe('where it is looked for', () => {
  it('its settings say where and how much; a socket that anybody may put there is not used', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clamd-places-'))
    const socket = join(folder, 'own.ctl')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    open.push({
      close: () => {
        server.close()
        rmSync(folder, { recursive: true, force: true })
      },
    })
    const settings = join(folder, 'clamd.conf')
    writeFileSync(
      settings,
      `# LocalSocket /no\nLocalSocket ${socket}\nStreamMaxLength 5M\nMaxFileSize 3M\nMaxScanSize 0\nMaxScanTime 9000\nMaxFiles 0\n`,
    )
    const megabyte = 1024 * 1024
    expect(findClamd({ settings: [settings], sockets: [] })).toEqual({
      socketPath: socket,
      streamBytes: 5 * megabyte,
      fileBytes: 3 * megabyte,
      scanMs: 9000,
      files: Number.POSITIVE_INFINITY,
    })
    expect(findClamd({ settings: [], sockets: [socket] })).toEqual({
      socketPath: socket,
      streamBytes: 25 * megabyte,
      fileBytes: 25 * megabyte,
      scanMs: 120_000,
      files: 10_000,
    })
    expect(findClamd({ settings: [], sockets: [join(folder, 'missing')] })).toBeNull()
    const everybodys = join(folder, 'open')
    mkdirSync(everybodys)
    linkSync(socket, join(everybodys, 'own.ctl'))
    chmodSync(everybodys, 0o777)
    expect(findClamd({ settings: [], sockets: [join(everybodys, 'own.ctl')] })).toBeNull()
    symlinkSync(socket, join(folder, 'link'))
    expect(findClamd({ settings: [], sockets: [join(folder, 'link')] })).toBeNull()
  })
})

/** Not a program that runs: only the section table that a packer leaves. */
function packedProgram(): Buffer {
  const pe = Buffer.alloc(4096)
  pe.write('MZ')
  pe.writeUInt32LE(0x80, 0x3c)
  pe.write('PE\0\0', 0x80)
  pe.writeUInt16LE(1, 0x86)
  pe.write('UPX0', 0x80 + 24)
  return pe
}
