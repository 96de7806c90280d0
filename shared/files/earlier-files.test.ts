// Files that earlier versions wrote are still read: what they did not know yet has a default.
import { expect, it } from 'vitest'
import { DeviceState } from '../domain/device.ts'
import { DetectionLine } from './detection-lines.ts'
import { HistoryLine } from './history-lines.ts'
import { NotScannedFile } from './not-scanned-file.ts'
import { ScansFile } from './scans-file.ts'
import { defaultSettings, readSettings } from './settings-file.ts'
import { PendingLine } from './treatment-lines.ts'

const at = '2026-01-02T03:04:05.000Z'
const id = '00000000-0000-4000-8000-000000000001'
const scan = {
  scanId: id,
  type: 'full',
  origin: { kind: 'local' },
  outcome: 'completed',
  startedAt: at,
  finishedAt: at,
  counters: { objects: 9, files: 9, bytes: 9, found: 0, notScanned: 2 },
  totals: { found: 0, disinfected: 0, deleted: 0, kept: 0, failed: 0, atRestart: 0 },
  paths: [],
}

it('scans.json: the last scans, without what was excluded and why something was left out', () => {
  const file = ScansFile.parse({
    version: 1,
    running: null,
    last: scan,
    lastByType: { quick: null, full: scan, custom: null },
    expectedFiles: {},
  })
  expect(file.last).toEqual({ ...scan, counters: { ...scan.counters, excluded: 0 }, gapReasons: [] })
})

it('not-scanned.json: nothing in it was looked at in part', () => {
  const entry = { path: '/a.zip', member: '', reason: 'encrypted' }
  expect(NotScannedFile.parse({ version: 1, counts: { encrypted: 1 }, entries: [entry] })).toMatchObject({
    version: 1,
    counts: { encrypted: 1 },
    partial: {},
    entries: [{ ...entry, partial: false }],
  })
})

it('history.jsonl: events that do not say what they belong to, and scans of which only the sentence is kept', () => {
  const event = { id, at, grade: 'good', title: 'Full Scan finished, nothing found', detail: '' }
  expect(HistoryLine.parse({ version: 1, event })).toEqual({ version: 1, event })
})

it('detections.jsonl: findings without their detector', () => {
  const detection = {
    id,
    rev: 1,
    path: { text: '/a' },
    sha256: 'a'.repeat(64),
    sizeBytes: 1,
    findings: [{ member: [], threat: 'Own', verdict: 'risky', rule: { name: 'Own' } }],
    threat: 'Own',
    verdict: 'risky',
    risk: 'low',
    coverage: { kind: 'full' },
    foundAt: at,
    foundBy: { kind: 'local' },
    scanType: 'quick',
    state: 'kept',
    busy: false,
    changedAt: at,
    history: [],
  }
  expect(DetectionLine.parse({ version: 1, kind: 'detection', detection, intent: null })).toMatchObject({ detection })
})

it('settings: archives that cannot be rewritten are kept', () => {
  const { archives: _, ...treatment } = { ...defaultSettings.treatment, automatic: false }
  const read = readSettings({ version: 1, settings: { ...defaultSettings, treatment } })
  expect(read?.treatment).toEqual({ ...treatment, archives: 'skip' })
})

it('what a device of an earlier version told of itself', () => {
  const facts = {
    os: 'Debian',
    appName: 'Kaspersky',
    appVersion: '0.1.0',
    engineVersion: '1',
    databasesVersion: '1',
    databasesReleasedAt: null,
  }
  const numbers = { unprocessedCount: 0, quarantineCount: 0 }
  const told = { rev: 1, facts, components: [], problems: [], runningScan: null, lastScan: scan, lastFullScanAt: null }
  expect(DeviceState.parse({ ...told, ...numbers }).facts.databasesRejected).toBe(0)
})

it('pending.jsonl: a record that does not say why it waits', () => {
  const identity = { dev: '1', ino: '2', size: 3, mtimeNs: '1', ctimeNs: '1', birthtimeNs: '1', nlink: 1 }
  const finding = { member: [], threat: 'Own', verdict: 'infected', detector: 'hash' }
  const object = {
    path: { text: '/a' },
    identity: { ...identity, sha256: 'a'.repeat(64) },
    findings: [finding],
    findingsComplete: true,
    coverage: { kind: 'full' },
  }
  const order = { detectionId: id, object, verb: 'delete', origin: { kind: 'local' }, databaseVersion: 'v1' }
  const record = {
    detectionId: id,
    order,
    holders: [{ pid: 12, startTime: '34', name: 'evil' }],
    bootToken: 'boot',
    quarantineId: id,
    final: { status: 'deleted', quarantineId: id, otherLinks: 0 },
    attempts: 1,
  }
  expect(PendingLine.parse({ version: 1, kind: 'pending', at, record })).toMatchObject({ record })
})
