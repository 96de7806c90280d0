// Commands whose answer, or whose device's memory, was lost: none stays open for ever, and what the device did is believed.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import type { CommandRecord } from '#shared/domain/command.ts'
import { CommandId } from '#shared/domain/ids.ts'
import { eventually } from '../testing/eventually.ts'
import { item, runningScan, sampleState } from '../testing/samples.ts'
import { connectDevice, type DeviceKey, type TestDevice } from '../testing/test-device.ts'
import { type Owner, startWorld, type World } from '../testing/world.ts'

let world: World
let owner: Owner
let device: { deviceId: string; key: DeviceKey }
beforeAll(async () => {
  world = await startWorld()
  owner = await world.owner()
})
beforeEach(async () => {
  owner.page.cookies.clear()
  await owner.page.signIn(owner.email, owner.proof)
  device = await world.device(owner)
})
afterAll(() => world.close())

const path = () => `/api/devices/${device.deviceId}/commands`
const quick = { kind: 'scan.start', args: { type: 'quick' } }
const ask = async (body: unknown = quick) => (await owner.page.post(path(), { id: randomUUID(), body })).body
const cancel = async (id: string) => (await owner.page.post(`${path()}/${id}/cancel`)).body
const find = async (id: string): Promise<CommandRecord> =>
  (await owner.page.get(path())).body.commands.find((command: CommandRecord) => command.id === id)
const status = async (id: string) => (await find(id)).status
const fact = (id: string, to: 'running' | 'done' | 'failed', error?: 'scan-unknown'): OutboxBody => ({
  kind: 'command',
  commandId: CommandId.parse(id),
  status: to,
  result: error ? { error } : null,
})

/** An outbox of the device from its beginning. */
function newOutbox() {
  const epoch = randomUUID()
  let seq = 0
  return (link: TestDevice, ...bodies: OutboxBody[]) =>
    link.portal.call('outbox.push', { epoch, items: bodies.map((body) => item(++seq, body)) })
}

/** A scan that the device has accepted, or is carrying out, over a connection that is gone. */
async function scanUnderWay(push: ReturnType<typeof newOutbox>, runs: boolean): Promise<string> {
  const link = await world.connect(device)
  const { id } = (await ask()).command
  await eventually(() => status(id)).toBe('delivered')
  if (runs) await push(link, fact(id, 'running'))
  link.close()
  await link.closed
  await world.clock.advance(1_000)
  return id
}

describe('a device that lost its journal', () => {
  test.each([[false], [true]])('ends what it does not know any more (it ran: %s), and can scan again', async (runs) => {
    const id = await scanUnderWay(newOutbox(), runs)
    const link = await world.connect(device)
    expect((await ask()).code).toBe('already-running')
    await newOutbox()(link, { kind: 'epoch-complete' })
    expect(await find(id)).toMatchObject({ status: 'failed', result: { error: 'aborted' } })
    expect((await ask()).command.status).toBe('planned')
    link.close()
  })

  test('keeps what it told again, also before, and what it accepted since it connected', async () => {
    const told = await scanUnderWay(newOutbox(), true)
    const link = await world.connect(device)
    const act = { kind: 'scan.control', args: { commandId: told, action: 'pause' } }
    const fresh = (await ask(act)).command.id
    await eventually(() => status(fresh)).toBe('delivered')
    const push = newOutbox()
    await push(link, fact(told, 'running'))
    await push(link, { kind: 'epoch-complete' })
    expect([await status(told), await status(fresh)]).toEqual(['running', 'delivered'])
    link.close()
  })

  test('is believed when it turns out to have known it all the same', async () => {
    const push = newOutbox()
    const id = await scanUnderWay(push, false)
    const link = await world.connect(device)
    await push(link, { kind: 'epoch-complete' })
    expect(await status(id)).toBe('failed')
    await push(link, fact(id, 'running'))
    expect(await find(id)).toMatchObject({ status: 'running', result: null })
    await push(link, fact(id, 'done'), fact(id, 'running'))
    expect(await status(id)).toBe('done')
    link.close()
  })
})

describe('a control whose scan the device does not know', () => {
  const control = async (push: ReturnType<typeof newOutbox>, link: TestDevice, scan: string, action: string) => {
    const { id } = (await ask({ kind: 'scan.control', args: { commandId: scan, action } })).command
    await eventually(() => status(id)).toBe('delivered')
    await push(link, fact(id, 'failed', 'scan-unknown'))
  }

  test('ends the scan', async () => {
    const push = newOutbox()
    const id = await scanUnderWay(push, true)
    const link = await world.connect(device)
    await control(push, link, id, 'stop')
    expect(await find(id)).toMatchObject({ status: 'failed', result: { error: 'aborted' } })
    link.close()
  })

  test('leaves a scan that waits for its turn, or that the device still shows', async () => {
    const push = newOutbox()
    const id = await scanUnderWay(push, false)
    const link = await world.connect(device)
    await control(push, link, id, 'pause')
    expect(await status(id)).toBe('delivered')
    const origin = { kind: 'remote', commandId: id, account: owner.email }
    await link.portal.call('state.report', sampleState({ runningScan: { ...runningScan(5), origin } }))
    await control(push, link, id, 'stop')
    expect(await status(id)).toBe('delivered')
    link.close()
  })
})

describe('an offer without an answer', () => {
  /** The device takes the command, and the connection ends before it can say so. */
  async function offered(): Promise<string> {
    const { id } = (await ask()).command
    const cut = await connectDevice(world.url, {
      ...device,
      handlers: { 'command.offer': () => new Promise<never>(() => cut.socket.disconnect()) },
    })
    await cut.closed
    await world.clock.advance(120_000)
    return id
  }

  test('cannot be cancelled until the device was heard', async () => {
    const id = await offered()
    expect((await cancel(id)).code).toBe('not-cancellable')
    const link = await connectDevice(world.url, {
      ...device,
      handlers: { 'command.offer': () => ({ kind: 'duplicate' }) },
    })
    await eventually(() => status(id)).toBe('delivered')
    expect((await cancel(id)).code).toBe('not-cancellable')
    link.close()
  })

  test('that expired is corrected by what the device did, with every time kept', async () => {
    const id = await offered()
    await world.clock.advance(7 * 24 * 3_600_000)
    await owner.page.signIn(owner.email, owner.proof)
    await eventually(() => status(id)).toBe('expired')
    const link = await world.connect(device)
    await newOutbox()(link, fact(id, 'running'), fact(id, 'done'), fact(id, 'failed'))
    const { times, result } = await find(id)
    expect(times.map((time) => time.status)).toEqual(['planned', 'expired', 'delivered', 'running', 'done'])
    expect(result).toBeNull()
    link.close()
  })

  test('is the only way past an end: what expired without an offer stays expired', async () => {
    const { id } = (await ask()).command
    await world.clock.advance(7 * 24 * 3_600_000 + 60_000)
    await owner.page.signIn(owner.email, owner.proof)
    await eventually(() => status(id)).toBe('expired')
    const link = await world.connect(device)
    await newOutbox()(link, fact(id, 'running'), fact(id, 'done'))
    expect(await status(id)).toBe('expired')
    link.close()
  })
})
