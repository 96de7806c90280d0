// The history never tells a result without what was left out, and is green only when nothing was.
import { describe, expect, it } from 'vitest'
import type { DetectionId, QuarantineId, ScanId } from '#shared/domain/ids.ts'
import { type FinishedScan, noCounters, noTotals } from '#shared/domain/scan.ts'
import { newDetection, treatedAs } from '../detections/transitions.ts'
import { infected } from '../testing/fake-machine.ts'
import { treated } from './object-sentences.ts'
import { scanFinished } from './sentences.ts'

const scan: FinishedScan = {
  scanId: '00000000-0000-4000-8000-000000000001' as ScanId,
  type: 'quick',
  origin: { kind: 'local' },
  outcome: 'completed',
  startedAt: '2026-03-01T10:00:00.000Z',
  finishedAt: '2026-03-01T10:03:12.000Z',
  counters: { ...noCounters, files: 1200, objects: 1300 },
  totals: noTotals,
  gapReasons: [],
  paths: [],
}
const gaps = {
  counters: { ...scan.counters, notScanned: 4, excluded: 1 },
  gapReasons: [
    { reason: 'encrypted' as const, count: 3, partial: 0 },
    { reason: 'too-big' as const, count: 1, partial: 1 },
  ],
}
const why = ' Left out: password-protected (3), too big (1). 1 match left out because its name is excluded.'

describe('the end of a scan', () => {
  it('is green when it looked at everything', () => {
    expect(scanFinished(scan)).toEqual({
      component: 'scan',
      grade: 'good',
      title: 'Quick Scan finished, nothing found',
      detail: '1,200 files in 3 min 12 s.',
    })
  })

  it('names what was left out, with the reasons, and is not green then', () => {
    expect(scanFinished({ ...scan, ...gaps })).toEqual({
      component: 'scan',
      grade: 'information',
      title: 'Quick Scan finished, nothing found, 3 not scanned, 1 scanned in part',
      detail: `1,200 files in 3 min 12 s.${why}`,
    })
  })

  it('names it also where something was found: treated, and left to do', () => {
    const treated = scanFinished({ ...scan, ...gaps, totals: { ...noTotals, found: 2, deleted: 2 } })
    expect(treated).toMatchObject({
      grade: 'information',
      title: expect.stringContaining('2 objects found, 3 not scanned'),
    })
    expect(scanFinished({ ...scan, totals: { ...noTotals, found: 2, deleted: 2 } }).grade).toBe('good')
    expect(scanFinished({ ...scan, ...gaps, totals: { ...noTotals, found: 2, kept: 2 } }).grade).toBe('critical')
  })

  it.each(['stopped', 'failed'] as const)('names it also when it %s', (outcome) => {
    const { detail } = scanFinished({ ...scan, ...gaps, outcome })
    expect(detail).toContain('3 not scanned, 1 scanned in part.')
    expect(detail).toContain(why)
  })
})

it('says with a treated object what was done besides', () => {
  const at = '2026-03-01T10:00:00Z'
  const origin = { kind: 'local' } as const
  const context = { at, origin, scanType: 'full', excludedThreats: [] } as const
  const found = newDetection(scan.scanId as string as DetectionId, { object: infected('/a'), state: 'found' }, context)
  const quarantineId = scan.scanId as string as QuarantineId
  const deleted = { status: 'deleted', quarantineId, otherLinks: 0 } as const
  const plain = treated(treatedAs(found, deleted, { at, by: origin }))
  expect(plain.detail).toBe(`${found.threat} in /a. Asked for by you.`)
  const acts = { ended: ['sh (1234)'], autostartRemoved: [] }
  const more = treated(treatedAs(found, { ...deleted, acts }, { at, by: origin }))
  expect(more).toMatchObject({
    title: 'a deleted, copy kept',
    detail: `${found.threat} in /a. Process sh (1234) ended. Asked for by you.`,
  })
})
