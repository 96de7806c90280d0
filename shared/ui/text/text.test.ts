// The words of errors, states and scans: complete, in the product's style, never "clean".
import { describe, expect, it } from 'vitest'
import { DetectionState } from '#shared/domain/detection.ts'
import { errorCodes, ProductError } from '#shared/errors.ts'
import { errorSentence, errorText, textOfCode } from './error-text.ts'
import { notScannedText, originText, scanOutcomeText, scanProgressText } from './scan-text.ts'
import { detectionStateText, objectName, recommendedAction } from './state-text.ts'

const noCounters = { objects: 0, files: 0, bytes: 0, found: 0, notScanned: 0 }
const noTotals = { found: 0, disinfected: 0, deleted: 0, kept: 0, failed: 0, atRestart: 0 }

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

  it('says where a stop came from, and nothing found', () => {
    const scan = { counters: noCounters, totals: noTotals }
    expect(scanOutcomeText({ ...scan, outcome: 'stopped', stoppedBy: 'device' })).toBe('Stopped on the device')
    expect(scanOutcomeText({ ...scan, outcome: 'completed' })).toBe('Nothing found')
    expect(notScannedText('encrypted')).toBe('Not scanned: password-protected')
  })
})
