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
  expect(lines[2]).toEqual({ type: 'notScanned', path: '/c.zip', member: ['d'], reason: 'too-big', partial: true })
  expect(lines.at(-1)).toMatchObject({ type: 'summary', notScanned: 2, partial: 1, excluded: 3 })
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
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ type: 'treated', path: '/b', outcome })
})
