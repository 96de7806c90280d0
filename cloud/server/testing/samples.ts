// Values that the contracts accept, with the one thing a test is about replaced.
import type { OutboxBody, OutboxItem } from '#shared/cloud-protocol/device-contract.ts'
import { DeviceState } from '#shared/domain/device.ts'

const at = '2026-01-02T03:04:05.000Z'

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
