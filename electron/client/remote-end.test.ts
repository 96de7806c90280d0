// Remote control really ends, scans stop while they start, and what could not be told is told later.
import { afterEach, expect, it } from 'vitest'
import { eventually } from './testing/eventually.ts'
import { fakeMachine, infected } from './testing/fake-machine.ts'
import { newWorld, type World } from './testing/harness.ts'

let world: World
afterEach(() => world.remove())
const signal = new AbortController().signal
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

it('tells a portal that was away that this computer left, and carries nothing out meanwhile', async () => {
  world = newWorld()
  await world.enrolled()
  const away = {
    connectSocket: () => ({
      emit: () => undefined,
      on: (event: string, run: (message: unknown) => void) =>
        event === 'connect_error' ? void setTimeout(() => run(undefined), 1) : undefined,
      disconnect: () => undefined,
    }),
  }
  const first = await world.boot({ ports: away })
  await first.client.handlers['account.disconnect']({}, undefined, signal)
  expect(first.client.state().account.value).toEqual({ status: 'signed-out' })
  await first.cut()
  world.portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
  const { client } = await world.boot()
  await eventually(() => world.portal.left === 1, 'told')
  await pause(50)
  expect(world.machine.scans).toEqual([])
  expect(client.state().cloud.value.link).toBe('off')
  expect(client.state().account.value).toEqual({ status: 'signed-out' })
})

it('does not go on with a command after a restart once it is not connected any more', async () => {
  world = newWorld()
  world.machine.autoFinish = false
  await world.enrolled()
  const first = await world.boot()
  world.portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
  await eventually(() => first.client.state().scan.value.running !== null, 'running')
  await first.cut()
  const { writeFileSync } = await import('node:fs')
  const signedOut = { version: 1, account: { status: 'signed-out' }, portalOrigin: null }
  writeFileSync(`${world.dataDir}/account.json`, JSON.stringify(signedOut))
  const { client } = await world.boot()
  await eventually(() => client.state().protection.value.engine === 'ready')
  await pause(50)
  expect(world.machine.scans).toHaveLength(1)
  expect(client.state().cloud.value.commands[0]?.status).toBe('Stopped on the device')
})

it('stops a remote act between two objects when the computer is disconnected', async () => {
  const paths = Array.from({ length: 12 }, (_, n) => infected(`/${n}.exe`, { verdict: 'probably-infected' }))
  world = newWorld(fakeMachine(paths))
  await world.enrolled()
  const { client } = await world.boot()
  await eventually(() => client.state().cloud.value.link === 'online', 'online')
  await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await eventually(() => client.state().scan.value.last !== null, 'scanned')
  const all = { filter: 'all', search: '', offset: 0, limit: 200 } as const
  const { objects } = await client.handlers['detections.list'](all, undefined, signal)
  const plain = world.machine.treat
  world.machine.treat = async (order) => {
    await pause(100)
    return plain(order)
  }
  world.portal.plan({ kind: 'detections.act', args: { action: 'delete', ids: objects.map(({ id }) => id) } })
  await eventually(() => world.machine.orders.length > 0, 'acting')
  await client.handlers['account.disconnect']({}, undefined, signal)
  expect(world.machine.orders.length).toBeLessThan(5)
  expect(world.portal.finals).toMatchObject([{ status: 'cancelled', result: { stoppedBy: 'device' } }])
})

it('stops a scan that is still starting, and the engine never hears of it', async () => {
  world = newWorld()
  world.machine.failures.set('treat.recover', ['io-error'])
  const { client } = await world.boot()
  const started = client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await pause(20)
  await client.handlers['scan.control']({ action: 'stop' }, undefined, signal)
  await started
  await eventually(() => client.state().scan.value.last?.outcome === 'stopped', 'stopped')
  expect(client.state().scan.value.running).toBeNull()
  expect(world.machine.scans).toEqual([])
})

it('still knows the last whole scan after one that was stopped', async () => {
  world = newWorld()
  const { client } = await world.boot()
  await client.handlers['scan.start']({ type: 'full' }, undefined, signal)
  await eventually(() => client.state().scan.value.last?.outcome === 'completed', 'completed')
  world.machine.autoFinish = false
  await client.handlers['scan.start']({ type: 'full' }, undefined, signal)
  await client.handlers['scan.control']({ action: 'stop' }, undefined, signal)
  await eventually(() => client.state().scan.value.last?.outcome === 'stopped', 'stopped')
  const keys = client.state().protection.value.problems.map(({ key }) => key)
  expect(keys).not.toContain('never-scanned')
})
