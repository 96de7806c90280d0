// Copies looked at again with new databases: which of them are false alarms, once per version, and what cannot be looked at.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { Rescanned } from '../treat/context.ts'
import { createQuarantine } from './quarantine.ts'
import { nothingFound, stillFound } from './testing/quarantine-lab.ts'
import { contentFrom, type Says } from './testing/rescan-rig.ts'
import { vaultRig } from './testing/vault-rig.ts'
import type { Vault } from './vault.ts'

const rig = vaultRig()
const { open, put, sealedFile } = rig
const look = (databases: string, secondEngine = false) => ({ databases, secondEngine })

function rescanning(vault: Vault, says: Says) {
  const quarantine = createQuarantine({
    dataDir: rig.dataDir(),
    vault,
    rescan: contentFrom(says),
    now: () => new Date(),
  })
  return {
    quarantine,
    /** Until none is left. */
    all: async (what = look('v2')) => {
      const cleared: QuarantineId[] = []
      for (let round = 0; round < 50; round += 1) {
        const result = await quarantine.rescan(what)
        cleared.push(...result.cleared.map(({ id }) => id))
        if (result.left === 0) return cleared
      }
      throw new Error('does not end')
    },
  }
}

describe('Quarantine after new databases', () => {
  it('proposes what is no longer detected, once, and nothing else', async () => {
    const vault = open()
    const harmless = await put(vault, Buffer.from('harmless'))
    const bad = await put(vault, Buffer.from('bad'))
    const { quarantine, all } = rescanning(vault, (content) => (content === 'bad' ? stillFound : nothingFound))
    expect(await all(look('lab-1'))).toEqual([])
    expect(quarantine.get(harmless).falseAlarm).toBeUndefined()
    expect(await all()).toEqual([harmless])
    expect(await all()).toEqual([])
    expect(quarantine.list({ offset: 0, limit: 9, search: '', only: 'false-alarms' })).toMatchObject({
      total: 1,
      items: [{ id: harmless, restorable: true, falseAlarm: { answered: false } }],
      summary: { falseAlarms: 1 },
    })
    expect(quarantine.get(bad).falseAlarm).toBeUndefined()
    expect(quarantine.keep([harmless, bad])).toBe(1)
    expect(quarantine.list({ offset: 0, limit: 9, search: '', only: 'false-alarms' }).total).toBe(0)
    expect(await all(look('v3'))).toEqual([])
    expect(quarantine.get(harmless).falseAlarm).toMatchObject({ answered: true })
    quarantine.close()
  })

  it('takes a proposal back when it is detected again', async () => {
    const vault = open()
    const id = await put(vault, Buffer.from('x'))
    let says = nothingFound
    const { quarantine, all } = rescanning(vault, () => says)
    expect(await all()).toEqual([id])
    says = stillFound
    await all(look('v3'))
    expect(quarantine.get(id).falseAlarm).toBeUndefined()
    quarantine.close()
  })

  it('goes on where it was stopped, also after a crash, and looks at each copy once', async () => {
    const vault = open()
    for (let n = 0; n < 120; n += 1) await put(vault, Buffer.from(`copy ${n}`))
    const seen: string[] = []
    const says: Says = (content) => {
      seen.push(content)
      return stillFound
    }
    const first = rescanning(vault, says)
    const { looked, left } = await first.quarantine.rescan(look('v2'))
    expect(looked + left).toBe(120)
    expect(looked).toBeLessThanOrEqual(50)
    expect(looked).toBeGreaterThan(0)
    first.quarantine.close()
    vault.close()
    const next = rescanning(open(), says)
    await next.all()
    expect(seen.length).toBe(120)
    expect(new Set(seen).size).toBe(120)
    next.quarantine.close()
  })

  it('says nothing where nothing can be said: no answer, a part only, ClamAV that is not asked', async () => {
    const vault = open()
    const plain = await put(vault, Buffer.from('plain'))
    const ofClamav = await put(vault, Buffer.from('clamav'), { detectors: ['clamd'] })
    const partial: Rescanned = { ...nothingFound, coverage: { kind: 'partial', reasons: ['too-big'] } }
    for (const answer of [null, partial, { ...nothingFound, findingsComplete: false }]) {
      const { quarantine, all } = rescanning(vault, () => answer)
      expect(await all(look(`v-${JSON.stringify(answer)}`, true))).toEqual([])
      quarantine.close()
    }
    const { quarantine, all } = rescanning(vault, () => nothingFound)
    expect(await all(look('v8'))).toEqual([plain])
    expect(await all(look('v9', true))).toEqual([ofClamav])
    quarantine.close()
  })

  it('leaves out what was never detected itself, and what waits for a restart', async () => {
    const vault = open()
    await put(vault, Buffer.from('cured'), { copyOf: 'cured' })
    await put(vault, Buffer.from('entry'), { copyOf: 'entry' })
    const waiting = await put(vault, Buffer.from('waiting'))
    vault.hold(waiting)
    const seen: string[] = []
    const { quarantine, all } = rescanning(vault, (content) => {
      seen.push(content)
      return nothingFound
    })
    expect(await all()).toEqual([])
    expect(seen).toEqual([])
    vault.release(waiting)
    expect(await all()).toEqual([waiting])
    quarantine.close()
  })

  it('goes past copies that are damaged, gone or of another key', async () => {
    const vault = open()
    const damaged = await put(vault, Buffer.from('damaged'))
    const whole = await put(vault, Buffer.from('whole'))
    const bytes = readFileSync(sealedFile(damaged))
    writeFileSync(sealedFile(damaged), bytes.subarray(0, bytes.length - 3))
    const { quarantine, all } = rescanning(vault, () => nothingFound)
    expect(await all()).toEqual([whole])
    expect(quarantine.get(damaged)).toMatchObject({ condition: 'damaged' })
    quarantine.close()
    vault.close()
    const other = rescanning(open({ masterKey: Buffer.alloc(32, 4) }), () => nothingFound)
    expect(await other.all(look('v3'))).toEqual([])
    other.quarantine.close()
    expect(readdirSync(join(rig.store())).filter((name) => name.endsWith('.part'))).toEqual([])
  })
})
