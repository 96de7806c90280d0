// What a cure is given, for tests of single cures: a content and what was found where in it.
import type { DetectedObject, Detector } from '#shared/domain/object-report.ts'
import type { CureInput } from '../cures/cure.ts'

export interface Found {
  readonly members: readonly string[][]
  readonly threat?: string
  readonly detector?: Detector
}

export const cureDay = new Date('2026-03-01T10:00:00Z')

export function cureInput(bytes: Buffer, found: Found, recipes: CureInput['recipes'] = []): CureInput {
  return { bytes, object: detectedIn(found), now: cureDay, recipes }
}

export function detectedIn({ members, threat = 'Test.Threat', detector = 'yara' }: Found): DetectedObject {
  const identity = { dev: '1', ino: '2', size: 3, mtimeNs: '4', ctimeNs: '5', birthtimeNs: '6', nlink: 1 }
  return {
    path: { text: '/a' },
    identity: { ...identity, sha256: 'a'.repeat(64) },
    findings: members.map((member) => ({ member, threat, verdict: 'infected', detector })),
    findingsComplete: true,
    coverage: { kind: 'full' },
  }
}
