// The journal of treatments stays small while the same object is tried again and again.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createLab } from './testing/treatment-lab.ts'
import { openTreatmentLog } from './treatment-log.ts'

it('does not grow with every look at what waits, and forgets nothing that counts', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'log-'))
  const lab = createLab()
  try {
    const order = await lab.order(lab.write('object', 'content'))
    const other = await lab.order(lab.write('other', 'content'))
    const log = openTreatmentLog(dataDir, () => new Date())
    log.add({ kind: 'intent', detectionId: other.detectionId, order: other })
    const { detectionId, verb } = order
    const outcome = { status: 'at-restart', holder: 'a mount' } as const
    for (let look = 0; look < 1_000; look += 1) {
      log.add({ kind: 'intent', detectionId, order })
      log.add({ kind: 'outcome', detectionId, verb, outcome })
    }
    log.close()
    expect(readFileSync(join(dataDir, 'treatments.jsonl'), 'utf8').split('\n').length).toBeLessThan(300)
    const next = openTreatmentLog(dataDir, () => new Date())
    expect(next.ended(detectionId)).toEqual({ verb, outcome })
    expect(next.interrupted().map((item) => item.detectionId)).toEqual([other.detectionId])
    next.close()
  } finally {
    lab.remove()
    rmSync(dataDir, { recursive: true })
  }
})
