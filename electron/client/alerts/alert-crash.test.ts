// The computer stops at every single write while the person answers: what was chosen is done once or not at all, and nothing is
// forgotten.
import { afterEach, expect, it } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine, infected } from '../testing/fake-machine.ts'
import { type Booted, type BootOptions, newWorld, type World } from '../testing/harness.ts'
import { recordedRestarts, type TestMachineRestarts } from '../testing/restart-ports.ts'

let world: World
afterEach(() => world.remove())
const signal = new AbortController().signal
const ways = ['before', 'torn', 'after'] as const
const timeout = 60_000

/** Resolves also when the computer stops under it. */
const unlessOff = (app: Booted, work: unknown) =>
  Promise.race([Promise.resolve(work).catch(() => undefined), eventually(() => !app.power.on, 'off', 20_000)])

interface Story {
  readonly machine: TestMachineRestarts
  readonly app: Booted
}

/** The number of writes of the whole story, then the story once for each of them. */
async function atEveryWrite(
  tell: (how: BootOptions) => Promise<Story>,
  afterwards: (story: Story, stopAt: number) => Promise<void>,
  how: (typeof ways)[number],
): Promise<number> {
  const { app } = await tell({})
  const writes = app.disk.writes()
  await world.remove()
  for (let stopAt = 1; stopAt <= writes; stopAt += 1) {
    const story = await tell({ stopAt, how })
    await story.app.cut()
    await afterwards(story, stopAt)
    await world.remove()
  }
  return writes
}

it.each(ways)(
  'a restart that is asked for ends once, whenever the app dies (%s each write)',
  { timeout },
  async (how) => {
    const request = ({ client }: Booted) => client.state().restart.value.request
    let id = ''
    const tell = async (options: BootOptions) => {
      const machine = recordedRestarts()
      world = newWorld()
      await world.enrolled()
      const app = await world.boot({ ...options, ports: machine })
      id = world.portal.plan({ kind: 'device.restart', args: {} }).id
      await eventually(() => !app.power.on || request(app) !== null, 'asked or stopped')
      if (app.power.on)
        await unlessOff(
          app,
          app.client.handlers['restart.answer']({ kind: 'postpone', minutes: 15 }, undefined, signal),
        )
      return { machine, app }
    }
    const afterwards = async ({ machine }: Story, stopAt: number) => {
      const second = await world.boot({ ports: machine })
      await eventually(() => request(second) !== null, `asked after a stop at ${stopAt}`)
      expect(machine.asked).toBe(0)
      expect(world.portal.finals).toEqual([])
      await second.client.handlers['restart.answer']({ kind: 'now' }, undefined, signal)
      await second.cut()
      machine.restarted()
      await world.boot({ ports: machine })
      await eventually(() => world.portal.finals.length > 0, 'ended')
      expect(world.portal.finals).toMatchObject([{ id, status: 'done' }])
      expect(machine.asked).toBe(1)
    }
    expect(await atEveryWrite(tell, afterwards, how)).toBeGreaterThan(5)
  },
)

it.each(ways)(
  'an active infection is treated once, whenever the app dies (%s each write)',
  { timeout },
  async (how) => {
    const tell = async (options: BootOptions) => {
      const machine = recordedRestarts()
      const engine = fakeMachine([infected('/home/a.exe')])
      engine.plan = ({ path }) => ({
        processes: [{ pid: 9, startTime: '1', name: 'a', user: 'anna', path, runs: true, willEnd: true }],
        autostart: [],
        files: [],
      })
      world = newWorld(engine)
      const app = await world.boot({ ...options, ports: machine })
      const { handlers, state } = app.client
      if (app.power.on) await unlessOff(app, handlers['scan.start']({ type: 'quick' }, undefined, signal))
      await eventually(() => !app.power.on || state().alerts.value.infection !== null, 'asked or stopped')
      await eventually(() => !app.power.on || state().scan.value.running === null, 'scanned or stopped')
      if (app.power.on)
        await unlessOff(app, handlers['infection.choose']({ choice: 'with-restart' }, undefined, signal))
      return { machine, app }
    }
    const afterwards = async ({ machine }: Story) => {
      const { machine: engine } = world
      const begun = engine.orders.length > 0
      machine.restarted()
      const { client } = await world.boot({ ports: machine })
      await eventually(() => client.state().protection.value.engine === 'ready', 'ready')
      const all = { filter: 'all', search: '', offset: 0, limit: 10 } as const
      const states = async () =>
        (await client.handlers['detections.list'](all, undefined, signal)).objects.map(({ state }) => state)
      // Ordered: finished, once. Not ordered: listed and open, or never written down at all; an intent that was written goes on.
      if (begun) await expect.poll(states).toEqual(['deleted'])
      else await expect.poll(async () => ['found', 'deleted', undefined].includes((await states())[0])).toBe(true)
      expect(engine.acted.length).toBeLessThanOrEqual(1)
      expect(machine.asked).toBeLessThanOrEqual(1)
    }
    expect(await atEveryWrite(tell, afterwards, how)).toBeGreaterThan(8)
  },
)
