import { describe, expect, it } from 'vitest'
import { type DetectedObject, Finding } from '#shared/domain/object-report.ts'
import { decide, defaultTreatmentSettings } from '#shared/domain/policy.ts'
import type { RuleMatch } from './pattern-engine.ts'
import { confidenceOf, findingOfMatch, verdictOfSecondEngine } from './rule-verdict.ts'

const match = (rule: string, namespace: string, meta: RuleMatch['meta'] = {}): RuleMatch => ({ rule, namespace, meta })

describe('how sure a rule is', () => {
  it.each<[string, string, RuleMatch['meta'], string]>([
    ['Any', 'gen_any.yar', { score: 100 }, 'malware'],
    ['Any', 'gen_any.yar', { score: 75 }, 'malware'],
    ['Any', 'gen_any.yar', { score: '80' }, 'malware'],
    ['Any', 'gen_any.yar', { score: 74 }, 'suspicious'],
    ['Any', 'gen_any.yar', { score: 60 }, 'suspicious'],
    ['Any', 'gen_any.yar', { score: 59 }, 'informational'],
    ['Any', 'gen_any.yar', {}, 'informational'],
    ['Any', 'gen_any.yar', { score: 'high' }, 'informational'],
    ['Any', 'apt_family.yar', {}, 'suspicious'],
    ['Any', 'apt_family.yar', { score: 50 }, 'suspicious'],
    ['SUSP_Any', 'apt_family.yar', { score: 50 }, 'informational'],
    ['MAL_Family', 'gen_any.yar', {}, 'suspicious'],
    ['WEBSHELL_Any', 'gen_any.yar', {}, 'suspicious'],
    ['MAL_Family', 'gen_any.yar', { score: 40 }, 'informational'],
    ['HKTL_Tool', 'gen_any.yar', {}, 'informational'],
    ['Any', 'expl_vuln_any.yar', { score: 90 }, 'suspicious'],
    ['Any', 'general_cloaking.yar', { score: 90 }, 'suspicious'],
  ])('%s in %s with %o: %s', (rule, namespace, meta, confidence) => {
    expect(confidenceOf(match(rule, namespace, meta))).toBe(confidence)
  })

  it('is listed in every case, and never acted on by itself below a score of 75', () => {
    const names = ['Any', 'MAL_Family', 'SUSP_Any', 'APT_Family', 'HKTL_Tool']
    const files = ['gen_any.yar', 'apt_family.yar', 'crime_x.yar', 'expl_vuln_x.yar', 'own.yar']
    for (const name of names) {
      for (const file of files) {
        for (const score of [undefined, -1, 0, 40, 59, 60, 74, 74.9]) {
          const found = findingOfMatch(match(name, file, score === undefined ? {} : { score }))
          const finding = Finding.parse({ member: [], ...found })
          const object = { findings: [finding] } as unknown as DetectedObject
          for (const kind of ['local', 'real-time', 'schedule', 'restart'] as const)
            expect(decide(object, defaultTreatmentSettings, { kind })).toEqual({ kind: 'keep' })
        }
      }
    }
  })
})

it('what a rule says of itself comes first', () => {
  expect(findingOfMatch(match('Own', 'own.yar', { verdict: 'infected', score: 10 }))).toMatchObject({
    verdict: 'infected',
  })
  expect(findingOfMatch(match('Own', 'own.yar', { verdict: 'risky', score: 100 }))).toMatchObject({ verdict: 'risky' })
  expect(findingOfMatch(match('Own', 'own.yar', { verdict: 'informational', score: 100 }))).toBeNull()
  expect(findingOfMatch(match('Own', 'own.yar', { verdict: 'anything', score: 100 }))).toMatchObject({
    verdict: 'infected',
  })
})

it.each([
  ['Win.Trojan.Agent-1', 'infected'],
  ['Eicar-Test-Signature', 'infected'],
  ['PUA.Win.Tool-1', 'risky'],
  ['Heuristics.Phishing.Email', 'risky'],
  ['YARA.own_rule.UNOFFICIAL', 'probably-infected'],
])('the second engine says %s: %s', (threat, verdict) => expect(verdictOfSecondEngine(threat)).toBe(verdict))
