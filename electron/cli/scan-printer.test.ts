// What the command line says of a scan, and the built one over a real engine: nothing without what was left out.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { QuarantineId, ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject, Finding, NotScannedObject } from '#shared/domain/object-report.ts'
import { noCounters } from '#shared/domain/scan.ts'
import type { EngineInfo } from '#shared/engine-protocol/engine-contract.ts'
import { toFilePath } from '../engine/files/path-text.ts'
import { makeZip } from '../engine/unpack/testing/archives.ts'
import { buildProduct, builtDir } from '../engine-host/testing/built.ts'
import { createScanPrinter } from './scan-printer.ts'

vi.setConfig({ testTimeout: 90_000 })

const root = mkdtempSync(path.join(tmpdir(), 'printer-'))
beforeAll(buildProduct)
afterAll(() => rmSync(root, { recursive: true, force: true }))

const info: EngineInfo = {
  protocol: 1,
  engineVersion: '1',
  patternBackend: 'native',
  secondEngine: { state: 'off', version: null },
  workers: 1,
  databases: {
    version: 'v1',
    releasedAt: '2026-01-01T00:00:00Z',
    hashSignatures: 1,
    rules: 1,
    recipes: 0,
    rejected: [],
    source: 'seed',
  },
}
const rule = {
  name: 'Own',
  author: 'A. Writer',
  reference: 'https://x.example/1',
  description: 'Sharp \u001b[31mthings',
  score: 65,
}
const finding: Finding = { member: ['in.zip', 'a'], threat: 'Own', verdict: 'risky', detector: 'yara', rule }
const object = {
  path: { text: '/b' },
  findings: [finding],
  findingsComplete: true,
  coverage: { kind: 'full' },
} as unknown as DetectedObject
const gaps: NotScannedObject[] = [
  { path: { text: '/fifo' }, member: [], reason: 'special-file', partial: false },
  { path: { text: '/c.zip' }, member: ['d'], reason: 'too-big', partial: true },
]

it('what a report has no room for is counted', () => {
  const lines: string[] = []
  const terminal = { print: (line: string) => lines.push(line), note: () => undefined, progress: () => undefined }
  const printer = createScanPrinter(terminal, false)
  printer.detected([{ ...object, findingsComplete: false }])
  printer.notScanned([{ path: { text: '/c.zip' }, member: ['d'], reason: 'encrypted', partial: false, more: 70 }])
  expect(lines.slice(1)).toEqual([
    'FOUND        /b: and more that is not listed',
    'NOT SCANNED  /c.zip!d: password-protected',
    'NOT SCANNED  /c.zip: and 70 more in it',
  ])
})

function printed(json: boolean, counters = { ...noCounters, files: 3, notScanned: 2, excluded: 3 }): string[] {
  const lines: string[] = []
  const terminal = { print: (line: string) => lines.push(line), note: () => undefined, progress: () => undefined }
  const printer = createScanPrinter(terminal, json)
  printer.detected([object])
  if (counters.notScanned > 0) printer.notScanned(gaps)
  const scanId = ScanId.parse('00000000-0000-4000-8000-000000000001')
  printer.summary({ scanId, outcome: 'completed', counters, durationMs: 1234 }, info)
  return lines
}

it('tells everything that a rule says of itself, in one line that steers no terminal', () => {
  expect(printed(false)[0]).toBe(
    'FOUND        /b!in.zip!a: Own (risky, yara, score 65, rule by A. Writer, https://x.example/1): Sharp \\u{1b}[31mthings',
  )
})

it('tells what was not scanned from what was scanned in part, with reasons in words, and what was left out by name', () => {
  expect(printed(false).slice(1)).toEqual([
    'NOT SCANNED  /fifo: special file',
    'IN PART      /c.zip!d: too big',
    '',
    'Scan finished: nothing found, 1 not scanned, 1 scanned in part',
    '3 matches left out because their names are excluded',
    '3 files, 0 objects, 0 bytes in 1.2 s',
    'Databases v1, released 2026-01-01T00:00:00Z',
  ])
  expect(printed(false, noCounters)).toContain('Scan finished: nothing found')
})

it('tells programs the same', () => {
  const lines = printed(true).map((line) => JSON.parse(line))
  expect(lines[0]).toMatchObject({ type: 'finding', rule })
  const path = { path: '/c.zip', pathBase64: Buffer.from('/c.zip').toString('base64') }
  expect(lines[2]).toEqual({ type: 'notScanned', ...path, member: ['d'], reason: 'too-big', partial: true })
  expect(lines.at(-1)).toMatchObject({ type: 'summary', outcome: 'completed', notScanned: 2, partial: 1, excluded: 3 })
})

it('counts over a real scan', () => {
  const tree = path.join(root, 'tree')
  const databases = path.join(root, 'db')
  for (const folder of [tree, databases]) mkdirSync(folder)
  writeFileSync(path.join(databases, 'own.yar'), 'rule Own { strings: $a = "needle" condition: $a }')
  writeFileSync(path.join(databases, 'own.ign2'), 'Own\n')
  writeFileSync(path.join(tree, 'n'), 'a needle')
  writeFileSync(path.join(tree, 'cut.zip'), makeZip([{ name: 'a', data: Buffer.from('text') }]).subarray(0, -8))
  spawnSync('mkfifo', [path.join(tree, 'fifo')])
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [path.join(builtDir, 'cli.js'), 'scan', '--databases', databases, ...args, tree], {
      env: { ...process.env, PROTECTION_DATA_DIR: path.join(root, 'data') },
      encoding: 'utf8',
    })
  const { status, stdout } = run()
  expect(status).toBe(0)
  expect(stdout).toMatch(/^NOT SCANNED {2}\S+fifo: special file$/m)
  expect(stdout).toMatch(/^IN PART {6}\S+cut\.zip: (ends too early|damaged)$/m)
  expect(stdout).toContain('Scan finished: nothing found, 1 not scanned, 1 scanned in part\n')
  expect(stdout).toContain('1 match left out because its name is excluded\n')
  expect(stdout).not.toMatch(/clean|safe/i)
  const [last] = run('--json').stdout.trim().split('\n').reverse()
  expect(JSON.parse(last ?? '')).toMatchObject({ findings: 0, notScanned: 2, partial: 1, excluded: 1 })
})

it('names what was done besides the object itself, each in a line of its own', () => {
  const lines: string[] = []
  const terminal = { print: (line: string) => lines.push(line), note: () => undefined, progress: () => undefined }
  const quarantineId = QuarantineId.parse('00000000-0000-4000-8000-000000000002')
  const acts = { ended: ['sh (1)'], autostartRemoved: ['~/.bashrc: /b'], autostartLeft: ['/etc/crontab: /b'] }
  const outcome = { status: 'deleted', quarantineId, otherLinks: 0, acts } as const
  createScanPrinter(terminal, false).treated(object, outcome)
  expect(lines).toEqual([
    'TREATED      /b: deleted',
    'ENDED        sh (1)',
    'REMOVED      ~/.bashrc: /b',
    'NOT REMOVED  /etc/crontab: /b',
  ])
  createScanPrinter(terminal, true).treated(object, outcome)
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ type: 'treated', path: '/b', pathBase64: 'L2I=', outcome })
})

it('paths tell every byte in the text, and programs get the bytes, wherever a path stands', () => {
  const lines: string[] = []
  const terminal = { print: (line: string) => lines.push(line), note: () => undefined, progress: () => undefined }
  const odd = [Buffer.from('/bad\\xff'), Buffer.from([0x2f, 0x62, 0x61, 0x64, 0xff])]
  const paths = odd.map(toFilePath)
  const deleted = { status: 'deleted', otherLinks: 1, otherNames: paths } as const
  for (const json of [true, false]) {
    const printer = createScanPrinter(terminal, json)
    printer.excluded(paths)
    for (const path of paths) {
      printer.detected([{ ...object, path }])
      printer.notScanned([{ path, member: [], reason: 'no-access', partial: false }])
      printer.kept({ ...object, path })
    }
    printer.treated(object, deleted)
  }
  const programs = lines.slice(0, 9).map((line) => JSON.parse(line))
  const fields = odd.map((bytes, at) => ({
    path: ['/bad\\\\xff', '/bad\\xff'][at],
    pathBase64: bytes.toString('base64'),
  }))
  expect(programs.slice(0, 2)).toEqual(fields.map((each) => ({ type: 'excluded', ...each })))
  for (const [at, line] of programs.slice(2, 8).entries()) expect(line).toMatchObject(fields[at < 3 ? 0 : 1] ?? {})
  expect(programs[8].outcome.otherNames).toEqual(fields)
  expect(lines.slice(9, 11)).toEqual(['EXCLUDED     /bad\\\\xff', 'EXCLUDED     /bad\\xff'])
})

it('the summary counts how treatments ended', () => {
  for (const json of [true, false]) {
    const lines: string[] = []
    const terminal = { print: (line: string) => lines.push(line), note: () => undefined, progress: () => undefined }
    const printer = createScanPrinter(terminal, json)
    printer.kept(object)
    printer.treated(object, { status: 'deleted', otherLinks: 0 })
    printer.treated(object, { status: 'deleted', otherLinks: 0 })
    printer.treated(object, { status: 'failed', code: 'in-use' })
    const scanId = ScanId.parse('00000000-0000-4000-8000-000000000001')
    printer.summary({ scanId, outcome: 'stopped', counters: noCounters, durationMs: 1 }, info)
    if (json) {
      const summary = { outcome: 'stopped', treatment: { kept: 1, deleted: 2, failed: 1 } }
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject(summary)
    } else expect(lines).toContain('Treatment: 1 kept, 2 deleted, 1 failed')
  }
})
