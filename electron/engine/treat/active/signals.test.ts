// Processes of this test alone: who is signalled is who was meant, whatever the number means by now.
import { afterEach, describe, expect, it } from 'vitest'
import type { TreatmentLine } from '#shared/files/treatment-lines.ts'
import { startTimeOf } from '../processes.ts'
import { createLab } from '../testing/treatment-lab.ts'
import { resumeActive } from './active.ts'
import { endExactly, isAlive, type ProcessMark, signalExactly } from './signals.ts'
import { endAll, isStopped, run, until } from './testing/run.ts'

afterEach(endAll)

async function started(): Promise<{ readonly right: ProcessMark; readonly wrong: ProcessMark }> {
  const pid = await run('/bin/sleep', ['61'])
  const startTime = startTimeOf(pid) ?? ''
  return { right: { pid, startTime }, wrong: { pid, startTime: `${BigInt(startTime) - 1n}` } }
}

describe('a process whose number belonged to another one before', () => {
  it('is not stopped, not ended and not let go (60)', async () => {
    const { right, wrong } = await started()
    expect(isAlive(wrong)).toBe(false)
    expect(signalExactly(wrong, 'SIGSTOP')).toBe(false)
    expect(await endExactly([wrong])).toEqual([])
    expect(isStopped(right.pid)).toBe(false)
    expect(signalExactly(right, 'SIGSTOP')).toBe(true)
    await until(() => isStopped(right.pid))
    expect(signalExactly(wrong, 'SIGCONT')).toBe(false)
    expect(signalExactly(wrong, 'SIGKILL')).toBe(false)
    expect(isStopped(right.pid)).toBe(true)
    expect(signalExactly(right, 'SIGCONT')).toBe(true)
    await until(() => !isStopped(right.pid))
    expect(await endExactly([right])).toEqual([right])
    expect(isAlive(right)).toBe(false)
  })

  it.each(['settled', 'undone'] as const)(
    'is left alone by the recovery of a treatment that is %s (60)',
    async (end) => {
      const { right, wrong } = await started()
      const lab = createLab({ ports: { mayEnd: () => true } })
      try {
        signalExactly(right, 'SIGSTOP')
        await until(() => isStopped(right.pid))
        const order = await lab.order(lab.write('object', 'content'))
        const { detectionId } = order
        const line: TreatmentLine = {
          version: 1,
          at: '',
          detectionId,
          kind: 'stopping',
          processes: [{ ...wrong, name: 'x' }],
        }
        const context = { ...lab, ports: lab.ports, rescan: () => Promise.resolve(null), recipes: () => [] }
        const log = { add: () => undefined, ended: () => undefined, interrupted: () => [], close: () => undefined }
        const resumed = resumeActive({ ...context, log: log as never, pending: undefined as never }, order, [line])
        await resumed.endProcesses()
        await resumed.settle(end === 'settled' ? { status: 'deleted', otherLinks: 0 } : undefined)
        expect([isAlive(right), isStopped(right.pid)]).toEqual([true, true])
      } finally {
        lab.remove()
      }
    },
  )
})
