// The words of errors, states and scans: complete, in the product's style, never "clean".
import { describe, expect, it } from 'vitest'
import { actionsFor, DetectionState } from '#shared/domain/detection.ts'
import { problemText } from '#shared/domain/problem-text.ts'
import { noCounters, noTotals } from '#shared/domain/scan.ts'
import { ProtectedReason } from '#shared/domain/treatment.ts'
import { errorCodes, ProductError } from '#shared/errors.ts'
import { adviceText } from './advice-text.ts'
import { errorSentence, errorText, textOfCode } from './error-text.ts'
import { findingKindText, findingPlace, moreFindingsText, ruleFacts } from './finding-text.ts'
import { stepText } from './history-text.ts'
import { restartStageText } from './restart-text.ts'
import { coverageText, originText, scanOutcomeText, scanProgressText, scanStatus } from './scan-text.ts'
import { detectionStateText, objectName, recommendedAction } from './state-text.ts'
import { undoText } from './undo-text.ts'

const id = '00000000-0000-4000-8000-000000000001' as never
const at = '2026-01-02T03:04:05.000Z'

describe('errors', () => {
  it.each(errorCodes)('%s: a fact without full stop, then sentences', (code) => {
    const { title, todo, reason } = textOfCode(code)
    expect(title).not.toMatch(/[.!]$/)
    expect(todo).toMatch(/\.$/)
    expect(reason).toMatch(/^[a-z]/)
    expect(`${title} ${todo} ${reason}`).not.toMatch(/please|sorry|oops|clean\b|!/i)
  })

  it('tells the wait that the portal asks for', () => {
    expect(errorSentence(new ProductError('slow-down', '48000'))).toBe('Too many attempts. Wait 48 s, then try again.')
  })

  it('treats what is no expected failure as internal', () => {
    expect(errorText(new Error('boom'))).toBe(textOfCode('internal'))
  })
})

describe('states of detected objects', () => {
  const base = { risk: 'high', busy: false } as const

  it.each(DetectionState.options)('%s has words that never say clean', (state) => {
    expect(detectionStateText({ ...base, state }).text).not.toMatch(/clean/i)
  })

  it('says whether a copy was kept', () => {
    const quarantineId = '00000000-0000-4000-8000-000000000001' as never
    expect(detectionStateText({ ...base, state: 'deleted', quarantineId }).text).toBe('Deleted, copy kept')
    expect(detectionStateText({ ...base, state: 'deleted' }).text).toBe('Deleted')
  })

  it('gives the reason of a failure and the icon of a risk', () => {
    expect(detectionStateText({ ...base, state: 'failed', reason: 'read-only-volume' }).text).toBe(
      'Failed: drive is read-only',
    )
    expect(detectionStateText({ ...base, risk: 'medium', state: 'found' }).status).toBe('attention')
    expect(detectionStateText({ ...base, state: 'at-restart' }).text).toBe('Will be disinfected on computer restart')
  })

  it('recommends skipping only for risky software', () => {
    const possible = ['disinfect', 'delete', 'copy-to-quarantine', 'skip'] as const
    expect(recommendedAction({ verdict: 'infected' }, possible)).toBe('disinfect')
    expect(recommendedAction({ verdict: 'risky' }, possible)).toBe('skip')
    expect(recommendedAction({ verdict: 'infected' }, ['restore'])).toBe('restore')
    expect(recommendedAction({ verdict: 'infected' }, [])).toBeUndefined()
  })

  it('splits names and folders of both worlds and names archive members', () => {
    const of = (text: string, member: string[] = []) =>
      objectName({ path: { text }, findings: [{ member, threat: 'x', verdict: 'infected' }] })
    expect(of('C:\\Temp\\a.exe')).toEqual({ name: 'a.exe', folder: 'C:\\Temp' })
    expect(of('E:\\autorun.inf')).toEqual({ name: 'autorun.inf', folder: 'E:\\' })
    expect(of('/vmlinuz')).toEqual({ name: 'vmlinuz', folder: '/' })
    expect(of('/tmp/test.zip', ['eicar.com']).name).toBe('test.zip › eicar.com')
  })
})

describe('scans', () => {
  it('names who asked', () => {
    const origin = {
      kind: 'remote',
      commandId: '00000000-0000-4000-8000-000000000001',
      account: 'anna@x.example',
    } as const
    expect(originText(origin, 'anna@x.example')).toBe('by you')
    expect(originText(origin, 'other@x.example')).toBe('remotely by anna@x.example')
  })

  it('is honest about progress', () => {
    const progress = { counters: noCounters, currentPath: '', leftMs: null, percent: null }
    expect(scanProgressText({ status: 'running', progress })).toBe('estimating')
    expect(scanProgressText({ status: 'running', progress: { ...progress, percent: 37.9, leftMs: 1_230_000 } })).toBe(
      '37 %, about 21 min left',
    )
    expect(scanProgressText({ status: 'paused', progress: { ...progress, percent: 37 } })).toBe('paused at 37 %')
  })

  const nothing = { outcome: 'completed' as const, counters: noCounters, totals: noTotals, gapReasons: [] }
  const gaps = {
    counters: { ...noCounters, notScanned: 3, excluded: 2 },
    gapReasons: [{ reason: 'encrypted' as const, count: 3, partial: 1 }],
  }

  it('says where a stop came from, and nothing found', () => {
    expect(scanOutcomeText({ ...nothing, outcome: 'stopped', stoppedBy: 'device' })).toBe('Stopped on the device')
    expect(scanOutcomeText(nothing)).toBe('Nothing found')
  })

  it('never tells a result without what was left out', () => {
    const leftOut = '2 not scanned, 1 scanned in part, 2 matches left out'
    expect(scanOutcomeText({ ...nothing, ...gaps })).toBe(`Nothing found, ${leftOut}`)
    expect(scanOutcomeText({ ...nothing, ...gaps, totals: { ...noTotals, found: 12 } })).toBe(
      `12 objects found, ${leftOut}`,
    )
    expect(scanOutcomeText({ ...nothing, ...gaps, outcome: 'stopped' })).toBe(`Stopped, ${leftOut}`)
  })

  it('is good only when it looked at everything and nothing is left to do', () => {
    expect(scanStatus(nothing)).toBe('good')
    expect(scanStatus({ ...nothing, counters: { ...noCounters, notScanned: 1 } })).toBe('info')
    expect(scanStatus({ ...nothing, counters: { ...noCounters, excluded: 1 } })).toBe('info')
    expect(scanStatus({ ...nothing, ...gaps, totals: { ...noTotals, found: 1, kept: 1 } })).toBe('attention')
    expect(scanStatus({ ...nothing, totals: { ...noTotals, found: 1, failed: 1 } })).toBe('danger')
    for (const outcome of ['failed', 'interrupted'] as const) expect(scanStatus({ ...nothing, outcome })).toBe('danger')
    expect(scanStatus({ ...nothing, outcome: 'stopped' })).toBe('stopped')
  })

  it('tells how much of an object was looked at', () => {
    expect(coverageText({ kind: 'full' })).toBeUndefined()
    expect(coverageText({ kind: 'none', reason: 'encrypted' })).toBe('Not scanned: password-protected')
    expect(coverageText({ kind: 'partial', reasons: ['too-big', 'corrupt'] })).toBe('Scanned in part: too big, damaged')
  })
})

describe('findings', () => {
  const rule = { name: 'Mal_Own', author: 'A. Writer', reference: 'https://x.example/1', description: 'd', score: 75 }
  const finding = { member: ['a.zip', 'b'], threat: 'Own', verdict: 'risky', detector: 'yara', rule } as const

  it('say what they are, what found them, and where', () => {
    expect(findingKindText({ ...finding, member: [] })).toBe('Other risky software · YARA rule · score 75')
    expect(findingKindText({ member: [], threat: 'x', verdict: 'infected' })).toBe('Infected')
    expect(findingPlace({ member: ['a.zip', 'b'] })).toBe('a.zip › b')
    expect(findingPlace({ member: [] })).toBeUndefined()
  })

  it('credit the rule', () => {
    expect(ruleFacts(finding)).toEqual([
      { name: 'Rule', value: 'Mal_Own' },
      { name: 'Author', value: 'A. Writer' },
      { name: 'Reference', value: 'https://x.example/1' },
    ])
    expect(ruleFacts({ threat: 'Own', rule: { name: 'Own' } })).toEqual([])
    expect(ruleFacts({ threat: 'Own' })).toEqual([])
  })

  it('say how many are not listed', () => {
    expect(moreFindingsText(1, String)).toBe('At least 1 more match is not listed here')
    expect(moreFindingsText(180, String)).toBe('At least 180 more matches are not listed here')
  })
})

describe('the history of an object', () => {
  const detection = { scanType: 'full', risk: 'high', quarantineId: undefined } as const
  const at = '2026-01-02T03:04:05.000Z'
  const anna = {
    kind: 'remote',
    commandId: '7f3cfe0e-8a40-4d3e-9df1-0d6d5f0c3b11',
    account: 'anna@example.org',
  } as const

  it('says who asked, what was done besides, and why it failed', () => {
    expect(stepText(detection, { at, state: 'found', by: { kind: 'local' } })).toBe('Found by Full Scan')
    expect(stepText(detection, { at, state: 'found', by: anna })).toBe(
      'Found by Full Scan, started remotely by anna@example.org',
    )
    expect(stepText(detection, { at, state: 'disinfected', by: anna, note: 'sh (12) ended' })).toBe(
      'Disinfected, asked by anna@example.org (sh (12) ended)',
    )
    expect(stepText(detection, { at, state: 'deleted', by: anna }, 'anna@example.org')).toBe('Deleted, asked by you')
    expect(stepText(detection, { at, state: 'skipped', by: { kind: 'local' } })).toBe('Skipped, asked on the device')
    expect(stepText(detection, { at, state: 'deleted', by: { kind: 'restart' } })).toBe('Deleted after the restart')
    expect(stepText(detection, { at, state: 'failed', by: { kind: 'real-time' }, reason: 'disk-full' })).toMatch(
      /^Failed: .*, asked by File protection$/,
    )
  })
})

describe('an object that was kept', () => {
  const at = '2026-01-02T03:04:05.000Z'
  const by = { kind: 'remote', commandId: '7f3cfe0e-8a40-4d3e-9df1-0d6d5f0c3b11', account: 'anna@example.org' } as const

  it.each([
    ['mail-store', 'Kept: a mailbox is never deleted by itself', /mail program/],
    ['cannot-disinfect', 'Kept: cannot be disinfected', /Delete it/],
    ['in-use', 'Kept: in use by a program', /Close the program/],
  ] as const)('says why and what to do: %s', (reason, text, advice) => {
    const kept = { state: 'kept', risk: 'high', busy: false, reason } as const
    expect(detectionStateText(kept).text).toBe(text)
    expect(adviceText(kept)).toMatch(advice)
    const step = { at, state: 'kept', by, reason, automatic: true, scanType: 'full' } as const
    expect(stepText({ scanType: 'quick', risk: 'high' }, step, 'anna@example.org')).toBe(
      `${text}, automatically, in a Full Scan started by you`,
    )
  })
})

describe('an object of which no copy could be kept', () => {
  const left = { state: 'backup-failed', risk: 'high', busy: false } as const

  it.each(errorCodes)('%s: speaks of the copy and its store, never of the object', (reason) => {
    const { text } = detectionStateText({ ...left, reason })
    const row = adviceText({ ...left, reason }) ?? ''
    const problem = problemText({ kind: 'backup-failed', count: 1, values: { names: 'a.', reason } }).detail
    expect(`${text} ${row} ${problem}`).not.toMatch(
      /a file with this name|another folder|as an administrator|Make room/,
    )
    expect(text).toMatch(/^Not touched: /)
    // Row and problem say the same.
    expect(row.startsWith(problem.slice('a. '.length))).toBe(true)
  })

  it('names the setting where Quarantine is full', () => {
    expect(adviceText({ ...left, reason: 'backup-failed' })).toContain('“Largest size of all copies”')
    expect(adviceText({ ...left, reason: 'secrets-unavailable' })).toMatch(/keyring.*Unlock it/)
    expect(adviceText({ ...left, reason: 'target-exists' })).toMatch(/replaced by something else/)
  })

  it('where the reasons differ says where they are', () => {
    const { detail } = problemText({ kind: 'backup-failed', count: 2, values: { names: 'a, b.', reason: '' } })
    expect(detail).toBe('a, b. The reason is in each row of Detected objects.')
  })
})

describe('a copy that cannot be restored', () => {
  const deleted = { state: 'deleted', risk: 'high', busy: false, quarantineId: id, changedAt: at } as const

  it('is no promise, neither in the list nor on the portal', () => {
    const now = new Date(at)
    for (const [copyCondition, words] of [
      ['damaged', 'Deleted, copy damaged'],
      ['key-lost', 'Deleted, key of the copy lost'],
    ] as const) {
      expect(detectionStateText({ ...deleted, copyCondition }).text).toBe(words)
      expect(undoText({ ...deleted, copyCondition }, 30, now)).toBeUndefined()
      expect(actionsFor({ ...deleted, copyCondition })).toEqual([])
    }
    expect(undoText(deleted, 30, now)).toMatch(/^Undo until/)
  })
})

describe('the advice about an object that was left alone', () => {
  const left = { state: 'protected', reason: 'object-protected' } as const

  it('says that it may be a false alarm, why, and what to do, for everything that the guard protects', () => {
    const texts = ProtectedReason.options.map((protectedBy) => adviceText({ ...left, protectedBy }) ?? '')
    for (const text of texts)
      expect(text).toMatch(/^It was not touched\. This may be a false alarm: [^.]+\. [A-Z].+\.$/)
    expect(new Set(texts).size).toBe(texts.length)
    // An entry of an earlier version.
    expect(adviceText(left)).toContain('This may be a false alarm')
  })

  it('says what to do about a failure, and nothing where nothing is left to do', () => {
    const needed = { state: 'failed', reason: 'needs-administrator' } as const
    expect(adviceText({ ...needed, canElevate: true })).toMatch(
      /administrator of the computer.*Continue as administrator/,
    )
    expect(adviceText(needed)).not.toContain('Continue as administrator')
    for (const [place, words] of [
      ['portal', ' in the app on the computer'],
      ['list', ''],
      ['alert', ' in Detected objects'],
    ] as const) {
      expect(adviceText({ ...needed, canElevate: true }, place)).toMatch(
        new RegExp(`Choose Continue as administrator${words}\\.$`),
      )
      expect(adviceText({ state: 'backup-failed', reason: 'too-large' }, place)).toMatch(
        new RegExp(`deleted without a copy${words}\\.$`),
      )
    }
    expect(adviceText({ state: 'at-restart', canElevate: true })).toContain('Continue as administrator')
    expect(adviceText({ state: 'at-restart' })).toBe('Save your work and restart the computer to finish.')
    expect(adviceText({ state: 'failed' })).toBeUndefined()
    expect(adviceText({ state: 'deleted' })).toBeUndefined()
    expect(adviceText({ state: 'found' })).toBeUndefined()
  })
})

describe('a restart that was asked for', () => {
  const waiting = { stage: 'waiting', againAt: null } as const
  const restarting = { stage: 'restarting', againAt: null } as const
  const now = new Date('2026-01-02T03:20:00.000Z')
  const since = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()

  it('is not waited for by a person whose device is offline', () => {
    expect(restartStageText(waiting, now).text).toBe('Waiting for the person at the computer')
    const away = restartStageText({ ...waiting, awaySince: since(1) }, now)
    expect(away).toEqual({ status: 'offline', text: 'Asked on the device, which is offline now' })
  })

  it('goes on for minutes, not for days', () => {
    expect(restartStageText(restarting, now).text).toBe('Restarting…')
    expect(restartStageText({ ...restarting, awaySince: since(3) }, now).text).toBe('Restarting…')
    const late = restartStageText({ ...restarting, awaySince: since(11) }, now)
    expect(late).toEqual({ status: 'attention', text: 'Did not come back after the restart' })
  })
})
