// What the portal's toasts say when an act on detected objects has ended, and what Undo sends. Only the network is made up.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CommandBody, CommandRecord } from '#shared/domain/command.ts'
import type { Detection, DetectionAction } from '#shared/domain/detection.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import { infectedDetection } from '#shared/testing/detections.ts'
import { clearToasts, onlyToast, shownToasts } from '#shared/ui/testing/shown-toasts.ts'
import { mirrorStore, withCommands, withDevice } from '../../state/mirror.ts'
import { sampleCommand, sampleDevice, sampleTime, uuid } from '../../testing/samples.ts'
import { announceCommandResults } from './announce-results.ts'
import { runCommand, runGroupAction } from './run-command.ts'
import { undoWithExclusion, useUndoQuestion } from './undo-acts.ts'

type Acted = NonNullable<NonNullable<CommandRecord['result']>['acted']>

const card = sampleDevice(1)
const idOf = (n: number) => uuid(100 + n) as DetectionId
const objectOf = (n: number, change: Partial<Detection>): Detection =>
  infectedDetection('Tool', {
    id: idOf(n),
    path: { text: `/home/anna/${n}.exe` },
    state: 'deleted',
    quarantineId: uuid(200 + n),
    ...change,
  })

/** What the portal knows of the objects, and what it was asked to do. */
let objects: readonly Detection[] = []
let sent: CommandBody[] = []
/** What happens at the device before the portal has answered the page. */
let whenSent: (command: CommandRecord) => void = () => undefined

beforeEach(() => {
  objects = []
  sent = []
  whenSent = () => undefined
  vi.stubGlobal('fetch', answer)
  clearToasts()
  mirrorStore.setState({ devices: new Map([[card.id, card]]), commands: new Map() })
})
afterEach(() => {
  useUndoQuestion.setState({ question: null })
  vi.unstubAllGlobals()
})

async function answer(url: string, init: { readonly body?: string }): Promise<Response> {
  if (/detections\/group$/.test(url)) {
    const { id, action } = JSON.parse(init.body ?? '{}')
    const body: CommandBody = { kind: 'detections.act', args: { action, ids: [idOf(1)] } }
    return Response.json({ command: sampleCommand(900, 'planned', { id, body, objectCount: 11 }) })
  }
  const detection = /detections\/([^/]+)$/.exec(url)?.[1]
  if (detection !== undefined) {
    const found = objects.find(({ id }) => id === detection)
    return found ? Response.json({ detection: found }) : Response.json({ code: 'not-found' }, { status: 404 })
  }
  const { id, body } = JSON.parse(init.body ?? '{}')
  sent.push(body)
  const command = sampleCommand(1, 'planned', { id, body })
  whenSent(command)
  return Response.json({ command })
}

announceCommandResults()

/** Sends a command and lets it end like this. */
async function ended(body: CommandBody, change: Partial<CommandRecord>): Promise<void> {
  const record = await runCommand(card, body)
  if (record === undefined) throw new Error('not sent')
  mirrorStore.setState({ commands: new Map([[card.id, [{ ...record, status: 'done', ...change }]]]) })
}

const act = (action: DetectionAction, acted: Acted, count = 3) =>
  ended(
    { kind: 'detections.act', args: { action, ids: Array.from({ length: count }, (_, n) => idOf(n)) } },
    { result: { acted } },
  )

describe('an act on several objects', () => {
  it('that waits for a restart is never told as done', async () => {
    await act('process', { done: 0, failed: 0, needRestart: 3 })
    expect(onlyToast()).toMatchObject({
      title: '3 objects need a restart',
      detail: '0 done, 3 need a restart, 0 failed. Copies are in Quarantine.',
      action: undefined,
    })
    clearToasts()
    await act('process', { done: 2, failed: 0, needRestart: 1 })
    expect(onlyToast()).toMatchObject({
      title: '1 object needs a restart',
      detail: '2 done, 1 needs a restart, 0 failed. Copies are in Quarantine.',
    })
    expect(onlyToast().status).toBe('attention')
  })

  it('that failed in part tells all three numbers, and why (F4)', async () => {
    await act('process', { done: 1, failed: 1, needRestart: 1, reason: 'no-permission' })
    expect(onlyToast()).toMatchObject({
      role: 'alert',
      title: '1 object not processed',
      detail: '1 done, 1 needs a restart, 1 failed: no access.',
    })
    clearToasts()
    await act('delete', { done: 0, failed: 3, needRestart: 0, reason: 'in-use' })
    expect(onlyToast()).toMatchObject({ title: '3 objects not deleted', detail: 'Reason: in use by a program.' })
  })

  it('that was done says that copies are kept, with Undo for as many as are known one by one', async () => {
    await act('delete', { done: 3, failed: 0, needRestart: 0 })
    expect(onlyToast()).toMatchObject({
      title: '3 objects deleted',
      detail: 'Copies are in Quarantine.',
      role: 'status',
    })
    expect(onlyToast().action?.label).toBe('Undo')
    clearToasts()
    await act('delete', { done: 11, failed: 0, needRestart: 0 }, 11)
    expect(onlyToast().action).toBeUndefined()
    clearToasts()
    await act('skip', { done: 3, failed: 0, needRestart: 0 })
    expect(onlyToast()).toMatchObject({ title: '3 objects skipped', detail: card.name, action: undefined })
  })
})

it('a device that is done before the portal has answered is told like any other', async () => {
  const done = { status: 'done', result: { acted: { done: 1, failed: 0, needRestart: 0 } } } as const
  whenSent = (command) => mirrorStore.setState((mirror) => withCommands(mirror, card.id, [{ ...command, ...done }]))
  await runCommand(card, { kind: 'detections.act', args: { action: 'copy-to-quarantine', ids: [idOf(1)] } })
  expect(onlyToast().title).toBe('1 object copied to Quarantine')
})

/** Undo in the toast of three objects that were deleted. */
async function undo(): Promise<void> {
  await act('delete', { done: 3, failed: 0, needRestart: 0 })
  sent = []
  onlyToast().action?.run()
}

describe('Undo', () => {
  it('asks for those alone that have a copy', async () => {
    objects = [objectOf(0, {}), objectOf(1, { state: 'gone' })]
    await undo()
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    expect(sent[0]).toEqual({ kind: 'detections.act', args: { action: 'restore', ids: [idOf(0)] } })
  })

  it('sends nothing where nothing can be restored, and says so', async () => {
    objects = [objectOf(1, { state: 'gone' })]
    await undo()
    await vi.waitFor(() => expect(onlyToast().title).toBe('Nothing to undo'))
    expect(sent).toEqual([])
  })

  it('offers to restore with an exclusion exactly what is still detected, and asks before', async () => {
    objects = [
      objectOf(0, { reason: 'still-detected' }),
      objectOf(1, { reason: 'vault-damaged' }),
      objectOf(2, { state: 'restored' }),
    ]
    await act('restore', { done: 1, failed: 2, needRestart: 0, reason: 'still-detected' })
    await vi.waitFor(() => expect(shownToasts()).toHaveLength(1))
    expect(onlyToast()).toMatchObject({
      role: 'alert',
      title: '2 objects not restored',
      detail: '1 object restored. Reasons: still detected (1), the copy is damaged (1).',
    })
    expect(onlyToast().action?.label).toBe('Restore and add to exclusions')
    sent = []
    onlyToast().action?.run()
    expect(sent).toEqual([])
    const { question } = useUndoQuestion.getState()
    expect(question?.objects.map(({ id }) => id)).toEqual([idOf(0)])
    if (question) await undoWithExclusion(question)
    expect(sent).toEqual([{ kind: 'detections.act', args: { action: 'restore-and-exclude', ids: [idOf(0)] } }])
  })

  it.each(['target-exists', 'not-found', 'needs-administrator'] as const)(
    'leads to the app on the computer where another name or folder is needed: %s',
    async (reason) => {
      objects = [objectOf(0, { reason })]
      await act('restore', { done: 0, failed: 1, needRestart: 0, reason }, 1)
      await vi.waitFor(() => expect(shownToasts()).toHaveLength(1))
      expect(onlyToast().detail).toMatch(
        /^Reason: .*\. Restore it in the app on the computer: there another name or folder/,
      )
      expect(onlyToast().action).toBeUndefined()
    },
  )

  it('that failed says what the device said where the objects cannot be asked', async () => {
    vi.stubGlobal('fetch', (url: string, init: { readonly body?: string }) =>
      /detections\//.test(url) ? Promise.reject(new TypeError('offline')) : answer(url, init),
    )
    await act('restore', { done: 0, failed: 1, needRestart: 0, reason: 'vault-damaged' }, 1)
    await vi.waitFor(() => expect(shownToasts()).toHaveLength(1))
    expect(onlyToast()).toMatchObject({ title: '1 object not restored', detail: 'Reason: the copy is damaged.' })
  })
})

it('a group action for a device that is offline is told by what it does', async () => {
  const away = sampleDevice(1, { online: false })
  mirrorStore.setState((mirror) => withDevice(mirror, away))
  await runGroupAction(away, 'delete')
  expect(onlyToast().title).toBe('Delete 11 objects planned')
})

describe('a restart that was asked for', () => {
  const restart = { kind: 'device.restart', args: {} } as const

  it('and declined is an answer, not a failure', async () => {
    await ended(restart, { status: 'failed', result: { error: 'declined' } })
    expect(onlyToast()).toMatchObject({ role: 'status', title: `${card.name} is not restarted` })
    expect(onlyToast().detail).toBe('The person at the computer declined. Nothing was restarted.')
  })

  it('has one toast: the next request takes away what is told of the one before', async () => {
    await ended(restart, { status: 'failed', result: { error: 'restart-refused' } })
    expect(onlyToast()).toMatchObject({ role: 'alert', title: 'Restart: failed' })
    const again = await runCommand(card, restart)
    expect(shownToasts()).toEqual([])
    if (again === undefined) throw new Error('not sent')
    const done = { ...again, status: 'done' as const, result: { restartedAt: sampleTime } }
    mirrorStore.setState({ commands: new Map([[card.id, [done]]]) })
    expect(onlyToast().title).toBe(`${card.name} was restarted`)
  })
})
