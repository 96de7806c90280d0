// The table of problems: which facts make which problem, how grave, and what that does to the status.
import { describe, expect, it } from 'vitest'
import type { Detection, DetectionState } from '#shared/domain/detection.ts'
import { protectionStatus } from '#shared/domain/device.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import { problemText } from '#shared/domain/problem-text.ts'
import { newDetection } from '../detections/transitions.ts'
import { infected } from '../testing/fake-machine.ts'
import { deriveProblems, type ProtectionFacts } from './problems.ts'

const now = Date.parse('2026-03-10T00:00:00Z')
const daysAgo = (days: number) => new Date(now - days * 86_400_000).toISOString()
const healthy: ProtectionFacts = {
  now,
  installedAt: daysAgo(30),
  detections: [],
  falseAlarms: { count: 0, newest: [] },
  databases: { source: 'update', releasedAt: daysAgo(1) },
  lastScanAt: daysAgo(1),
  engineFailedAt: null,
  weakSecretsSince: null,
  fileProtectionOffSince: null,
  fileProtectionIncompleteSince: null,
  secondEngineSilentSince: null,
  damagedFiles: [],
  ignored: [],
}

function detection(state: DetectionState, change: Partial<Detection> = {}): Detection {
  const object = infected(`/home/${change.threat ?? 'x'}.exe`)
  const id = `00000000-0000-4000-8000-00000000000${state.length % 10}` as DetectionId
  const made = newDetection(
    id,
    { object: object, state: 'found' },
    {
      at: daysAgo(2),
      origin: { kind: 'local' },
      scanType: 'quick',
      excludedThreats: [],
    },
  )
  return { ...made, state, ...change }
}

describe('problems', () => {
  it('are none on a healthy computer', () => {
    expect(deriveProblems(healthy)).toEqual([])
    expect(protectionStatus([])).toBe('protected')
  })

  const rows: [string, Partial<ProtectionFacts>, { kind: string; grade: string; fix: string | null }[]][] = [
    [
      'seed databases, however old',
      { databases: { source: 'seed', releasedAt: daysAgo(400) } },
      [{ kind: 'databases-seed', grade: 'important', fix: null }],
    ],
    ['databases of 3 days', { databases: { source: 'update', releasedAt: daysAgo(3) } }, []],
    [
      'databases of 4 days',
      { databases: { source: 'update', releasedAt: daysAgo(4) } },
      [{ kind: 'databases-outdated', grade: 'important', fix: 'update-databases' }],
    ],
    [
      'databases of 8 days',
      { databases: { source: 'folder', releasedAt: daysAgo(8) } },
      [{ kind: 'databases-extremely-outdated', grade: 'critical', fix: null }],
    ],
    ['no scan ever', { lastScanAt: null }, [{ kind: 'never-scanned', grade: 'important', fix: 'quick-scan' }]],
    ['a scan 14 days ago', { lastScanAt: daysAgo(14) }, []],
    [
      'a scan 15 days ago',
      { lastScanAt: daysAgo(15) },
      [{ kind: 'not-scanned-for-long', grade: 'important', fix: 'quick-scan' }],
    ],
    ['a dead engine', { engineFailedAt: daysAgo(0) }, [{ kind: 'engine-failed', grade: 'critical', fix: null }]],
    [
      'secrets in a file',
      { weakSecretsSince: daysAgo(0) },
      [{ kind: 'weak-secret-storage', grade: 'important', fix: null }],
    ],
    [
      'ClamAV that is wanted and silent',
      { secondEngineSilentSince: daysAgo(0) },
      [{ kind: 'second-engine-silent', grade: 'important', fix: null }],
    ],
    [
      'a found threat',
      { detections: [detection('found')] },
      [{ kind: 'active-threats', grade: 'critical', fix: 'process-objects' }],
    ],
    [
      'a skipped threat',
      { detections: [detection('skipped')] },
      [{ kind: 'active-threats', grade: 'critical', fix: 'process-objects' }],
    ],
    [
      'risky software alone',
      { detections: [detection('kept', { verdict: 'risky' })] },
      [{ kind: 'active-threats', grade: 'important', fix: 'process-objects' }],
    ],
    [
      'a failed clean-up',
      { detections: [detection('failed', { reason: 'no-permission' })] },
      [{ kind: 'clean-up-failed', grade: 'critical', fix: 'process-objects' }],
    ],
    [
      'three restarts in vain',
      { detections: [detection('failed', { reason: 'needs-manual-removal' })] },
      [{ kind: 'manual-removal', grade: 'critical', fix: null }],
    ],
    [
      'a pending restart',
      { detections: [detection('at-restart', { holder: 'systemd' })] },
      [{ kind: 'restart-required', grade: 'critical', fix: 'restart' }],
    ],
    ['treated objects only', { detections: [detection('deleted'), detection('gone')] }, []],
  ]
  it.each(rows)('%s', (_name, change, expected) => {
    expect(deriveProblems({ ...healthy, ...change }).map(({ kind, grade, fix }) => ({ kind, grade, fix }))).toEqual(
      expected,
    )
  })

  it('name up to three objects and count them all', () => {
    const detections = ['a', 'b', 'c', 'd', 'e'].map((threat) => detection('found', { threat }))
    expect(deriveProblems({ ...healthy, detections })[0]).toMatchObject({
      key: 'active-threats',
      count: 5,
      values: { names: 'a.exe, b.exe, c.exe and 2 more.' },
    })
  })

  it('tell why no copy could be kept, and only offer to try again where that may help', () => {
    const tooLarge = detection('backup-failed', { threat: 'a', reason: 'too-large' })
    const full = detection('backup-failed', { threat: 'b', reason: 'disk-full' })
    expect(deriveProblems({ ...healthy, detections: [tooLarge] })).toMatchObject([
      {
        kind: 'backup-failed',
        grade: 'critical',
        fix: null,
        count: 1,
        values: { reason: 'too-large', names: 'a.exe.' },
      },
    ])
    expect(deriveProblems({ ...healthy, detections: [tooLarge, full] })).toMatchObject([
      { kind: 'backup-failed', fix: 'process-objects', count: 2, values: { reason: '' } },
    ])
  })

  it('offer no second try where the system needs all of them, and advise what helps', () => {
    const ls = detection('protected', { threat: 'a', reason: 'object-protected' })
    const failed = detection('failed', { threat: 'b', reason: 'no-permission' })
    const [problem] = deriveProblems({ ...healthy, detections: [ls] })
    expect(problem).toMatchObject({ kind: 'clean-up-failed', grade: 'critical', fix: null, count: 1 })
    expect(problem && problemText(problem)).toEqual({
      title: '1 object not touched: part of the system',
      detail: expect.stringMatching(/^a\.exe\. This may be a false alarm: update the databases and scan again\./),
    })
    const [mixed] = deriveProblems({ ...healthy, detections: [ls, failed] })
    expect(mixed).toMatchObject({ kind: 'clean-up-failed', fix: 'process-objects', count: 2 })
    expect(mixed && problemText(mixed).title).toBe('2 objects could not be treated')
  })

  it('propose what is no longer detected, which makes no computer less protected', () => {
    const newest = ['/q/a.exe', '/q/b.exe', '/q/c.exe', '/q/d.exe'].map((text, day) => ({
      originalPath: { text },
      falseAlarm: { at: daysAgo(day), answered: false },
    }))
    const problems = deriveProblems({ ...healthy, falseAlarms: { count: 5, newest: newest as never } })
    expect(problems).toMatchObject([
      { kind: 'possible-false-alarm', grade: 'information', fix: null, count: 5, since: daysAgo(3) },
    ])
    expect(problems[0]?.values.names).toBe('a.exe, b.exe, c.exe and 2 more.')
    expect(protectionStatus(problems)).toBe('protected')
  })

  it('can be hidden when they are notices, which never turns the status green; critical ones stay', () => {
    const facts = {
      ...healthy,
      lastScanAt: null,
      engineFailedAt: daysAgo(1),
      ignored: ['never-scanned', 'engine-failed'],
    }
    const problems = deriveProblems(facts)
    expect(problems.map(({ key, ignored }) => [key, ignored])).toEqual([
      ['engine-failed', false],
      ['never-scanned', true],
    ])
    expect(protectionStatus(deriveProblems({ ...facts, engineFailedAt: null }))).toBe('needs-attention')
  })

  it('has one problem for each damaged file', () => {
    const damagedFiles = [
      { file: 'a.json', at: daysAgo(1) },
      { file: 'a.json', at: daysAgo(0) },
      { file: 'b.jsonl', at: daysAgo(0) },
    ]
    expect(deriveProblems({ ...healthy, damagedFiles }).map(({ key }) => key)).toEqual([
      'storage-damaged:a.json',
      'storage-damaged:b.jsonl',
    ])
  })
})
