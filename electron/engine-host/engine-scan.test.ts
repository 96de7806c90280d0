// Scans in a real engine process made by the product's build: what is found, counted, told, paused and stopped.
import { execFileSync } from 'node:child_process'
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultScannerConfig } from '#shared/engine-protocol/engine-contract.ts'
import { eicarBytes, infectedMarkerBytes, suspiciousMarkerBytes } from '#shared/testing/samples.ts'
import { toFilePath } from '../engine/files/path-text.ts'
import { makeTar, makeZip } from '../engine/unpack/testing/archives.ts'
import { buildProduct, builtDir } from './testing/built.ts'
import { cpuMs, type EngineRig, type ScanRecord, startRig } from './testing/engine-rig.ts'

let rig: EngineRig
let root: string
let guarded: string

beforeAll(() => {
  buildProduct()
  root = mkdtempSync(path.join(tmpdir(), 'engine-scan-'))
  guarded = folder('guarded')
  rig = startRig(path.join(builtDir, 'engine-host.js'), { guardedDirs: [guarded] })
})
afterAll(async () => {
  await rig.dispose()
  rmSync(root, { recursive: true, force: true })
})

function folder(name: string): string {
  const made = path.join(root, name)
  mkdirSync(made, { recursive: true })
  return made
}

const where = (record: ScanRecord) =>
  record.detected
    .flatMap(({ path: file, findings }) =>
      findings.map(({ member }) => [path.basename(file.text), ...member].join('!')),
    )
    .sort()

describe('a scan of a tree', () => {
  it('finds samples plain, in zip, in tar.gz and nested, and counts everything', async () => {
    const tree = folder('samples')
    writeFileSync(path.join(tree, 'plain.com'), eicarBytes())
    writeFileSync(path.join(tree, 'marker.bin'), infectedMarkerBytes())
    writeFileSync(path.join(tree, 'maybe.bin'), suspiciousMarkerBytes())
    writeFileSync(path.join(tree, 'harmless.txt'), 'nothing to see')
    const zip = makeZip([{ name: 'eicar.com', data: Buffer.from(eicarBytes()) }])
    writeFileSync(path.join(tree, 'a.zip'), zip)
    writeFileSync(path.join(tree, 'nested.zip'), makeZip([{ name: 'a.zip', data: zip }]))
    writeFileSync(
      path.join(tree, 'b.tar.gz'),
      gzipSync(makeTar([{ name: 'eicar.com', data: Buffer.from(eicarBytes()) }])),
    )
    const record = await rig.scan([tree])
    const finished = await record.finished
    expect(where(record)).toEqual(
      [
        'a.zip!eicar.com',
        'marker.bin',
        'maybe.bin',
        'nested.zip!a.zip!eicar.com',
        'plain.com',
        'b.tar.gz!b.tar!eicar.com',
      ].sort(),
    )
    expect(finished.outcome).toBe('completed')
    expect(finished.counters.files).toBe(7)
    expect(finished.counters.found).toBe(6)
    expect(finished.counters.objects).toBeGreaterThan(7)
    expect(record.detected.find(({ path: file }) => file.text.endsWith('maybe.bin'))?.findings[0]?.verdict).toBe(
      'probably-infected',
    )
    await expect.poll(() => existsSync(path.join(rig.dataDir, 'scans', record.scanId))).toBe(false)
  })

  it('takes hostile names as they are, skips what is no file and follows no link (18, 20, 23)', async () => {
    const tree = folder('names')
    const names = ['a\nb', ': x FOUND', '-rf', 'x'.repeat(255), '123', 'true'].map((name) => Buffer.from(name))
    names.push(Buffer.from([0x66, 0xff, 0xfe]))
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), name]), eicarBytes())
    execFileSync('mkfifo', [path.join(tree, 'fifo')])
    symlinkSync('/etc/hostname', path.join(tree, 'link'))
    symlinkSync('.', path.join(tree, 'loop'))
    const record = await rig.scan([tree])
    const { counters } = await record.finished
    const expected = names.map((name) => toFilePath(Buffer.concat([Buffer.from(`${tree}/`), name])))
    expect(new Set(record.detected.map(({ path: file }) => file))).toEqual(new Set(expected))
    expect(record.notScanned.map(({ path: file, reason }) => [path.basename(file.text), reason])).toEqual([
      ['fifo', 'special-file'],
    ])
    expect(counters).toMatchObject({ files: 7, found: 7, notScanned: 1 })
  })

  it('skips a socket and a device and does not wait for them (20)', async () => {
    const tree = folder('special')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(path.join(tree, 'socket'), resolve))
    writeFileSync(path.join(tree, 'e'), eicarBytes())
    const started = Date.now()
    const record = await rig.scan([tree, '/dev/zero'])
    const { counters } = await record.finished
    server.close()
    expect(Date.now() - started).toBeLessThan(1000)
    expect(where(record)).toEqual(['e'])
    expect(record.notScanned.map(({ path: file, reason }) => [path.basename(file.text), reason]).sort()).toEqual([
      ['socket', 'special-file'],
      ['zero', 'special-file'],
    ])
    expect(counters).toMatchObject({ files: 1, found: 1, notScanned: 2 })
  })

  it('reports the target of a link in the tree once, and follows none outside (23)', async () => {
    const tree = folder('linked')
    const outside = folder('outside')
    writeFileSync(path.join(tree, 'target'), eicarBytes())
    writeFileSync(path.join(outside, 'other'), eicarBytes())
    symlinkSync('target', path.join(tree, 'a-link'))
    symlinkSync(path.join(tree, 'target'), path.join(tree, 'z-link'))
    symlinkSync(path.join(outside, 'other'), path.join(tree, 'link-to-a-file'))
    symlinkSync(outside, path.join(tree, 'link-to-a-folder'))
    const record = await rig.scan([tree])
    const { counters } = await record.finished
    expect(record.detected.map(({ path: file }) => file.text)).toEqual([path.join(tree, 'target')])
    expect(counters).toMatchObject({ files: 1, found: 1, notScanned: 0 })
  })

  it('reads a file with several names once and reports every name (24)', async () => {
    const tree = folder('links')
    writeFileSync(path.join(tree, 'one'), eicarBytes())
    for (const name of ['three', 'two']) linkSync(path.join(tree, 'one'), path.join(tree, name))
    const record = await rig.scan([tree])
    const { counters } = await record.finished
    expect(where(record)).toEqual(['one', 'three', 'two'])
    expect(counters).toMatchObject({ files: 3, found: 3, objects: 1, bytes: 68 })
  })

  it('another name of a file is looked at for what the name itself says (24)', async () => {
    const tree = folder('names-of-one')
    writeFileSync(path.join(tree, 'a-plain-name'), '#!/bin/sh\necho hello\n')
    linkSync(path.join(tree, 'a-plain-name'), path.join(tree, 'invoice.pdf.exe'))
    const record = await rig.scan([tree])
    const { counters } = await record.finished
    expect(where(record)).toEqual(['invoice.pdf.exe'])
    expect(counters).toMatchObject({ files: 2, found: 1 })
  })

  it('leaves out what is excluded, and always its own data and what it was told to guard', async () => {
    const tree = folder('excluded')
    for (const name of ['kept', 'left']) {
      mkdirSync(path.join(tree, name))
      writeFileSync(path.join(tree, name, 'e'), eicarBytes())
    }
    for (const dir of [rig.dataDir, guarded]) writeFileSync(path.join(dir, 'own'), eicarBytes())
    const record = await rig.scan([tree, rig.dataDir, guarded, path.join(guarded, 'own')], {
      exclude: [toFilePath(Buffer.from(path.join(tree, 'left')))],
    })
    await record.finished
    expect(record.detected.map(({ path: file }) => file.text)).toEqual([path.join(tree, 'kept', 'e')])
  })

  it('answers single objects, also while a scan runs, and tells unknown scans', async () => {
    const tree = folder('single')
    writeFileSync(path.join(tree, 'e'), eicarBytes())
    writeFileSync(path.join(tree, 'n'), 'nothing')
    const ask = (name: string) =>
      rig.link.client.call('object.scan', { path: toFilePath(Buffer.from(path.join(tree, name))) })
    expect(await ask('e')).toMatchObject({ kind: 'detected' })
    expect(await ask('n')).toEqual({ kind: 'nothing-found', partial: [] })
    expect(await ask('missing')).toEqual({ kind: 'not-scanned', reason: 'vanished' })
    const scanId = '00000000-0000-4000-8000-000000000000'
    await expect(rig.link.client.call('scan.control', { scanId, action: 'stop' })).rejects.toMatchObject({
      code: 'scan-unknown',
    })
    const relative = { kind: 'paths' as const, paths: [{ text: 'not/absolute' }] }
    const options = { exclude: [], loadCeilingPercent: 100 }
    await expect(
      rig.link.client.call('scan.start', {
        scanId,
        area: relative,
        options,
        expectedFiles: 0,
        resume: false,
        ignoreCache: false,
      }),
    ).rejects.toMatchObject({ code: 'bad-path' })
  })
})

describe('a scan of several thousand files', () => {
  const files = 6000
  let tree: string
  beforeAll(() => {
    tree = folder('many')
    for (let index = 0; index < files; index++) {
      if (index % 500 === 0) mkdirSync(path.join(tree, `d${index / 500}`))
      const file = path.join(tree, `d${Math.floor(index / 500)}`, `f${index}`)
      writeFileSync(file, index % 1000 === 0 ? eicarBytes() : `text ${index}`.repeat(200))
    }
  })

  it('counts exactly, and its progress is honest, bounded and never goes back', async () => {
    const record = await rig.scan([tree])
    const { counters, outcome } = await record.finished
    expect(outcome).toBe('completed')
    expect(counters).toMatchObject({ files, objects: files, found: 6, notScanned: 0 })
    const shares = record.progress.map(({ progress }) => progress.percent)
    const told = shares.filter((share) => share !== null)
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(told.at(-1)).toBe(100)
    expect(told.slice(0, -1).every((share) => share <= 99)).toBe(true)
    const seconds = ((record.progress.at(-1)?.at ?? 0) - (record.progress[0]?.at ?? 0)) / 1000
    expect(record.progress.length).toBeLessThanOrEqual(seconds * 10 + 3)
  })

  it('does not stand at 99 % although the area has grown since the last scan', async () => {
    const record = await rig.scan([tree], { loadCeilingPercent: 30 }, { expectedFiles: 2000, ignoreCache: true })
    expect((await record.finished).counters.files).toBe(files)
    const shares = record.progress.map(({ at, progress }) => ({ at, percent: progress.percent ?? 0 }))
    const since = shares.find(({ percent }) => percent >= 99)?.at ?? 0
    const [first, last] = [shares[0]?.at ?? 0, shares.at(-1)?.at ?? 0]
    expect((last - since) / (last - first)).toBeLessThan(0.15)
  })

  it('pauses within 200 ms, resumes, and ends with the same numbers', async () => {
    const record = await rig.scan([tree], { loadCeilingPercent: 20 })
    await expect.poll(() => record.progress.length).toBeGreaterThan(1)
    const control = (action: 'pause' | 'resume' | 'stop') =>
      rig.link.client.call('scan.control', { scanId: record.scanId, action })
    await control('pause')
    await wait(200)
    const seen = record.progress.length
    await wait(500)
    expect(record.progress.length).toBe(seen)
    await control('resume')
    expect((await record.finished).counters).toMatchObject({ files, objects: files, found: 6 })
  })

  it('keeps under its share of the machine', async () => {
    const record = await rig.scan([tree], { loadCeilingPercent: 15 })
    await wait(1000)
    const before = { cpu: cpuMs(rig), at: Date.now() }
    await wait(2000)
    const share = (cpuMs(rig) - before.cpu) / (Date.now() - before.at) / availableParallelism()
    await rig.link.client.call('scan.control', { scanId: record.scanId, action: 'stop' }).catch(() => undefined)
    await record.finished
    expect(share).toBeLessThan(0.22)
  })

  it('stops at once, says so and leaves nothing behind', async () => {
    const record = await rig.scan([tree], { loadCeilingPercent: 5 })
    await expect.poll(() => record.progress.length).toBeGreaterThan(1)
    const asked = Date.now()
    await rig.link.client.call('scan.control', { scanId: record.scanId, action: 'stop' })
    const finished = await record.finished
    expect(Date.now() - asked).toBeLessThan(500)
    expect(finished.outcome).toBe('stopped')
    expect(finished.counters.files).toBeLessThan(files)
    await expect.poll(() => readdirSync(path.join(rig.dataDir, 'scans'))).toEqual([])
  })

  it('runs two scans side by side, each with its own numbers', async () => {
    const records = [
      await rig.scan([path.join(tree, 'd0'), path.join(tree, 'd1')]),
      await rig.scan([path.join(tree, 'd2')]),
    ]
    const counts = await Promise.all(records.map(async (record) => (await record.finished).counters.files))
    expect(counts).toEqual([1000, 500])
  })
})

describe('a rule that loops (34)', () => {
  it('is stopped in its time, the file is reported, and the next one is scanned', async () => {
    const databasesDir = folder('looping')
    const loop = 'for all i in (0..filesize - 1) : (for all j in (0..filesize - 1) : (uint8(i) == uint8(j)))'
    writeFileSync(
      path.join(databasesDir, 'own.yar'),
      `rule Loops { condition: filesize > 100000 and ${loop} }
       rule Own { strings: $a = "needle" condition: $a }`,
    )
    const tree = folder('repetitive')
    writeFileSync(path.join(tree, 'a-loop'), Buffer.alloc(1_000_000, 'a'))
    writeFileSync(path.join(tree, 'b-needle'), 'a needle')
    const scanner = { ...defaultScannerConfig, limits: { patternTimeMs: 1000 } }
    const fresh = startRig(path.join(builtDir, 'engine-host.js'), { workers: 1, databasesDir, scanner })
    try {
      const record = await fresh.scan([tree])
      const { outcome, counters } = await record.finished
      expect(outcome).toBe('completed')
      expect(record.notScanned.map(({ path: file, reason }) => [path.basename(file.text), reason])).toEqual([
        ['a-loop', 'time-limit'],
      ])
      expect(where(record)).toEqual(['b-needle'])
      expect(counters).toMatchObject({ files: 2, found: 1, notScanned: 1 })
      expect(fresh.states).toEqual(['ready'])
    } finally {
      await fresh.dispose()
    }
  })
})

describe('other databases', () => {
  it('are taken over while the engine runs; unusable ones leave the old ones in use', async () => {
    const databases = folder('databases')
    writeFileSync(path.join(databases, 'own.yar'), 'rule Own { strings: $a = "needle" condition: $a }')
    const file = path.join(folder('needle'), 'f')
    writeFileSync(file, 'a needle')
    const fresh = startRig(path.join(builtDir, 'engine-host.js'), { workers: 1 })
    const look = async () => (await fresh.link.client.call('object.scan', { path: { text: file } })).kind
    try {
      expect(await look()).toBe('nothing-found')
      const config = { ...fresh.config, databasesDir: databases }
      expect((await fresh.link.configure(config)).databases).toMatchObject({ source: 'folder', rules: 1 })
      expect(await look()).toBe('detected')
      await expect(fresh.link.configure({ ...config, databasesDir: path.dirname(file) })).rejects.toMatchObject({
        code: 'databases-unusable',
      })
      expect(await look()).toBe('detected')
    } finally {
      await fresh.dispose()
    }
  })
})
