// What a card says about a device of which nothing is known yet, and about its last scan.
import { expect, it } from 'vitest'
import { FinishedScan } from '#shared/domain/scan.ts'
import { sampleDevice, sampleTime, uuid } from '../../testing/samples.ts'
import { cardReason, lastScanSentence } from './card-text.ts'

it.each([
  [true, 'The device has just been connected.'],
  [false, 'Never connected'],
])('a device that has never reported is waited for (online: %s)', (online, detail) => {
  const card = { ...sampleDevice(1), online, state: null, lastContactAt: null, status: 'needs-attention' as const }
  expect(cardReason(card, new Date())).toEqual({ title: 'Waiting for its first report', detail })
})

it('the last scan is never told without what it left out', () => {
  const scan = FinishedScan.parse({
    scanId: uuid(7),
    type: 'quick',
    origin: { kind: 'local' },
    outcome: 'completed',
    startedAt: sampleTime,
    finishedAt: sampleTime,
    counters: { objects: 9, files: 9, bytes: 9, found: 0, notScanned: 3 },
    totals: { found: 0, disinfected: 0, deleted: 0, kept: 0, failed: 0, atRestart: 0 },
    gapReasons: [{ reason: 'encrypted', count: 3, partial: 1 }],
    paths: [],
  })
  const card = sampleDevice(1)
  if (card.state === null) throw new Error('no state')
  const scanned = { ...card, state: { ...card.state, lastScan: scan } }
  expect(lastScanSentence(scanned, new Date(sampleTime))).toMatch(/: nothing found, 2 not scanned, 1 scanned in part$/)
  expect(cardReason(scanned, new Date(sampleTime)).detail).toBe(lastScanSentence(scanned, new Date(sampleTime)))
})
