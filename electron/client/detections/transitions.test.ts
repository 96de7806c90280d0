// What becomes of a finding in the ledger: what found it and its rule stay with it, and what is not listed is counted.
import { expect, it } from 'vitest'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import type { TreatmentOutcome } from '#shared/domain/treatment.ts'
import { infected } from '../testing/fake-machine.ts'
import { foundAgain, moved, newDetection, treatedAs, withoutCopy } from './transitions.ts'

const id = 'b8c6c5f0-91a0-4f5e-8f65-3f86b5f0a001' as DetectionId
const context = {
  at: '2026-03-01T10:00:00Z',
  origin: { kind: 'local' },
  scanType: 'full',
  excludedThreats: ['Excluded'],
} as const
const rule = { name: 'Own', author: 'A. Writer', reference: 'https://x.example/1', description: 'd', score: 75 }

function withFindings(count: number, threat = 'Own') {
  const finding = { member: ['n'.repeat(600)], threat, verdict: 'risky', detector: 'yara', rule } as const
  return {
    ...infected('/a'),
    findings: Array.from({ length: count }, () => ({ ...finding, member: [...finding.member] })),
  }
}

it('keeps detector and rule of each finding, and cuts names visibly', () => {
  const { findings, moreFindings } = newDetection(id, { object: withFindings(2), state: 'found' }, context)
  expect(findings).toHaveLength(2)
  expect(findings[1]).toMatchObject({ threat: 'Own', verdict: 'risky', detector: 'yara', rule })
  expect(findings[1]?.member[0]).toMatch(/^n{511}…$/)
  expect(moreFindings).toBeUndefined()
})

it('counts what it does not list, and forgets that number when there are fewer again', () => {
  const many = newDetection(id, { object: withFindings(25), state: 'found' }, context)
  expect([many.findings.length, many.moreFindings]).toEqual([20, 5])
  expect(foundAgain(many, { object: withFindings(3), state: 'found' }, context)).not.toHaveProperty('moreFindings')
})

it('says first who found it, then why it is kept', () => {
  const kept = newDetection(id, { object: infected('/a'), state: 'kept', note: 'why' }, context)
  const by = context.origin
  const steps = [
    { at: context.at, state: 'found', by, scanType: 'full' },
    { at: context.at, state: 'kept', by, scanType: 'full', automatic: true, note: 'why' },
  ]
  expect(kept).toMatchObject({ state: 'kept', history: steps })
  const again = foundAgain(
    { ...kept, state: 'failed' },
    { object: infected('/a'), state: 'kept', note: 'why' },
    context,
  )
  expect(again.history).toEqual([...steps, ...steps])
})

it('leaves out what is excluded by name', () => {
  const object = withFindings(1)
  const mixed = { ...object, findings: [...object.findings, ...withFindings(30, 'Excluded').findings] }
  const { findings, moreFindings } = newDetection(id, { object: mixed, state: 'found' }, context)
  expect([findings.length, moreFindings]).toEqual([1, undefined])
})

it('tells in the history that a deleted file is still there under other names', () => {
  const found = newDetection(id, { object: withFindings(1), state: 'found' }, context)
  const quarantineId = 'b8c6c5f0-91a0-4f5e-8f65-3f86b5f0a002' as QuarantineId
  const otherNames = [{ text: '/home/b' }]
  const deleted = { status: 'deleted', quarantineId, otherLinks: 2, otherNames } as const
  const { history } = treatedAs(found, deleted, { at: context.at, by: context.origin })
  expect(history.at(-1)).toMatchObject({ state: 'deleted', note: 'still there under 2 other names: /home/b' })
  const alone = treatedAs(found, { ...deleted, otherLinks: 0 }, { at: context.at, by: context.origin })
  expect(alone.history.at(-1)).not.toHaveProperty('note')
})

it('tells in the history what a cured file does not have as the original had it', () => {
  const found = newDetection(id, { object: withFindings(1), state: 'found' }, context)
  const quarantineId = 'b8c6c5f0-91a0-4f5e-8f65-3f86b5f0a002' as QuarantineId
  const cured = { status: 'disinfected', quarantineId } as const
  const step = { at: context.at, by: context.origin }
  const { history } = treatedAs(found, { ...cured, unkept: ['group', 'access-list', 'privileges'] }, step)
  expect(history.at(-1)?.note).toBe('not kept: group, access list; runs without special rights now')
  expect(treatedAs(found, cured, step).history.at(-1)).not.toHaveProperty('note')
})

it('remembers how many autostart entries went with an object until they are back with it', () => {
  const found = newDetection(id, { object: withFindings(1), state: 'found' }, context)
  const quarantineId = 'b8c6c5f0-91a0-4f5e-8f65-3f86b5f0a002' as QuarantineId
  const step = { at: context.at, by: context.origin }
  const acts = { ended: [], autostartRemoved: ['~/.bashrc: x', 'and 19 more'] }
  const waiting = treatedAs(found, { status: 'at-restart', quarantineId, holder: 'init', acts }, step)
  const deleted = treatedAs(waiting, { status: 'deleted', quarantineId, otherLinks: 0 }, step)
  expect([waiting.autostartEntries, deleted.autostartEntries]).toEqual([20, 20])
  expect(moved(deleted, 'restored', step)).not.toHaveProperty('autostartEntries')
  const failed = treatedAs(found, { status: 'failed', code: 'io-error', acts }, step)
  expect(failed).not.toHaveProperty('autostartEntries')
})

it('remembers what a protected object is to the system until something else becomes of it', () => {
  const found = newDetection(id, { object: withFindings(1), state: 'found' }, context)
  const by = { at: context.at, by: context.origin }
  const left = treatedAs(found, { status: 'protected', reason: 'package-file' }, by)
  expect(left).toMatchObject({ state: 'protected', reason: 'object-protected', protectedBy: 'package-file' })
  expect(foundAgain(left, { object: withFindings(1), state: 'found' }, context)).not.toHaveProperty('protectedBy')
  expect(treatedAs(left, { status: 'gone' }, by)).not.toHaveProperty('protectedBy')
  expect(treatedAs(found, { status: 'protected', reason: 'of a later version' }, by)).not.toHaveProperty('protectedBy')
})

it('knows since when its copy is there: what waited for a restart was copied before', () => {
  const quarantineId = 'b8c6c5f0-91a0-4f5e-8f65-3f86b5f0a0ff' as QuarantineId
  const by = { kind: 'local' } as const
  const found = newDetection(id, { object: infected('/a'), state: 'found' }, context)
  const at = (day: number) => `2026-03-0${day}T00:00:00.000Z`
  const waiting = treatedAs(found, { status: 'at-restart', quarantineId, holder: 'init (1)' }, { at: at(2), by })
  expect(waiting.copiedAt).toBe(at(2))
  const deleted = treatedAs(waiting, { status: 'deleted', quarantineId, otherLinks: 0 }, { at: at(5), by })
  expect(deleted).toMatchObject({ state: 'deleted', copiedAt: at(2), changedAt: at(5) })
  const { copiedAt: _unknown, ...earlier } = waiting
  expect(treatedAs(earlier, { status: 'deleted', quarantineId, otherLinks: 0 }, { at: at(5), by }).copiedAt).toBe(at(2))
  expect(withoutCopy(deleted, { event: 'copy-gone', at: at(6) })).not.toHaveProperty('copiedAt')
  const lost = treatedAs(found, { status: 'deleted', otherLinks: 0 }, { at: at(2), by })
  expect(lost).not.toHaveProperty('copiedAt')
})

it('tells in the history what was done besides the object itself', () => {
  const found = newDetection(id, { object: withFindings(1), state: 'found' }, context)
  const quarantineId = 'b8c6c5f0-91a0-4f5e-8f65-3f86b5f0a002' as QuarantineId
  const acts = { ended: ['sh (1234)'], autostartRemoved: ['~/.bashrc: ~/evil'] }
  const step = { at: context.at, by: context.origin }
  const deleted = { status: 'deleted', quarantineId, otherLinks: 0, acts } as const
  const note = 'process sh (1234) ended; autostart entry ~/.bashrc: ~/evil removed'
  expect(treatedAs(found, deleted, step).history.at(-1)).toMatchObject({ state: 'deleted', note })
  const both = treatedAs(found, { ...deleted, otherLinks: 1, otherNames: [{ text: '/b' }] }, step).history.at(-1)?.note
  expect(both).toBe(`still there under one other name: /b; ${note}`)
  const failed: TreatmentOutcome = {
    status: 'failed',
    code: 'io-error',
    acts: { ended: acts.ended, autostartRemoved: [] },
  }
  expect(treatedAs(found, failed, step).history.at(-1)?.note).toBe('process sh (1234) ended')
})
