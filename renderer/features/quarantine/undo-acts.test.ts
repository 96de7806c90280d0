// Undo from a toast: what is told, and what is asked about, by the reason of each object that did not come back.
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { ErrorCode } from '#shared/errors.ts'
import type { ActResult } from '#shared/ipc/app-contract.ts'
import { clearToasts, onlyToast, shownToasts } from '#shared/ui/testing/shown-toasts.ts'
import type { AppClient } from '../../bridge/app-client.ts'
import { tellResult } from '../detections/process-all.ts'
import { undoActs, undoWithExclusion, useUndoQuestion } from './undo-acts.ts'

afterEach(() => {
  clearToasts()
  useUndoQuestion.setState({ question: null })
})

const idOf = (n: number) => `00000000-0000-4000-8000-00000000000${n}` as DetectionId
const ids = [1, 2, 3, 4].map(idOf)

/** An app that restores everything but these. */
function appThatKeeps(kept: readonly (readonly [n: number, reason: ErrorCode])[]) {
  const asked: unknown[] = []
  const call = async (name: string, input: { readonly ids: readonly DetectionId[]; readonly exclude: boolean }) => {
    asked.push([name, input])
    const failures = kept
      .filter(([n, reason]) => input.ids.includes(idOf(n)) && !(input.exclude && reason === 'still-detected'))
      .map(([n, reason]) => ({ id: idOf(n), reason }))
    const failed = failures.length
    const first = failures[0]?.reason
    const result = { done: input.ids.length - failed, failed, needRestart: 0 }
    return { ...result, ...(first === undefined ? {} : { reason: first, failures }) } satisfies ActResult
  }
  return { client: { call } as unknown as AppClient, asked }
}

const question = () => useUndoQuestion.getState().question

describe('Undo', () => {
  it('that puts everything back says how many, and asks nothing', async () => {
    undoActs(appThatKeeps([]).client, ids)
    await vi.waitFor(() => expect(onlyToast()).toMatchObject({ title: '4 objects restored', status: 'good' }))
    expect(question()).toBeNull()
  })

  it('asks about exactly what is still detected, and restores only those with an exclusion', async () => {
    const { client, asked } = appThatKeeps([
      [2, 'still-detected'],
      [3, 'still-detected'],
    ])
    undoActs(client, ids)
    await vi.waitFor(() => expect(question()?.ids).toEqual([idOf(2), idOf(3)]))
    expect(onlyToast().title).toBe('2 objects restored')
    clearToasts()
    undoWithExclusion(client, { ids: [idOf(2), idOf(3)] })
    await vi.waitFor(() => expect(onlyToast().title).toBe('2 objects restored and excluded'))
    expect(asked).toEqual([
      ['detections.restore', { ids, exclude: false }],
      ['detections.restore', { ids: [idOf(2), idOf(3)], exclude: true }],
    ])
  })

  it('asks also where the first failed for another reason, and tells that reason', async () => {
    undoActs(
      appThatKeeps([
        [1, 'target-exists'],
        [2, 'still-detected'],
        [3, 'vault-damaged'],
      ]).client,
      ids,
    )
    await vi.waitFor(() => expect(shownToasts()).toHaveLength(2))
    expect(question()?.ids).toEqual([idOf(2)])
    expect(shownToasts()[0]).toMatchObject({
      role: 'alert',
      title: '2 objects not restored',
      detail: 'Reasons: a file with this name exists (1), the copy is damaged (1).',
    })
    expect(shownToasts()[1]?.title).toBe('1 object restored')
  })
})

describe('the result of an act', () => {
  it('tells what waits for a restart, what failed with every reason, and what is done', () => {
    tellResult('process', {
      ...{ done: 1, failed: 2, needRestart: 3, reason: 'in-use' },
      failures: [
        { id: idOf(1), reason: 'in-use' },
        { id: idOf(2), reason: 'no-permission' },
      ],
    })
    expect(shownToasts().map(({ status, title, detail }) => [status, title, detail])).toEqual([
      ['attention', '3 objects will be disinfected on computer restart', ''],
      ['danger', '2 objects not processed', 'Reasons: in use by a program (1), no access (1).'],
      ['good', '1 object processed', 'Copies are kept.'],
    ])
  })

  it('offers Undo only where all of it was done and a copy is kept', () => {
    const undo = vi.fn()
    tellResult('delete', { done: 2, failed: 0, needRestart: 0 }, undo)
    onlyToast().action?.run()
    expect(undo).toHaveBeenCalledOnce()
    clearToasts()
    tellResult('delete', { done: 2, failed: 0, needRestart: 1 }, undo)
    expect(shownToasts().map(({ action }) => action?.label)).toEqual([undefined, 'Open Quarantine'])
    clearToasts()
    tellResult('skip', { done: 2, failed: 0, needRestart: 0 }, undo)
    expect(onlyToast().action).toBeUndefined()
    clearToasts()
    tellResult('delete', { done: 0, failed: 1, needRestart: 0 }, undo)
    expect(onlyToast()).toMatchObject({ title: '1 object not deleted', detail: 'The reason is in each row.' })
  })
})
