// Restarts of the computer: an owner asks from the portal, the person here answers, and nobody is ever forced.
import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { type Booted, newWorld, type World } from '../testing/harness.ts'
import { manualClock } from '../testing/memory-ports.ts'
import { recordedRestarts, type TestMachineRestarts } from '../testing/restart-ports.ts'

let world: World
let machine: TestMachineRestarts
afterEach(() => world.remove())
const signal = new AbortController().signal
const minute = 60_000

const request = ({ client }: Booted) => client.state().restart.value.request
const toldStage = () => world.portal.states.at(-1)?.restart?.stage ?? null
const answer = ({ client }: Booted, given: Parameters<Booted['client']['handlers']['restart.answer']>[0]) =>
  client.handlers['restart.answer'](given, undefined, signal)
const boot = (ports: object = {}) => world.boot({ ports: { ...machine, ...ports } })

async function asked(): Promise<{ app: Booted; id: string }> {
  machine = recordedRestarts()
  world = newWorld()
  await world.enrolled()
  const app = await boot()
  const { id } = world.portal.plan({ kind: 'device.restart', args: {} })
  await eventually(() => request(app) !== null, 'asked')
  return { app, id }
}

describe('a restart that an owner asks for', () => {
  it('is shown with who asked, and the portal learns that the person is waited for', async () => {
    const { app, id } = await asked()
    expect(request(app)).toMatchObject({ commandId: id, account: 'anna@example.com', stage: 'waiting', againAt: null })
    await eventually(() => toldStage() === 'waiting', 'told')
    const running = world.portal.items.filter(({ body }) => body.kind === 'command' && body.status === 'running')
    expect(running).toHaveLength(1)
    expect(app.client.state().cloud.value.commands[0]).toMatchObject({
      title: 'Restart',
      status: 'Waiting for your answer',
    })
    expect(machine.asked).toBe(0)
  })

  it('that is granted is told before the machine goes down, and done once the computer is back', async () => {
    const { app, id } = await asked()
    let toldBefore: string | null = null
    machine.restart.restart = async () => {
      machine.asked += 1
      toldBefore = toldStage()
    }
    await answer(app, { kind: 'now' })
    expect({ asked: machine.asked, toldBefore }).toEqual({ asked: 1, toldBefore: 'restarting' })
    expect(world.portal.finals).toEqual([])
    await app.cut()
    machine.restarted()
    const after = await boot()
    await eventually(() => world.portal.finals.length > 0, 'ended')
    expect(world.portal.finals).toMatchObject([{ id, status: 'done', result: { restartedAt: expect.any(String) } }])
    expect(request(after)).toBeNull()
    await eventually(() => toldStage() === null, 'no request any more')
  })

  it('is asked again after the app alone was restarted', async () => {
    const { app } = await asked()
    await app.cut()
    const again = await boot()
    await eventually(() => request(again) !== null, 'asked again')
    await again.cut()
    const third = await boot()
    await eventually(() => request(third)?.stage === 'waiting', 'asked a third time')
    expect(world.portal.finals).toEqual([])
  })

  it('counts as granted when the person restarts the computer without a word to the app', async () => {
    const { app, id } = await asked()
    await app.cut()
    machine.restarted()
    await boot()
    await eventually(() => world.portal.finals.length > 0, 'ended')
    expect(world.portal.finals).toMatchObject([{ id, status: 'done' }])
    expect(machine.asked).toBe(0)
  })

  it('that is declined fails with that reason, and nothing is restarted', async () => {
    const { app, id } = await asked()
    await answer(app, { kind: 'decline' })
    await eventually(() => world.portal.finals.length > 0, 'ended')
    expect(world.portal.finals).toMatchObject([{ id, status: 'failed', result: { error: 'declined' } }])
    expect(request(app)).toBeNull()
    expect(machine.asked).toBe(0)
    await expect(answer(app, { kind: 'now' })).rejects.toMatchObject({ code: 'not-found' })
    expect(machine.asked).toBe(0)
  })

  it('that is taken back leaves a line in the history, and so does one that expired', async () => {
    const { app, id } = await asked()
    world.portal.plan({ kind: 'restart.cancel', args: { commandId: id as never } })
    await eventually(() => request(app) === null, 'taken back')
    const lines = () => app.client.state().history.value.recent.map(({ title, detail }) => `${title}. ${detail}`)
    expect(lines()[0]).toMatch(/^Restart is not asked for any more\. .*anna@example\.com and taken back/)
    const soon = new Date(Date.now() + 1_500).toISOString()
    world.portal.plan({ kind: 'device.restart', args: {} }, { expiresAt: soon })
    await eventually(() => world.portal.answers.length === 3, 'offered')
    await eventually(() => request(app) !== null, 'asked again')
    await new Promise((resolve) => setTimeout(resolve, 1_600))
    await app.cut()
    const again = await boot()
    await eventually(() => world.portal.finals.some(({ status }) => status === 'expired'), 'expired')
    expect(again.client.state().history.value.recent[0]?.detail).toMatch(/expired without an answer/)
  })

  it('that the system refuses goes on waiting, and both sides say why', async () => {
    const { app } = await asked()
    machine.refuses = true
    await expect(answer(app, { kind: 'now' })).rejects.toMatchObject({ code: 'restart-refused' })
    expect(request(app)?.stage).toBe('refused')
    await eventually(() => toldStage() === 'refused', 'told')
    expect(app.client.state().history.value.recent[0]?.title).toBe('The computer was not restarted')
    machine.refuses = false
    await answer(app, { kind: 'now' })
    expect(machine.asked).toBe(2)
  })

  it('that is asked for a second time is refused while the first waits', async () => {
    const { id } = await asked()
    const second = world.portal.plan({ kind: 'device.restart', args: {} })
    await eventually(() => world.portal.finals.length > 0, 'ended')
    expect(world.portal.finals).toMatchObject([
      { id: second.id, status: 'failed', result: { error: 'restart-already-asked' } },
    ])
    expect(second.id).not.toBe(id)
  })
})

describe('a restart that is taken back', () => {
  it('from the portal is asked no longer', async () => {
    const { app, id } = await asked()
    const cancel = world.portal.plan({ kind: 'restart.cancel', args: { commandId: id as never } })
    await eventually(() => world.portal.finals.length === 2, 'both ended')
    const ends = new Map(world.portal.finals.map((final) => [final.id, final]))
    expect(ends.get(id)).toMatchObject({ status: 'cancelled', result: { stoppedBy: 'portal' } })
    expect(ends.get(cancel.id)).toMatchObject({ status: 'done' })
    expect(request(app)).toBeNull()
    await app.cut()
    const after = await boot()
    await eventually(() => after.client.state().cloud.value.link === 'online', 'online')
    expect(request(after)).toBeNull()
  })

  it('is not when the person has agreed already', async () => {
    const { app, id } = await asked()
    await answer(app, { kind: 'now' })
    const cancel = world.portal.plan({ kind: 'restart.cancel', args: { commandId: id as never } })
    await eventually(() => world.portal.finals.length > 0, 'ended')
    expect(world.portal.finals).toMatchObject([
      { id: cancel.id, status: 'failed', result: { error: 'not-cancellable' } },
    ])
    expect(request(app)?.stage).toBe('restarting')
  })

  it('by the end of remote control is asked no longer', async () => {
    const { app, id } = await asked()
    await app.client.handlers['account.disconnect']({}, undefined, signal)
    expect(request(app)).toBeNull()
    expect(world.portal.finals).toMatchObject([{ id, status: 'cancelled', result: { stoppedBy: 'device' } }])
  })
})

describe('a restart that is put off', () => {
  const clocked = async () => {
    const clock = manualClock(Date.now())
    machine = recordedRestarts()
    world = newWorld()
    await world.enrolled()
    const app = await boot({ clock })
    const soon = setInterval(() => clock.advance(20), 2)
    await eventually(() => app.client.state().cloud.value.link === 'online', 'online')
    const { id } = world.portal.plan(
      { kind: 'device.restart', args: {} },
      { expiresAt: new Date(clock.now() + 3 * 3_600_000).toISOString() },
    )
    await eventually(() => request(app) !== null, 'asked')
    clearInterval(soon)
    return { app, clock, id }
  }

  it('is asked again after that time, and not before', async () => {
    const { app, clock } = await clocked()
    await answer(app, { kind: 'postpone', minutes: 15 })
    const at = request(app)?.againAt ?? ''
    expect(Date.parse(at) - clock.now()).toBe(15 * minute)
    clock.advance(15 * minute - 1)
    expect(request(app)).toMatchObject({ stage: 'postponed', againAt: at })
    clock.advance(1)
    expect(request(app)).toMatchObject({ stage: 'waiting', againAt: null })
    expect(machine.asked).toBe(0)
  })

  it('can be brought back before that time', async () => {
    const { app } = await clocked()
    await answer(app, { kind: 'postpone', minutes: 60 })
    await app.client.handlers['alert.show']({ alert: 'restart' }, undefined, signal)
    expect(request(app)).toMatchObject({ stage: 'waiting', againAt: null })
  })

  it('is asked again after a quarter of an hour when its window was closed without an answer', async () => {
    const { app, clock } = await clocked()
    await app.client.handlers['alert.dismiss']({ alert: 'restart' }, undefined, signal)
    expect(request(app)?.stage).toBe('postponed')
    clock.advance(15 * minute)
    expect(request(app)?.stage).toBe('waiting')
  })

  it('stays put off when the app is restarted meanwhile', async () => {
    const { app, clock } = await clocked()
    await answer(app, { kind: 'postpone', minutes: 60 })
    const at = request(app)?.againAt
    await app.cut()
    const again = await boot({ clock })
    await eventually(() => request(again) !== null, 'known again')
    expect(request(again)).toMatchObject({ stage: 'postponed', againAt: at })
  })

  it('ends as expired when nobody answered in time', async () => {
    const { app, clock, id } = await clocked()
    await answer(app, { kind: 'postpone', minutes: 240 })
    clock.advance(3 * 3_600_000 + minute)
    await eventually(() => {
      clock.advance(20)
      return world.portal.finals.length > 0
    }, 'ended')
    expect(world.portal.finals).toMatchObject([{ id, status: 'expired' }])
    expect(request(app)).toBeNull()
  })

  it('asks again when a granted restart did not happen', async () => {
    const { app, clock } = await clocked()
    const going = answer(app, { kind: 'now' })
    await eventually(() => {
      clock.advance(20)
      return machine.asked === 1
    }, 'system asked')
    await going
    expect(request(app)?.stage).toBe('restarting')
    clock.advance(6 * minute)
    expect(request(app)?.stage).toBe('waiting')
  })
})

describe('a restart that the person here wants', () => {
  it('is done without any portal, and refused where this app restarts nothing', async () => {
    machine = recordedRestarts()
    world = newWorld()
    const { client } = await boot()
    await client.handlers['restart.now']({}, undefined, signal)
    expect(machine.asked).toBe(1)
    const other = newWorld()
    const plain = await other.boot()
    await expect(plain.client.handlers['restart.now']({}, undefined, signal)).rejects.toMatchObject({
      code: 'restart-refused',
    })
    await other.remove()
  })
})
