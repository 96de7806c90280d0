// Values that the contracts accept, with the one thing a test is about replaced.
import { randomUUID } from 'node:crypto'
import type { OutboxBody, OutboxItem } from '#shared/cloud-protocol/device-contract.ts'
import { Detection } from '#shared/domain/detection.ts'
import { DeviceState } from '#shared/domain/device.ts'

const at = '2026-01-02T03:04:05.000Z'

export function sampleDetection(change: Record<string, unknown> = {}): Detection {
  return Detection.parse({
    id: randomUUID(),
    rev: 1,
    path: { text: '/home/ann/sample.bin' },
    sha256: 'a'.repeat(64),
    sizeBytes: 68,
    findings: [{ member: [], threat: 'Test.Sample', verdict: 'risky' }],
    threat: 'Test.Sample',
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
    ...change,
  })
}

export function sampleState(change: Record<string, unknown> = {}): DeviceState {
  return DeviceState.parse({
    rev: 1,
    facts: {
      os: 'Debian',
      appName: 'Kaspersky',
      appVersion: '0.1.0',
      engineVersion: '1',
      databasesVersion: '1',
      databasesReleasedAt: null,
    },
    components: [],
    problems: [],
    runningScan: null,
    lastScan: null,
    lastFullScanAt: null,
    unprocessedCount: 0,
    quarantineCount: 0,
    ...change,
  })
}

export function runningScan(percent: number) {
  return {
    scanId: '00000000-0000-4000-8000-000000000009',
    type: 'quick',
    origin: { kind: 'local' },
    status: 'running',
    startedAt: at,
    loadCeilingPercent: 50,
    progress: progress(percent),
    paths: [],
  }
}

export function progress(percent: number) {
  return {
    percent,
    counters: { objects: percent, files: percent, bytes: percent, found: 0, notScanned: 0, excluded: 0 },
    currentPath: '/x',
    leftMs: null,
  }
}

export function item(seq: number, body: OutboxBody): OutboxItem {
  return { seq, at, body }
}
