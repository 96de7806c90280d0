// Answers about devices that come late: what is known by then is newer.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { DeviceCard } from '#shared/domain/device.ts'
import { emptyMirror, mirrorStore, withCommands, withDevice, withoutDevice } from '../state/mirror.ts'
import { sampleCommand, sampleDevice } from '../testing/samples.ts'
import { forgetDevices, loadCommands, loadDevices, renameDevice } from './devices.ts'

/** The answers of the portal, in the order of the requests; the test gives them. */
let answers: ((body: unknown) => void)[] = []

beforeEach(() => {
  answers = []
  mirrorStore.setState(emptyMirror, true)
  vi.stubGlobal('fetch', () => new Promise((resolve) => answers.push((body) => resolve(Response.json(body)))))
})
afterEach(() => vi.unstubAllGlobals())

const known = () => [...mirrorStore.getState().devices.values()].map(({ name, online }) => ({ name, online }))
const desk = (change: Partial<DeviceCard> = {}) => ({ ...sampleDevice(1, { name: 'desk' }), ...change })

it('a list that was asked for before a lost line does not replace the one that was asked for after it', async () => {
  const [before, after] = [loadDevices(), loadDevices()]
  answers[1]?.({ devices: [desk({ online: false })] })
  expect(await after).toBe(true)
  answers[0]?.({ devices: [desk()] })
  expect(await before).toBe(true)
  expect(known()).toEqual([{ name: 'desk', online: false }])
})

it('a list that comes after signing out is shown to nobody', async () => {
  const asked = loadDevices()
  forgetDevices()
  answers[0]?.({ devices: [desk()] })
  await asked
  expect(mirrorStore.getState()).toEqual(emptyMirror)
})

it.each([
  [
    'went offline',
    (card: DeviceCard) => withDevice(mirrorStore.getState(), { ...card, online: false }),
    [{ name: 'desk', online: false }],
  ],
  ['was removed', (card: DeviceCard) => withoutDevice(mirrorStore.getState(), card.id), []],
] as const)('a device that %s while it was renamed stays so', async (_what, happened, shown) => {
  mirrorStore.setState((mirror) => withDevice(mirror, desk()))
  const renamed = renameDevice(desk().id, 'other')
  mirrorStore.setState(happened(desk()))
  answers[0]?.({ device: desk({ name: 'other' }) })
  await renamed
  expect(known()).toEqual(shown)
})

it('a device about which nothing was told meanwhile has its new name at once', async () => {
  mirrorStore.setState((mirror) => withDevice(mirror, desk()))
  const renamed = renameDevice(desk().id, 'other')
  answers[0]?.({ device: desk({ name: 'other' }) })
  await renamed
  expect(known()).toEqual([{ name: 'other', online: true }])
})

it.each([
  ['further than the list, stays', 60, 40, 60],
  ['behind the list, follows it', 40, 60, 60],
] as const)('how far a running command is that was told live, %s', async (_what, told, listed, shown) => {
  const counters = { objects: 1, files: 1, bytes: 1, found: 0, notScanned: 0, excluded: 0 }
  const at = (percent: number) =>
    sampleCommand(5, 'running', { progress: { percent, counters, currentPath: '', leftMs: null } })
  mirrorStore.setState((mirror) => withCommands(mirror, desk().id, [at(told)]))
  const loaded = loadCommands(desk().id)
  answers[0]?.({ commands: [at(listed)] })
  expect(await loaded).toBe(1)
  expect(mirrorStore.getState().commands.get(desk().id)?.[0]?.progress?.percent).toBe(shown)
})
