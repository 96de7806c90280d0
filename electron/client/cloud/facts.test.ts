// What the portal is told fits into a message, and names no other account.
import { expect, it } from 'vitest'
import { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import type { Detection } from '#shared/domain/detection.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { newDetection } from '../detections/transitions.ts'
import { infected } from '../testing/fake-machine.ts'
import { bytesOf, factMaxBytes, fitted } from './fact-size.ts'
import { allFacts } from './facts.ts'

const id = 'b8c6c5f0-91a0-4f5e-8f65-3f86b5f0a001' as DetectionId
const remote = { kind: 'remote', commandId: id, account: 'old@example.com' } as const

function hostile(): Detection {
  const finding = infected('/a').findings[0]
  if (!finding) throw new Error('no finding')
  const rule = { name: '\u0001'.repeat(256), description: '☠'.repeat(4096), reference: '☠'.repeat(4096) }
  const bad = { ...finding, member: Array.from({ length: 20 }, () => '☠'.repeat(4096)), rule }
  const path = { text: '\u0001'.repeat(20_000), bytes: 'AAAA'.repeat(6_000) }
  const object: DetectedObject = { ...infected('/a'), path, findings: Array.from({ length: 200 }, () => bad) }
  return newDetection(
    id,
    { object: object, state: 'found' },
    {
      at: '2026-03-01T10:00:00Z',
      origin: remote,
      scanType: 'full',
      excludedThreats: [],
    },
  )
}

it('cuts what one hostile archive says until it fits, and it stays valid', () => {
  const body = fitted({ kind: 'detection', detection: hostile() })
  expect(bytesOf(body)).toBeLessThan(factMaxBytes + 1_000)
  expect(OutboxBody.safeParse(body).success).toBe(true)
  const small = { kind: 'detection', detection: { ...hostile(), path: { text: '/a' }, findings: [] } } as never
  expect(fitted(small)).toEqual(small)
})

it('cuts descriptions first, visibly, and keeps who made a rule and where it is explained', () => {
  const { findings, ...rest } = hostile()
  const credit = { author: 'A. Writer', reference: 'https://rules.example/1' }
  const rule = { name: 'Own', description: 'd'.repeat(4096), score: 75, ...credit }
  const many = findings.map((finding) => ({ ...finding, member: ['x'.repeat(200)], rule }))
  const large = { ...rest, path: { text: '/a' }, findings: many, history: [], note: undefined }
  const body = fitted({
    kind: 'detection',
    detection: { ...large, findings: [...many, ...many].slice(0, 40) } as never,
  })
  if (body.kind !== 'detection') throw new Error('another fact')
  const [first] = body.detection.findings
  expect(body.detection.findings).toHaveLength(40)
  expect(first?.member).toEqual(['x'.repeat(200)])
  expect(first?.rule).toEqual({ name: 'Own', score: 75, ...credit, description: `${'d'.repeat(299)}…` })
})

it('says how many findings were cut, and still credits the one that is left', () => {
  const body = fitted({ kind: 'detection', detection: hostile() })
  if (body.kind !== 'detection') throw new Error('another fact')
  const { findings, moreFindings = 0, path } = body.detection
  expect(findings.length + moreFindings).toBe(200)
  expect(findings[0]?.rule?.reference).toMatch(/^☠+…$/)
  expect(path.text.endsWith('…')).toBe(true)
})

it('hides the address of an account that this computer was connected to before', () => {
  const text = JSON.stringify(allFacts([hostile()], [], { deviceId: id, email: 'new@example.com' }))
  expect(text).not.toContain('old@example.com')
  expect(text).toContain('another account')
  expect(JSON.stringify(allFacts([hostile()], [], { deviceId: id, email: 'old@example.com' }))).toContain('old@')
})
