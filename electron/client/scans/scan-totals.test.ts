// Matches whose names a person excluded are counted, not forgotten.
import { expect, it } from 'vitest'
import { infected } from '../testing/fake-machine.ts'
import { excludedMatches } from './scan-totals.ts'

it('counts every match with an excluded name, also beside others in one object', () => {
  const [own] = infected('/a').findings
  const both = { ...infected('/a'), findings: [own, { ...own, threat: 'Other' }, { ...own, threat: 'Other' }] as never }
  expect(excludedMatches([both, infected('/b')], ['Other'])).toBe(2)
  expect(excludedMatches([both, infected('/b')], [])).toBe(0)
})
