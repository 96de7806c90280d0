// What the asking side remembers of running scans, so that a restarted engine repeats nothing to the listeners.
import { expect, it } from 'vitest'
import { ScanId } from '../domain/ids.ts'
import { noCounters } from '../domain/scan.ts'
import { ProductError } from '../errors.ts'
import { createScanLedger } from './scan-ledger.ts'

const scanId = ScanId.parse('6f1c0d5e-3f5b-4d2e-9a43-0c8f3d1b7a11')
const start = {
  scanId,
  area: { kind: 'quick' as const },
  options: { exclude: [], loadCeilingPercent: 100 },
  expectedFiles: 0,
  resume: false,
  ignoreCache: false,
}
const gap = { path: { text: '/a' }, member: [], reason: 'encrypted' as const, partial: false }
const progress = (percent: number | null) => ({
  scanId,
  progress: { percent, counters: noCounters, currentPath: '', leftMs: null },
})

it('lists running scans with the order to repeat, until they end', () => {
  const ledger = createScanLedger()
  ledger.before('scan.start', start)
  ledger.before('scan.control', { scanId, action: 'pause' })
  expect(ledger.running()).toMatchObject([{ request: start, action: 'pause' }])
  ledger.before('scan.control', { scanId, action: 'resume' })
  expect(ledger.running()).toMatchObject([{ action: null }])
  ledger.finished(scanId)
  expect(ledger.running()).toEqual([])
})

it('forgets a scan that could not be started, but not one that runs already', () => {
  const ledger = createScanLedger()
  ledger.before('scan.start', start).undo(new ProductError('peer-gone'))
  expect(ledger.running()).toEqual([])
  ledger.before('scan.start', start)
  ledger.before('scan.start', start).undo(new ProductError('already-running'))
  expect(ledger.running()).toHaveLength(1)
})

it('tells each report once, and a percentage that does not go back', () => {
  const ledger = createScanLedger()
  ledger.before('scan.start', start)
  expect(ledger.newNotScanned(scanId, [gap, { ...gap, member: ['x'] }])).toHaveLength(2)
  expect(ledger.newNotScanned(scanId, [gap])).toEqual([])
  const shown = [null, 40, null, 10, 50].map((percent) => ledger.progress(progress(percent)).progress.percent)
  expect(shown).toEqual([null, 40, 40, 40, 50])
})
