// The life of remote commands, over real HTTP and real sockets.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CommandRecord } from '#shared/domain/command.ts'
import { CommandId } from '#shared/domain/ids.ts'
import { eventually } from '../testing/eventually.ts'
import { item, progress, runningScan, sampleState } from '../testing/samples.ts'
import { connectDevice, type DeviceKey, type TestDevice } from '../testing/test-device.ts'
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

const quick = { kind: 'scan.start', args: { type: 'quick' } }
const path = () => `/api/devices/${device.deviceId}/commands`
const ask = (body: unknown = quick, id: string = randomUUID()) => owner.page.post(path(), { id, body })
const list = async (): Promise<CommandRecord[]> => (await owner.page.get(path())).body.commands
const status = async (id: string) => (await list()).find((command) => command.id === id)?.status
const report = (link: TestDevice, commandId: string, to: 'running' | 'done' | 'failed') => {
  seq += 1
  return link.portal.call('outbox.push', {
    epoch,
    items: [item(seq, { kind: 'command', commandId: CommandId.parse(commandId), status: to, result: null })],
  })
}

describe('delivery', () => {
  test('planned while offline, offered in order on reconnection, then delivered, running and done, each with its time', async () => {
    const ids = [randomUUID(), randomUUID()]
    for (const id of ids) expect((await ask(quick, id)).body.command.status).toBe('planned')
    const live = await owner.page.listen()
    const link = await world.connect(device)
    await eventually(() => link.offers.map((offer) => offer.id)).toEqual(ids)
    expect(link.offers[0]).toMatchObject({ kind: 'scan.start', deviceId: device.deviceId, issuedBy: owner.email })
    await eventually(() => status(ids[0] ?? '')).toBe('delivered')
    link.emit('command.progress', { commandId: CommandId.parse(ids[0]), progress: progress(37), status: 'running' })
    await eventually(
      () => live.events.filter((event) => event.name === 'command.changed').at(-1)?.payload,
    ).toMatchObject({ id: ids[0], status: 'running', progress: { percent: 37 } })
    await report(link, ids[0] ?? '', 'done')
    await report(link, ids[0] ?? '', 'running')
    link.emit('command.progress', { commandId: CommandId.parse(ids[0]), progress: progress(99), status: 'running' })
    const first = (await list()).find((command) => command.id === ids[0])
    expect(first?.times.map((time) => time.status)).toEqual(['planned', 'delivered', 'running', 'done'])
    expect(first).toMatchObject({ status: 'done', progress: null })
    link.close()
    live.close()
    const again = await world.connect(device)
    const next = (await ask({ kind: 'scan.control', args: { commandId: ids[1], action: 'stop' } })).body.command
    await eventually(() => again.offers.map((offer) => offer.id)).toEqual([next.id])
    again.close()
  })

  test('a command for a connected device arrives at once', async () => {
    const link = await world.connect(device)
    const { body } = await ask()
    await eventually(() => link.offers.map((offer) => offer.id)).toEqual([body.command.id])
    link.close()
  })

  test('an offer that is cut off is made again', async () => {
    const { body } = await ask()
    const cut = await connectDevice(world.url, {
      ...device,
      handlers: { 'command.offer': () => new Promise<never>(() => cut.socket.disconnect()) },
    })
    await cut.closed
    expect(await status(body.command.id)).toBe('planned')
    const link = await world.connect(device)
    await eventually(() => status(body.command.id)).toBe('delivered')
    link.close()
  })

  test.each([
    ['command-expired', 'expired'],
    ['wrong-device', 'failed'],
  ] as const)('a device that refuses with %s ends it as %s', async (code, end) => {
    const { body } = await ask()
    const link = await connectDevice(world.url, {
      ...device,
      handlers: { 'command.offer': () => ({ kind: 'refused', code }) },
    })
    await eventually(() => status(body.command.id)).toBe(end)
    expect((await list())[0]?.result).toEqual({ error: code })
    link.close()
  })
})

describe('asking', () => {
  test('the same request twice is one command; the same id for something else is refused', async () => {
    const id = randomUUID()
    const replies = await Promise.all([ask(quick, id), ask(quick, id), ask(quick, id)])
    expect(new Set(replies.map((reply) => reply.body.command.issuedAt)).size).toBe(1)
    expect(await list()).toHaveLength(1)
    expect((await ask({ kind: 'scan.start', args: { type: 'full' } }, id)).body.code).toBe('command-duplicate')
  })

  test('a second scan while one is delivered or runs, or the device scans by itself, starts nothing', async () => {
    const link = await world.connect(device)
    const [one, two] = await Promise.all([ask(), ask()])
    expect([one.status, two.status].sort()).toEqual([200, 409])
    const id = one.body.command?.id ?? two.body.command.id
    await eventually(() => status(id)).toBe('delivered')
    expect((await ask()).body.code).toBe('already-running')
    await report(link, id, 'running')
    expect((await ask()).body.code).toBe('already-running')
    await report(link, id, 'done')
    await link.portal.call('state.report', sampleState({ runningScan: runningScan(5) }))
    expect((await ask()).body.code).toBe('already-running')
    await link.portal.call('state.report', sampleState({ rev: 2 }))
    expect((await ask()).status).toBe(200)
    link.close()
  })

  test('a scan that has ended does not block the next one while the device still reports it', async () => {
    const link = await world.connect(device)
    const { id } = (await ask()).body.command
    await eventually(() => status(id)).toBe('delivered')
    const origin = { kind: 'remote', commandId: id, account: 'anna@example.org' } as const
    await link.portal.call('state.report', sampleState({ runningScan: { ...runningScan(5), origin } }))
    expect((await ask()).body.code).toBe('already-running')
    await report(link, id, 'done')
    expect((await ask()).status).toBe(200)
    link.close()
  })

  test('a scan can be stopped while it runs; a scan that is over or unknown cannot', async () => {
    const link = await world.connect(device)
    const { id } = (await ask()).body.command
    await eventually(() => status(id)).toBe('delivered')
    const stop = { kind: 'scan.control', args: { commandId: id, action: 'stop' } }
    expect((await ask(stop)).status).toBe(200)
    await eventually(() => link.offers.at(-1)?.kind).toBe('scan.control')
    await report(link, id, 'done')
    expect((await ask(stop)).body.code).toBe('scan-unknown')
    expect((await ask({ ...stop, args: { commandId: randomUUID(), action: 'stop' } })).body.code).toBe('not-found')
    link.close()
  })

  test('notices can be hidden, critical problems cannot', async () => {
    const link = await world.connect(device)
    const entry = (key: string, grade: string) => ({
      key,
      kind: key,
      grade,
      values: {},
      count: 0,
      since: '2026-01-01T00:00:00.000Z',
      fix: null,
      ignored: false,
    })
    await link.portal.call(
      'state.report',
      sampleState({ problems: [entry('never-scanned', 'important'), entry('restart-required', 'critical')] }),
    )
    const ignore = (key: string) => ask({ kind: 'problem.ignore', args: { key, ignored: true } })
    expect((await ignore('never-scanned')).status).toBe(200)
    expect((await ignore('restart-required')).body.code).toBe('forbidden')
    expect((await ignore('update-failed')).body.code).toBe('not-found')
    link.close()
  })

  test('more than a person would ask for is refused', async () => {
    for (let count = 0; count < 20; count += 1) expect((await ask()).status).toBe(200)
    expect((await ask()).body).toEqual({ code: 'too-many-requests', detail: 'planned' })
  })
})

describe('ending', () => {
  test('a planned command can be cancelled, once or twice; a delivered one cannot', async () => {
    const { id } = (await ask()).body.command
    const cancel = (of: string) => owner.page.post(`${path()}/${of}/cancel`)
    expect((await cancel(id)).body.command.status).toBe('cancelled')
    expect((await cancel(id)).body.command.status).toBe('cancelled')
    const link = await world.connect(device)
    const second = (await ask()).body.command
    await eventually(() => status(second.id)).toBe('delivered')
    expect((await cancel(second.id)).body.code).toBe('not-cancellable')
    expect((await cancel(randomUUID())).body.code).toBe('not-found')
    expect(link.offers.map((offer) => offer.id)).toEqual([second.id])
    link.close()
  })

  test('planned commands end after 7 days, told to pages, and are not delivered any more', async () => {
    const { id } = (await ask()).body.command
    const live = await owner.page.listen()
    await world.clock.advance(7 * 24 * 3_600_000 + 60_000)
    await eventually(
      () => live.events.filter((event) => event.name === 'command.changed').at(-1)?.payload,
    ).toMatchObject({ id, status: 'expired' })
    const link = await world.connect(device)
    const next = (await ask()).body.command
    await eventually(() => link.offers.map((offer) => offer.id)).toEqual([next.id])
    await report(link, next.id, 'done')
    expect(await status(id)).toBe('expired')
    await world.clock.advance(91 * 24 * 3_600_000)
    await eventually(async () => (await owner.page.signIn(owner.email, owner.proof)) && (await list())).toEqual([])
    link.close()
    live.close()
  })
})
