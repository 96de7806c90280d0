// A restart asked for from the portal, over real HTTP and real sockets: the person at the computer decides.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CommandRecord, CommandResult } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { CommandId } from '#shared/domain/ids.ts'
import { eventually } from '../testing/eventually.ts'
import { item, sampleState } from '../testing/samples.ts'
import type { DeviceKey, TestDevice } from '../testing/test-device.ts'
import { type Owner, startWorld, type World } from '../testing/world.ts'

let world: World
let owner: Owner
let device: { deviceId: string; key: DeviceKey }
let epoch: string
let seq: number
beforeAll(async () => {
  world = await startWorld()
  owner = await world.owner()
})
beforeEach(async () => {
  device = await world.device(owner)
  epoch = randomUUID()
  seq = 0
})
afterAll(() => world.close())

const restart = { kind: 'device.restart', args: {} }
const path = () => `/api/devices/${device.deviceId}/commands`
const ask = (body: unknown = restart) => owner.page.post(path(), { id: randomUUID(), body })
const takeBack = (commandId: string) => ask({ kind: 'restart.cancel', args: { commandId } })
const record = async (id: string): Promise<CommandRecord | undefined> =>
  (await owner.page.get(path())).body.commands.find((command: CommandRecord) => command.id === id)
const card = async (): Promise<DeviceCard> => (await owner.page.get(`/api/devices/${device.deviceId}`)).body.device
const tell = (
  link: TestDevice,
  id: string,
  status: 'running' | 'done' | 'failed' | 'cancelled' | 'expired',
  result: CommandResult | null = null,
) => {
  seq += 1
  const body = { kind: 'command', commandId: CommandId.parse(id), status, result } as const
  return link.portal.call('outbox.push', { epoch, items: [item(seq, body)] })
}

test('waits for the person over an end of the connection, and tells when the computer was back', async () => {
  const link = await world.connect(device)
  const { id } = (await ask()).body.command
  await eventually(() => link.offers.at(-1)?.kind).toBe('device.restart')
  await eventually(async () => (await record(id))?.status).toBe('delivered')
  await tell(link, id, 'running')
  const asked = { commandId: CommandId.parse(id), againAt: null }
  await link.portal.call('state.report', sampleState({ restart: { ...asked, stage: 'waiting' } }))
  expect((await card()).state?.restart).toEqual({ ...asked, stage: 'waiting' })
  await link.portal.call('state.report', sampleState({ rev: 2, restart: { ...asked, stage: 'restarting' } }))
  link.close()
  await eventually(async () => (await card()).state?.restart?.stage).toBe('restarting')
  expect((await record(id))?.status).toBe('running')

  const again = await world.connect(device)
  const restartedAt = '2026-01-02T03:10:00.000Z'
  await tell(again, id, 'done', { restartedAt })
  await again.portal.call('state.report', sampleState())
  expect(await record(id)).toMatchObject({ status: 'done', result: { restartedAt } })
  expect((await card()).state?.restart).toBeNull()
  again.close()
})

test('is planned for a computer that is away, and can be cancelled there', async () => {
  const { id } = (await ask()).body.command
  expect((await record(id))?.status).toBe('planned')
  expect((await takeBack(id)).body.code).toBe('not-cancellable')
  expect((await owner.page.post(`${path()}/${id}/cancel`)).body.command.status).toBe('cancelled')
  expect((await ask()).status).toBe(200)
})

test('is asked for once at a time, and again when the last one ended', async () => {
  const link = await world.connect(device)
  const [one, two] = await Promise.all([ask(), ask()])
  expect([one.status, two.status].sort()).toEqual([200, 409])
  const id = one.body.command?.id ?? two.body.command.id
  expect((await ask()).body.code).toBe('restart-already-asked')
  await tell(link, id, 'failed', { error: 'declined' })
  expect((await record(id))?.result).toEqual({ error: 'declined' })
  expect((await ask()).status).toBe(200)
  link.close()
})

test('can be taken back while the person has not answered, and not after its end', async () => {
  const link = await world.connect(device)
  const { id } = (await ask()).body.command
  await eventually(async () => (await record(id))?.status).toBe('delivered')
  const cancel = await takeBack(id)
  expect(cancel.status).toBe(200)
  await eventually(() => link.offers.at(-1)).toMatchObject({ kind: 'restart.cancel', args: { commandId: id } })
  await tell(link, id, 'cancelled', { stoppedBy: 'portal' })
  await tell(link, cancel.body.command.id, 'done')
  expect((await record(id))?.status).toBe('cancelled')
  expect((await takeBack(id)).body.code).toBe('not-cancellable')
  expect((await takeBack(randomUUID())).body.code).toBe('not-found')
  const scan = (await ask({ kind: 'scan.start', args: { type: 'quick' } })).body.command
  expect((await takeBack(scan.id)).body.code).toBe('not-found')
  link.close()
})

test('is for the owner alone', async () => {
  const stranger = await world.owner()
  const { id } = (await ask()).body.command
  const theirs = await world.device(stranger)
  const body = { kind: 'restart.cancel', args: { commandId: id } }
  const reply = await stranger.page.post(`/api/devices/${theirs.deviceId}/commands`, { id: randomUUID(), body })
  expect(reply.body.code).toBe('not-found')
  const direct = await stranger.page.post(path(), { id: randomUUID(), body: restart })
  expect(direct.body.code).toBe('not-found')
})
