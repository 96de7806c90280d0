// Sample devices and commands for the page's unit tests. Never part of the page.
import { CommandRecord } from '#shared/domain/command.ts'
import { DeviceCard } from '#shared/domain/device.ts'

/** A UUID that ends in a number. */
export const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

export const sampleTime = '2026-11-22T12:00:00.000Z'

/** A device; `problems` and `busy` shape its state. */
export function sampleDevice(
  n: number,
  options: {
    name?: string
    status?: DeviceCard['status']
    online?: boolean
    busy?: boolean
    since?: string
    ignored?: boolean
  } = {},
): DeviceCard {
  const {
    name = `Device ${n}`,
    status = 'protected',
    online = true,
    busy = false,
    since = sampleTime,
    ignored = false,
  } = options
  const grade = status === 'at-risk' ? 'critical' : 'important'
  const problem = {
    key: 'p',
    kind: 'component-off',
    grade,
    values: { name: 'File protection' },
    count: 0,
    since,
    fix: null,
    ignored,
  }
  const counters = { objects: 10, files: 10, bytes: 10, found: 1, notScanned: 0, excluded: 0 }
  const running = {
    scanId: uuid(900),
    type: 'full',
    origin: { kind: 'local' },
    status: 'running',
    startedAt: sampleTime,
    loadCeilingPercent: 50,
    progress: { percent: 37, counters, currentPath: '/tmp', leftMs: null },
    paths: [],
  }
  return DeviceCard.parse({
    id: uuid(n),
    name,
    online,
    lastContactAt: sampleTime,
    connectedAt: sampleTime,
    status,
    cloned: false,
    state: {
      rev: 1,
      facts: {
        os: 'Debian 13',
        appName: 'Kaspersky',
        appVersion: '1.4.0',
        engineVersion: '1',
        databasesVersion: '1',
        databasesReleasedAt: null,
      },
      components: [],
      problems: status === 'protected' ? [] : [problem],
      runningScan: busy ? running : null,
      lastScan: null,
      lastFullScanAt: null,
      unprocessedCount: 0,
      quarantineCount: 0,
    },
  })
}

/** A Quick Scan command of device 1. */
export function sampleCommand(
  n: number,
  status: CommandRecord['status'],
  fields: Partial<CommandRecord> = {},
): CommandRecord {
  return CommandRecord.parse({
    id: uuid(n),
    deviceId: uuid(1),
    body: { kind: 'scan.start', args: { type: 'quick' } },
    issuedBy: 'anna@x.example',
    issuedAt: sampleTime,
    expiresAt: '2026-11-29T12:00:00.000Z',
    status,
    times: [{ status: 'planned', at: sampleTime }],
    progress: null,
    result: null,
    ...fields,
  })
}
