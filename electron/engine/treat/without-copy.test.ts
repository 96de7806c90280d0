// Deleting an object of which no copy can be kept: only when a person at the computer agreed, and never where a copy can be kept.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { createLab, infectedContent, type Lab, type LabOptions } from './testing/treatment-lab.ts'

const labs: Lab[] = []
afterEach(() => {
  for (const lab of labs.splice(0)) lab.remove()
})

async function ordered(
  change: Partial<TreatmentOrder>,
  options: LabOptions = { vault: { limits: { objectBytes: 100 } } },
) {
  const lab = createLab(options)
  labs.push(lab)
  const file = lab.write('evil', infectedContent(500))
  const order = { ...(await lab.order(file)), ...change }
  return { lab, file, order, treat: () => lab.treater.treat(order) }
}

const agreed = { verb: 'delete', withoutCopy: true } as const

describe('an object that is too large for a copy', () => {
  it('is left as it is by every automatic act, and says why (47)', async () => {
    const remote = { kind: 'remote', commandId: crypto.randomUUID(), account: 'anna@lindqvist.example' } as const
    const refused: Partial<TreatmentOrder>[] = [
      {},
      { verb: 'disinfect' },
      { ...agreed, origin: remote },
      { ...agreed, origin: { kind: 'real-time' } },
      { ...agreed, origin: { kind: 'schedule' } },
      { verb: 'disinfect-or-delete', withoutCopy: true },
    ]
    for (const change of refused) {
      const { treat, file } = await ordered(change)
      const before = readFileSync(file)
      expect(await treat()).toEqual({ status: 'backup-failed', code: 'too-large' })
      expect(readFileSync(file).equals(before)).toBe(true)
    }
  })

  it('is deleted when a person at the computer agreed to lose it', async () => {
    const { lab, treat, order } = await ordered(agreed)
    expect(await treat()).toEqual({ status: 'deleted', otherLinks: 0 })
    expect(readdirSync(lab.files)).toEqual([])
    expect(lab.vault.list()).toEqual([])
    expect(await lab.again().treater.treat(order)).toEqual({ status: 'deleted', otherLinks: 0 })
  })

  it('is kept all the same where a copy can be made after all', async () => {
    const { lab, treat } = await ordered(agreed, {})
    expect(await treat()).toMatchObject({ status: 'deleted', quarantineId: lab.vault.list()[0]?.id })
    expect(lab.vault.list()).toHaveLength(1)
  })

  it('is disinfected or deleted with a large copy when a person at the computer agreed to that, and can be restored', async () => {
    const { lab, treat, file } = await ordered({ verb: 'disinfect-or-delete', largeCopy: true })
    const before = readFileSync(file)
    const outcome = await treat()
    const [copy] = lab.vault.list()
    expect(outcome).toMatchObject({ status: 'deleted', quarantineId: copy?.id })
    expect(copy && (await lab.vault.verify(copy.id, createHash('sha256').update(before).digest('hex')))).toBe(true)
    const remote = { kind: 'remote', commandId: crypto.randomUUID(), account: 'anna@lindqvist.example' } as const
    const asked = await ordered({ verb: 'disinfect-or-delete', largeCopy: true, origin: remote })
    expect(await asked.treat()).toEqual({ status: 'backup-failed', code: 'too-large' })
  })

  it('is left where even a large copy has no room', async () => {
    const full = { vault: { limits: { objectBytes: 100, totalBytes: 600 } } }
    const { treat, file } = await ordered({ verb: 'disinfect-or-delete', largeCopy: true }, full)
    const before = readFileSync(file)
    expect(await treat()).toEqual({ status: 'backup-failed', code: 'backup-failed' })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('is put back when the treatment ends in between, and deleted by the next one', async () => {
    for (const step of ['stored', 'grab-planned', 'grabbed', 'verified', 'removing', 'removed'] as const) {
      const { lab, treat, order } = await ordered(agreed, {
        vault: { limits: { objectBytes: 100 } },
        ports: {
          onStep: (name) => {
            if (name === step) throw new Error('the power went')
          },
        },
      })
      await expect(treat(), step).rejects.toThrow()
      const next = lab.again({ vault: { limits: { objectBytes: 100 } } })
      labs.push(next)
      await next.treater.recover()
      expect((await next.treater.treat(order)).status, step).toBe('deleted')
      expect(readdirSync(next.files), step).toEqual([])
    }
  })
})
