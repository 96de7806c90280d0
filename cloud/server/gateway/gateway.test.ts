// Connections of devices and pages: who gets in, who is thrown out, what survives.
import { randomUUID } from 'node:crypto'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import { CommandId } from '#shared/domain/ids.ts'
import { sampleDetection } from '#shared/testing/detections.ts'
import { openBrowser } from '../testing/browser.ts'
import { eventually } from '../testing/eventually.ts'
import { item, runningScan, sampleState } from '../testing/samples.ts'
import { answerChallenge, connectDevice, type DeviceKey, newKey } from '../testing/test-device.ts'
import { type Owner, startWorld, type World } from '../testing/world.ts'

let world: World
let owner: Owner
let device: { deviceId: string; key: DeviceKey }
beforeAll(async () => {
  world = await startWorld()
  owner = await world.owner()
})
beforeEach(async () => {
  device = await world.device(owner)
})
afterAll(() => world.close())

const card = async (deviceId: string) => (await owner.page.get(`/api/devices/${deviceId}`)).body.device
const epoch = randomUUID()

describe('who gets in', () => {
  test('a device that signs the challenge is online, with its last state', async () => {
    const link = await world.connect(device)
    expect(await link.welcome).toEqual({
      name: 'Ann’s computer',
      account: owner.email,
      outboxEpoch: null,
      outboxSeq: 0,
    })
    await link.portal.call('state.report', sampleState({ problems: [problem('important')] }))
    expect(await card(device.deviceId)).toMatchObject({ online: true, status: 'needs-attention', state: { rev: 1 } })
    link.close()
  })

  test.each([
    ['another key', (url: string, id: string, nonce: string) => answerChallenge(url, id, newKey(), nonce)],
    [
      'a replayed answer',
      (url: string, id: string) => answerChallenge(url, id, device.key, Buffer.alloc(32).toString('base64')),
    ],
    [
      'a signature for another portal',
      (_url: string, id: string, nonce: string) => answerChallenge('https://evil.example', id, device.key, nonce),
    ],
  ])('%s is closed without a word', async (_name, answer) => {
    const handlers = {
      'link.authenticate': ({ nonce }: { nonce: string }) => answer(world.url, device.deviceId, nonce),
    }
    const link = await connectDevice(world.url, { ...device, handlers })
    await link.closed
    expect(link.ended).toEqual([])
    expect(await card(device.deviceId)).toMatchObject({ online: false })
  })

  test('nothing is answered before authentication, and silence is closed after 10 seconds', async () => {
    const handlers = { 'link.authenticate': () => new Promise<never>(() => undefined) }
    const link = await connectDevice(world.url, { ...device, handlers, wait: false })
    await new Promise((resolve) => link.socket.on('connect', () => resolve(undefined)))
    await expect(link.portal.call('state.report', sampleState())).rejects.toMatchObject({ code: 'unauthenticated' })
    await world.clock.advance(10_001)
    await link.closed
  })

  test('unknown namespaces are refused', async () => {
    for (const name of ['/', '/admin']) {
      const socket = io(world.url + name, { transports: ['websocket'], forceNew: true, reconnection: false })
      await new Promise((resolve) => socket.on('connect_error', resolve))
      socket.disconnect()
    }
  })

  test('a second living connection with the same key is refused and shown; a dead one is replaced', async () => {
    const first = await world.connect(device)
    const copy = await world.connect(device)
    await copy.closed
    expect(copy.ended).toEqual(['cloned-device'])
    expect(await card(device.deviceId)).toMatchObject({ cloned: true, online: true })
    await first.portal.call('state.report', sampleState())
    first.close()
    const dead = await connectDevice(world.url, {
      ...device,
      handlers: { 'link.ping': () => new Promise<never>(() => undefined) },
    })
    const fresh = await world.connect(device)
    await fresh.portal.call('state.report', sampleState({ rev: 7 }))
    await dead.closed
    expect(await card(device.deviceId)).toMatchObject({ online: true, state: { rev: 7 } })
    await fresh.portal.call('state.report', sampleState({ rev: 8 }))
    expect(await card(device.deviceId)).toMatchObject({ online: true, state: { rev: 8 } })
    fresh.close()
  }, 15_000)
})

describe('who is thrown out', () => {
  test('a message that is too large closes the connection', async () => {
    const link = await world.connect(device)
    link.socket.emit('rpc', 'x'.repeat(1_100_000))
    await link.closed
  })

  test.each([
    ['malformed', (socket: { emit(name: string, value: unknown): void }) => socket.emit('rpc', { t: 'nonsense' })],
    ['unknown', (socket: { emit(name: string, value: unknown): void }) => socket.emit('other', 1)],
    [
      'contract-breaking',
      (socket: { emit(name: string, value: unknown): void }) =>
        socket.emit('rpc', { t: 'call', id: 1, name: 'state.report', input: {} }),
    ],
    [
      'event-breaking',
      (socket: { emit(name: string, value: unknown): void }) =>
        socket.emit('rpc', { t: 'event', name: 'command.progress', payload: 1 }),
    ],
  ])('%s messages are borne a few times, then the connection is closed', async (_name, send) => {
    const link = await world.connect(device)
    for (let count = 0; count < 4; count += 1) {
      send(link.socket)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(link.socket.connected).toBe(true)
    send(link.socket)
    await link.closed
  })

  test('a flood of messages closes the connection', async () => {
    const link = await world.connect(device)
    for (let count = 0; count < 400; count += 1) link.socket.emit('rpc', { t: 'event', name: 'unheard', payload: 0 })
    await link.closed
  })
})

describe('presence', () => {
  test('offline 60 seconds after the connection is gone, keeping the last state', async () => {
    const live = await owner.page.listen()
    const link = await world.connect(device)
    await link.portal.call('state.report', sampleState({ problems: [problem('critical')] }))
    await world.clock.advance(45_000)
    expect(await card(device.deviceId)).toMatchObject({ online: true })
    link.close()
    const gone = world.clock.now().toISOString()
    await eventually(async () => (await card(device.deviceId)).lastContactAt).toBe(gone)
    await world.clock.advance(58_000)
    expect(await card(device.deviceId)).toMatchObject({ online: true })
    await world.clock.advance(8_000)
    expect(await card(device.deviceId)).toMatchObject({ online: false, status: 'at-risk', state: { rev: 1 } })
    await eventually(
      () =>
        live.events.filter((event) => event.name === 'device.changed' && event.payload.id === device.deviceId).at(-1)
          ?.payload,
    ).toMatchObject({ online: false })
    live.close()
  })

  test('an older revision of the state changes nothing', async () => {
    const link = await world.connect(device)
    await link.portal.call('state.report', sampleState({ rev: 5, runningScan: runningScan(10) }))
    await link.portal.call('state.report', sampleState({ rev: 4 }))
    expect((await card(device.deviceId)).state).toMatchObject({ rev: 5, runningScan: { progress: { percent: 10 } } })
    link.close()
  })

  test('a new name goes both ways, and leaving takes the card off the list', async () => {
    const link = await world.connect(device)
    await owner.page.send('PATCH', `/api/devices/${device.deviceId}`, { name: '  Kitchen  ' })
    await eventually(() => link.renamed).toEqual(['Kitchen'])
    await link.portal.call('device.rename', { name: 'Attic' })
    expect((await card(device.deviceId)).name).toBe('Attic')
    await link.portal.call('link.leave', {})
    expect((await owner.page.get(`/api/devices/${device.deviceId}`)).body.code).toBe('not-found')
    link.close()
  })
})

describe('outbox', () => {
  test('each fact is stored once: repeated, out of order, with a gap, and in a new epoch', async () => {
    const link = await world.connect(device)
    const detection = sampleDetection()
    const newer = { ...detection, rev: 3, state: 'deleted' as const }
    const push = (items: Parameters<typeof item>[], of = epoch) =>
      link.portal.call('outbox.push', { epoch: of, items: items.map(([seq, body]) => item(seq, body)) })
    expect(
      await push([
        [1, { kind: 'detection', detection }],
        [2, told(randomUUID())],
      ]),
    ).toEqual({ storedSeq: 2 })
    expect(
      await push([
        [2, told(randomUUID())],
        [1, { kind: 'detection', detection }],
      ]),
    ).toEqual({ storedSeq: 2 })
    expect(await push([[5, { kind: 'detection', detection: sampleDetection() }]])).toEqual({ storedSeq: 2 })
    expect(
      await push([
        [4, { kind: 'detection', detection: { ...detection, rev: 2 } }],
        [3, { kind: 'detection', detection: newer }],
      ]),
    ).toEqual({ storedSeq: 4 })
    const { counts, page } = (await owner.page.get(`/api/devices/${device.deviceId}/detections?view=all`)).body
    expect([counts.all, counts.treated, page.objects[0].rev]).toEqual([1, 1, 3])
    const second = randomUUID()
    expect(await push([[40, { kind: 'detection-removed', detectionId: detection.id }]], second)).toEqual({
      storedSeq: 40,
    })
    expect((await owner.page.get(`/api/devices/${device.deviceId}/detections`)).body.counts.all).toBe(0)
    link.close()
    const again = await world.connect(device)
    expect(await again.welcome).toMatchObject({ outboxEpoch: second, outboxSeq: 40 })
    again.close()
  })
})

describe('pages', () => {
  test('need a session, hear only their own account, and are told when it ends', async () => {
    await expect(openBrowser(world.url).listen()).rejects.toThrow('unauthenticated')
    const other = await world.owner()
    const [mine, theirs] = [await owner.page.listen(), await other.page.listen()]
    const link = await world.connect(device)
    await link.portal.call('outbox.push', {
      epoch,
      items: [item(1, { kind: 'detection', detection: sampleDetection() })],
    })
    await eventually(() => mine.events.map((event) => event.name)).toContain('detections.changed')
    expect(theirs.events).toEqual([])
    await other.page.send('DELETE', '/api/session')
    await eventually(() => theirs.events.map((event) => event.name)).toEqual(['session.ended'])
    link.close()
    mine.close()
  })

  test('a page of another site cannot open a connection', async () => {
    const socket = io(`${world.url}/page`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: {
        origin: 'https://evil.example',
        cookie: [...owner.page.cookies].map((pair) => pair.join('=')).join('; '),
      },
    })
    await new Promise((resolve) => socket.on('connect_error', resolve))
    socket.disconnect()
  })
})

function told(commandId: string): OutboxBody {
  return { kind: 'command', commandId: CommandId.parse(commandId), status: 'running', result: null }
}

function problem(grade: string) {
  return {
    key: 'never-scanned',
    kind: 'never-scanned',
    grade,
    values: {},
    count: 0,
    since: '2026-01-01T00:00:00.000Z',
    fix: null,
    ignored: false,
  }
}
