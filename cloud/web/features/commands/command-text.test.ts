// The words of a command's life.
import { describe, expect, it } from 'vitest'
import { sampleCommand, uuid } from '../../testing/samples.ts'
import { pathProblem } from '../device/FolderDialog.tsx'
import { pendingActOn } from '../objects/pending-act.ts'
import { commandState, commandTitleWithAuthor } from './command-text.ts'

const now = new Date('2026-11-22T13:00:00.000Z')
const totals = { found: 0, disinfected: 0, deleted: 0, kept: 0, failed: 0, atRestart: 0 }

describe('a command', () => {
  it('says who asked', () => {
    expect(commandTitleWithAuthor(sampleCommand(1, 'done'), 'anna@x.example')).toBe('Quick Scan, by you')
    expect(commandTitleWithAuthor(sampleCommand(1, 'done'), 'b@x.example')).toBe('Quick Scan, by anna@x.example')
  })

  it('names the day a planned one is cancelled', () => {
    expect(commandState(sampleCommand(1, 'planned'), now).text).toMatch(
      /^Planned\. Will be cancelled on (29 Nov|Nov 29) if the device stays offline\.$/,
    )
  })

  it.each([
    ['failed', { error: 'bad-path' }, 'Failed: path not found'],
    ['done', { totals }, 'Done: nothing found'],
    ['done', { totals: { ...totals, found: 3, deleted: 2, kept: 1 } }, 'Done: 3 found, 2 deleted, 1 kept'],
    ['done', { acted: { done: 18, failed: 0, needRestart: 1 } }, '18 done, 1 needs a restart, 0 failed'],
    ['cancelled', { stoppedBy: 'device' }, 'Stopped on the device'],
    ['cancelled', { stoppedBy: 'device', notScanned: 2 }, 'Stopped on the device, 2 not scanned'],
    ['cancelled', null, 'Cancelled'],
    ['expired', null, 'Expired, offline for 7 days'],
  ] as const)('%s', (status, result, words) => {
    expect(commandState(sampleCommand(1, status, { result }), now).text).toBe(words)
  })

  it('is green only when nothing was left out, and says what was', () => {
    const gaps = { reasons: [{ reason: 'too-big', count: 3, partial: 2 }], objects: [] } as const
    const done = (result: object) =>
      commandState(sampleCommand(1, 'done', { result: { totals, ...result } as never }), now)
    expect(done({})).toEqual({ status: 'good', text: 'Done: nothing found' })
    expect(done({ notScanned: 3, gaps, excluded: 1 })).toEqual({
      status: 'info',
      text: 'Done: nothing found, 1 not scanned, 2 scanned in part, 1 match left out',
    })
    expect(done({ excluded: 2 }).status).toBe('info')
    expect(done({ notScanned: 3, totals: { ...totals, found: 1, deleted: 1 } })).toEqual({
      status: 'info',
      text: 'Done: 1 found, 1 deleted, 3 not scanned',
    })
    expect(done({ notScanned: 3, totals: { ...totals, found: 1, kept: 1 } }).status).toBe('attention')
  })

  it('names the act and the count', () => {
    const ids = [uuid(1), uuid(2)] as never[]
    const record = sampleCommand(1, 'running', { body: { kind: 'detections.act', args: { action: 'delete', ids } } })
    expect(commandTitleWithAuthor(record, 'anna@x.example')).toBe('Delete 2 objects, by you')
    expect(commandTitleWithAuthor({ ...record, objectCount: 400 }, 'anna@x.example')).toBe('Delete 400 objects, by you')
    expect(pendingActOn(ids[0] as never, [{ ...record, objectCount: 2 }])?.state.text).toBe('Working')
    expect(pendingActOn(ids[0] as never, [{ ...record, objectCount: 400 }])).toBeUndefined()
  })
})

describe('a folder to scan', () => {
  it.each(['/home', 'C:\\Users', '\\\\server\\share', ' /tmp '])('%s is a whole path', (path) => {
    expect(pathProblem(path)).toBeUndefined()
  })

  it.each(['', 'Downloads', 'C:'])('%s is not', (path) => {
    expect(pathProblem(path)).toBeDefined()
  })
})
