// A restart that is granted, put off or taken back while something about it is still being written down.
import { afterEach, expect, it } from 'vitest'
import type { RestartAnswer } from '#shared/domain/restart.ts'
import { eventually } from '../testing/eventually.ts'
import { type Booted, newWorld, type World } from '../testing/harness.ts'
import { type HeldDisk, heldDisk } from '../testing/memory-ports.ts'
import { recordedRestarts, type TestMachineRestarts } from '../testing/restart-ports.ts'

let world: World
let machine: TestMachineRestarts
let disk: HeldDisk
afterEach(async () => {
  disk.release()
  await world.remove()
})
const signal = new AbortController().signal

const request = ({ client }: Booted) => client.state().restart.value.request
const titles = ({ client }: Booted) => client.state().history.value.recent.map(({ title }) => title)
const answer = ({ client }: Booted, given: RestartAnswer) => client.handlers['restart.answer'](given, undefined, signal)

/** An app that waits where it writes what `isHeld` picks. */
async function booted(isHeld: (file: string, text: string) => boolean): Promise<Booted> {
  machine = recordedRestarts()
  disk = heldDisk(isHeld)
  world = newWorld()
  await world.enrolled()
  const app = await world.boot({ ports: { ...machine, disk } })
  await eventually(() => app.client.state().cloud.value.link === 'online', 'online')
  return app
}

const ask = () => world.portal.plan({ kind: 'device.restart', args: {} }).id
const takeBack = (commandId: ReturnType<typeof ask>) =>
  world.portal.plan({ kind: 'restart.cancel', args: { commandId } }).id
const endOf = (id: string) => world.portal.finals.find((final) => final.id === id)

it('what is taken back cannot be granted any more while that is written down', async () => {
  const app = await booted((file, text) => file.endsWith('commands.jsonl') && text.includes('"stop"'))
  const id = ask()
  await eventually(() => request(app) !== null, 'asked')
  const cancel = takeBack(id)
  await disk.reached
  await expect(answer(app, { kind: 'now' })).rejects.toMatchObject({ code: 'not-found' })
  disk.release()
  await eventually(() => endOf(id) !== undefined && endOf(cancel) !== undefined, 'ended')
  expect([endOf(id)?.status, endOf(id)?.result?.stoppedBy, endOf(cancel)?.status]).toEqual([
    'cancelled',
    'portal',
    'done',
  ])
  expect(machine.asked).toBe(0)
})

it('a restart that is granted while putting it off is written down stays granted', async () => {
  const app = await booted((file, text) => file.endsWith('restart.json') && !text.includes('"againAt":null'))
  const id = ask()
  await eventually(() => request(app) !== null, 'asked')
  const postponed = answer(app, { kind: 'postpone', minutes: 15 })
  await disk.reached
  expect(request(app)?.stage).toBe('postponed')
  await answer(app, { kind: 'now' })
  disk.release()
  await postponed
  expect([machine.asked, request(app)?.stage]).toEqual([1, 'restarting'])
  const cancel = takeBack(id)
  await eventually(() => endOf(cancel) !== undefined, 'answered')
  expect(endOf(cancel)).toMatchObject({ status: 'failed', result: { error: 'not-cancellable' } })
})

it('a request that is taken back before it was shown is told as asked first, then as taken back', async () => {
  const app = await booted((file) => file.endsWith('restart.json'))
  const id = ask()
  await disk.reached
  const cancel = takeBack(id)
  await eventually(() => endOf(cancel) !== undefined, 'taken back')
  disk.release()
  await eventually(() => endOf(id) !== undefined, 'ended')
  expect(titles(app)).toEqual(['Restart is not asked for any more', 'Restart of this computer asked for'])
  expect(request(app)).toBeNull()
})
