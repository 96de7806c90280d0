import { describe, expect, it } from 'vitest'
import { CommandEnvelope, CommandStatus, isFinal, mayFollow } from './command.ts'
import { actionsFor, isGrouped, isUnprocessed } from './detection.ts'
import { protectionStatus } from './device.ts'
import { checkPassword, isAcceptable } from './password-rules.ts'

const envelope = {
  id: '4f5b8a52-3f6e-4e3a-9d55-0a6f4e3c2b1a',
  deviceId: '4f5b8a52-3f6e-4e3a-9d55-0a6f4e3c2b1b',
  kind: 'scan.start',
  args: { type: 'quick' },
  issuedBy: 'anna@example.org',
  issuedAt: '2026-11-22T10:00:00.000Z',
  expiresAt: '2026-11-29T10:00:00.000Z',
}

describe('a command', () => {
  it('is accepted only in exactly its form', () => {
    expect(CommandEnvelope.safeParse(envelope).success).toBe(true)
    expect(CommandEnvelope.safeParse({ ...envelope, extra: 1 }).success).toBe(false)
    expect(CommandEnvelope.safeParse({ ...envelope, kind: 'shell.run', args: { line: 'x' } }).success).toBe(false)
    expect(CommandEnvelope.safeParse({ ...envelope, args: { type: 'folder' } }).success).toBe(false)
  })

  it('only moves forward, and nothing follows its end', () => {
    expect(mayFollow('planned', 'delivered')).toBe(true)
    expect(mayFollow('planned', 'expired')).toBe(true)
    expect(mayFollow('running', 'delivered')).toBe(false)
    for (const end of ['done', 'failed', 'cancelled', 'expired'] as const) {
      expect(isFinal(end)).toBe(true)
      for (const next of CommandStatus.options) expect(mayFollow(end, next)).toBe(false)
    }
  })
})

describe('the limit of ten', () => {
  it('lists 10 objects one by one and groups 11', () => {
    expect(isGrouped(10)).toBe(false)
    expect(isGrouped(11)).toBe(true)
  })

  it('counts what still needs a decision, and not what waits for a restart', () => {
    expect(isUnprocessed('kept')).toBe(true)
    expect(isUnprocessed('failed')).toBe(true)
    expect(isUnprocessed('at-restart')).toBe(false)
    expect(isUnprocessed('deleted')).toBe(false)
    expect(actionsFor({ state: 'at-restart' })).toEqual([])
  })

  it('offers to deal with what was only copied: the original is where it was, so nothing can be put back', () => {
    const quarantineId = '00000000-0000-4000-8000-000000000001' as never
    expect(actionsFor({ state: 'quarantined', quarantineId })).toEqual(['disinfect', 'delete'])
    expect(actionsFor({ state: 'deleted', quarantineId })).toEqual(['restore', 'restore-and-exclude'])
  })
})

describe('the password rules', () => {
  const strong = () => 4
  it('names each rule that is not met', () => {
    expect(checkPassword('short1A', strong)).toMatchObject({ length: false, digit: true, upper: true, lower: true })
    expect(checkPassword('no digits Here', strong)).toMatchObject({ digit: false, 'no-spaces': false })
    expect(isAcceptable(checkPassword('Long3nough', strong))).toBe(true)
  })

  it('refuses a common password that meets the other rules, and does not guess before the estimate is there', () => {
    expect(isAcceptable(checkPassword('Password1', () => 0))).toBe(false)
    expect(isAcceptable(checkPassword('Long3nough', undefined))).toBe(false)
  })
})

describe('the protection status', () => {
  it('is that of the worst problem', () => {
    expect(protectionStatus([])).toBe('protected')
    expect(protectionStatus([{ grade: 'information' }])).toBe('protected')
    expect(protectionStatus([{ grade: 'important' }, { grade: 'information' }])).toBe('needs-attention')
    expect(protectionStatus([{ grade: 'important' }, { grade: 'critical' }])).toBe('at-risk')
  })
})
