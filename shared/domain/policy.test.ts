import { describe, expect, it } from 'vitest'
import type { DetectedObject } from './object-report.ts'
import { decide, defaultTreatmentSettings } from './policy.ts'
import type { Origin } from './treatment.ts'
import type { ThreatVerdict } from './verdict.ts'

const local: Origin = { kind: 'local' }
const remote: Origin = {
  kind: 'remote',
  commandId: '4f5b8a52-3f6e-4e3a-9d55-0a6f4e3c2b1a',
  account: 'anna@example.org',
}

function objectWith(...verdicts: ThreatVerdict[]): DetectedObject {
  return {
    path: { text: '/tmp/a' },
    identity: {
      dev: '1',
      ino: '2',
      size: 3,
      mtimeNs: '4',
      ctimeNs: '5',
      birthtimeNs: '6',
      nlink: 1,
      sha256: 'a'.repeat(64),
    },
    findingsComplete: true,
    findings: verdicts.map((verdict, index) => ({ member: [], threat: `Threat-${index}`, verdict, detector: 'yara' })),
    coverage: { kind: 'full' },
  }
}

const treats = (verb: string, ...threats: string[]) => ({
  kind: 'treat',
  verb,
  findings: threats.map((threat) => expect.objectContaining({ threat })),
})

describe('the policy', () => {
  it('treats what is surely infected, and keeps suspicious and risky objects', () => {
    expect(decide(objectWith('infected'), defaultTreatmentSettings, local)).toEqual(treats('disinfect', 'Threat-0'))
    expect(decide(objectWith('probably-infected'), defaultTreatmentSettings, local)).toEqual({ kind: 'keep' })
    expect(decide(objectWith('risky'), defaultTreatmentSettings, remote)).toEqual({ kind: 'keep' })
  })

  it('acts only because of what is sure: a suspicious member beside an infected one is left alone', () => {
    expect(decide(objectWith('risky', 'infected'), defaultTreatmentSettings, remote)).toEqual(
      treats('disinfect', 'Threat-1'),
    )
  })

  it('asks only for a scan that was started at the computer', () => {
    const interactive = { ...defaultTreatmentSettings, automatic: false }
    expect(decide(objectWith('infected'), interactive, local)).toEqual({ kind: 'ask' })
    for (const origin of [remote, { kind: 'schedule' }, { kind: 'real-time' }] as const) {
      expect(decide(objectWith('infected'), interactive, origin)).toEqual(treats('disinfect', 'Threat-0'))
    }
  })

  it('treats suspicious objects when the setting says so', () => {
    const settings = { ...defaultTreatmentSettings, treatSuspicious: true }
    expect(decide(objectWith('probably-infected', 'infected'), settings, remote)).toEqual(
      treats('disinfect', 'Threat-0', 'Threat-1'),
    )
  })

  it('only cures, or only deletes what is malware as a whole, or does nothing, as the settings say', () => {
    const verbs = [
      [true, false, treats('cure-only', 'Threat-0')],
      [false, true, treats('delete-malware', 'Threat-0')],
      [false, false, { kind: 'keep' }],
    ] as const
    for (const [disinfect, deleteIfDisinfectionFails, expected] of verbs) {
      const settings = { ...defaultTreatmentSettings, disinfect, deleteIfDisinfectionFails }
      expect(decide(objectWith('infected'), settings, remote)).toEqual(expected)
    }
  })

  it('deletes archives that cannot be rewritten only when the settings say so, and never where nothing may be deleted (50)', () => {
    const verbs = [
      [true, true, treats('disinfect-with-archives', 'Threat-0')],
      [false, true, treats('delete-with-archives', 'Threat-0')],
      [true, false, treats('cure-only', 'Threat-0')],
      [false, false, { kind: 'keep' }],
    ] as const
    for (const [disinfect, deleteIfDisinfectionFails, expected] of verbs) {
      const settings = {
        ...defaultTreatmentSettings,
        archives: 'delete' as const,
        disinfect,
        deleteIfDisinfectionFails,
      }
      for (const origin of [local, remote]) expect(decide(objectWith('infected'), settings, origin)).toEqual(expected)
    }
  })

  it('ignores an object only when everything found in it is excluded by name', () => {
    const one = { ...defaultTreatmentSettings, excludedThreats: ['Threat-0'] }
    expect(decide(objectWith('infected'), one, local)).toEqual({ kind: 'ignore' })
    expect(decide(objectWith('infected', 'infected'), one, local)).toEqual(treats('disinfect', 'Threat-1'))
  })
})
