// What a person is told of a command whose answer comes after its end, or never.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { clearToasts, onlyToast, shownToasts } from '#shared/ui/testing/shown-toasts.ts'
import { emptyMirror, mirrorStore, withCommands, withDevice, withSnapshot } from '../../state/mirror.ts'
import { sampleCommand, sampleDevice } from '../../testing/samples.ts'
import { announceCommandResults } from './announce-results.ts'
import { runCommand } from './run-command.ts'

const card = sampleDevice(1, { name: 'desk' })
const scan = { kind: 'scan.start', args: { type: 'quick' } } as const
/** The command as the portal stored it. */
let stored: CommandRecord | undefined
/** Answers the page, or does not. */
let answerWith: (command: CommandRecord) => Promise<Response> | Response
/** What the portal lists of the device. */
let listed: readonly CommandRecord[] = []

announceCommandResults()

beforeEach(() => {
  stored = undefined
  listed = []
  clearToasts()
  mirrorStore.setState(emptyMirror, true)
  know(card)
  vi.stubGlobal('fetch', async (_url: string, { method, body }: { method: string; body?: string }) => {
    if (method === 'GET') return Response.json({ commands: listed })
    stored = sampleCommand(1, 'planned', { id: JSON.parse(body ?? '{}').id })
    return answerWith(stored)
  })
})
afterEach(() => vi.unstubAllGlobals())

const know = (device: DeviceCard) => mirrorStore.setState((mirror) => withDevice(mirror, device))
const hear = (record: CommandRecord) => mirrorStore.setState((mirror) => withCommands(mirror, card.id, [record]))
const done = (record: CommandRecord): CommandRecord => ({
  ...record,
  status: 'done',
  times: [...record.times, { status: 'done', at: record.issuedAt }],
  result: { totals: { found: 0, disinfected: 0, deleted: 0, kept: 0, atRestart: 0, failed: 0 } },
})
const noAnswer = () => Promise.reject(new TypeError('network'))

it('a device that came and was done before the answer is not told as one that is waited for', async () => {
  const away = { ...card, online: false }
  know(away)
  answerWith = (command) => {
    know(card)
    hear(done(command))
    return Response.json({ command })
  }
  await runCommand(away, scan)
  expect(shownToasts().map(({ title }) => title)).toEqual(['Quick Scan'])
})

it('a command of which the live line told is no failure because its answer was lost', async () => {
  answerWith = (command) => {
    hear(command)
    return noAnswer()
  }
  expect(await runCommand(card, scan)).toEqual(stored)
  expect(shownToasts()).toEqual([])
  if (stored) hear(done(stored))
  expect(onlyToast().title).toBe('Quick Scan')
})

it('a command whose answer was lost is told as a failure, and what it did all the same when it was sent after all', async () => {
  answerWith = noAnswer
  await runCommand(card, scan)
  expect(onlyToast().role).toBe('alert')
  clearToasts()
  if (stored) hear(done(stored))
  expect(onlyToast()).toMatchObject({ title: 'Quick Scan', role: 'status' })
})

it('a command that was refused is not waited for', async () => {
  answerWith = () => Response.json({ code: 'too-many-requests' }, { status: 429 })
  await runCommand(card, scan)
  clearToasts()
  if (stored) hear(done(stored))
  expect(shownToasts()).toEqual([])
})

it('what ended while the line was lost is told when the page is connected again, wherever it is then', async () => {
  answerWith = (command) => Response.json({ command })
  const sent = await runCommand(card, scan)
  if (sent) listed = [done(sent)]
  mirrorStore.setState((mirror) => withSnapshot(mirror, [card], mirror.events))
  await vi.waitFor(() => expect(onlyToast().title).toBe('Quick Scan'))
})
