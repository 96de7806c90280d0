// What the engine tells of a scan before the call that asked for it was answered, and what ends while another call waits.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import type { ConnectEngine } from '../ports.ts'
import { eventually } from '../testing/eventually.ts'
import { type FakeMachine, fakeMachine, infected } from '../testing/fake-machine.ts'
import { type Booted, newWorld, type World } from '../testing/harness.ts'

let world: World
let machine: FakeMachine
/** The call whose answer waits for `answer`. */
let heldCall = ''
let answer: (error?: ProductError) => void
let answered: Promise<void>
const signal = new AbortController().signal

beforeEach(() => {
  machine = fakeMachine([infected('/a.exe')])
  world = newWorld(machine)
  answered = new Promise((resolve, reject) => {
    answer = (error) => (error ? reject(error) : resolve())
  })
})
afterEach(() => world.remove())

/** The engine, whose answers to one call are late. */
function lateEngine(): ConnectEngine {
  const connect = machine.connect()
  return (config, hooks) => {
    const made = connect(config, hooks)
    const call = async (name: string, input: unknown) => {
      const value: unknown = await made.client.call(name as never, input as never)
      if (name === heldCall) await answered
      return value
    }
    return { ...made, client: { ...made.client, call } as typeof made.client }
  }
}

async function boot(held: string): Promise<Booted> {
  const app = await world.boot({ ports: { engine: lateEngine() } })
  await eventually(() => app.client.state().protection.value.engine === 'ready', 'ready')
  heldCall = held
  return app
}

const start = ({ client }: Booted) => client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
const control = ({ client }: Booted, action: 'pause' | 'stop') =>
  client.handlers['scan.control']({ action }, undefined, signal)
const scanOf = ({ client }: Booted) => client.state().scan.value
const titles = ({ client }: Booted) => client.state().history.value.recent.map(({ title }) => title)

it('a scan that is over before its start was answered stands in the history as started first, then as finished', async () => {
  const app = await boot('scan.start')
  const started = start(app)
  await eventually(() => scanOf(app).last !== null, 'over')
  answer()
  expect(await started).toEqual({ scanId: machine.scans[0]?.scanId })
  expect(titles(app)).toEqual(['Quick Scan finished, 1 object found', 'Quick Scan started'])
})

it('a scan that is over is no failure although the answer to its start was lost', async () => {
  const app = await boot('scan.start')
  const started = start(app)
  await eventually(() => scanOf(app).last !== null, 'over')
  answer(new ProductError('deadline-exceeded'))
  expect(await started).toEqual({ scanId: machine.scans[0]?.scanId })
  expect(scanOf(app)).toMatchObject({ running: null, last: { outcome: 'completed' } })
})

it('a scan that ends while it is paused is not shown as paused for ever', async () => {
  machine.autoFinish = false
  const app = await boot('scan.control')
  await start(app)
  const paused = control(app, 'pause')
  await eventually(() => machine.controls.includes('pause'), 'asked')
  for (const { scanId } of machine.scans) machine.finishScan(scanId)
  await eventually(() => scanOf(app).running === null, 'over')
  answer()
  await paused
  expect(scanOf(app).running).toBeNull()
})

it('a scan that is stopped while it is paused goes on saying that it is being stopped', async () => {
  machine.autoFinish = false
  const app = await boot('scan.control')
  await start(app)
  // Its end is told by the test alone.
  machine.finishScan = () => undefined
  const both = [control(app, 'pause'), control(app, 'stop')]
  await eventually(() => machine.controls.length === 2, 'asked')
  answer()
  await Promise.all(both)
  expect(scanOf(app).running?.status).toBe('stopping')
})
