// Objects that only an administrator may change, through the whole client: offered, continued, and everything that can go wrong.
import { afterEach, expect, it } from 'vitest'
import type { TreatmentOutcome } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { Client } from '../client.ts'
import { eventually } from '../testing/eventually.ts'
import { deleteFile, fakeMachine, infected } from '../testing/fake-machine.ts'
import { newWorld, type World } from '../testing/harness.ts'

let world: World
afterEach(() => world.remove())

const signal = new AbortController().signal
const all = { filter: 'all', search: '', offset: 0, limit: 200 } as const
const list = async (client: Client) => (await client.handlers['detections.list'](all, undefined, signal)).objects
const needed: TreatmentOutcome = { status: 'failed', code: 'needs-administrator', canElevate: true }

async function scanned(client: Client): Promise<void> {
  await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await eventually(
    () => client.state().scan.value.running === null && client.state().scan.value.last !== null,
    'scan over',
  )
}

/** A computer on which an administrator is needed for these. */
async function needing(...paths: string[]): Promise<Client> {
  world = newWorld(fakeMachine(paths.map((path) => infected(path))))
  world.machine.treat = () => needed
  const { client } = await world.boot()
  await scanned(client)
  return client
}

const elevate = async (client: Client, at = 0) => {
  const id = (await list(client))[at]?.id
  if (id === undefined) throw new Error('nothing found')
  return client.handlers['detections.elevate']({ id }, undefined, signal)
}

it('are offered, and treated when the person continues; nothing of the offer is left then', async () => {
  const client = await needing('/a.exe')
  expect(await list(client)).toMatchObject([{ state: 'failed', reason: 'needs-administrator', canElevate: true }])
  expect(await elevate(client)).toEqual({ done: 1, failed: 0, needRestart: 0 })
  const [after] = await list(client)
  expect(after).toMatchObject({ state: 'deleted', busy: false })
  expect(after).not.toHaveProperty('canElevate')
  expect(await elevate(client)).toMatchObject({ done: 0, failed: 1, needRestart: 0 })
})

it('stay offered when the person says no', async () => {
  const client = await needing('/a.exe')
  world.machine.elevate = () => needed
  expect(await elevate(client)).toMatchObject({ done: 0, failed: 1, needRestart: 0, reason: 'needs-administrator' })
  expect(await list(client)).toMatchObject([{ state: 'failed', canElevate: true, busy: false }])
})

it('are not continued with where that is not offered', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  world.machine.treat = () => ({ status: 'failed', code: 'needs-administrator' })
  const { client } = await world.boot()
  await scanned(client)
  const orders = world.machine.orders.length
  expect(await elevate(client)).toMatchObject({ done: 0, failed: 1 })
  expect(world.machine.orders).toHaveLength(orders)
})

it('do not hold up other objects while the person is asked', async () => {
  const client = await needing('/a.exe', '/b.exe', '/c.exe', '/d.exe')
  let answer: () => void = () => undefined
  const asked = new Promise<void>((resolve) => {
    answer = resolve
  })
  world.machine.elevate = async (order) => {
    await asked
    return deleteFile(world.machine, order)
  }
  const waiting = [0, 1, 2].map((at) => elevate(client, at))
  world.machine.treat = (order) => deleteFile(world.machine, order)
  const last = (await list(client))[3]
  if (last === undefined) throw new Error('not four')
  const act = await client.handlers['detections.act']({ ids: [last.id], action: 'process' }, undefined, signal)
  expect(act).toMatchObject({ done: 1 })
  answer()
  expect(await Promise.all(waiting)).toEqual(Array(3).fill({ done: 1, failed: 0, needRestart: 0 }))
})

it('ask the person once, also when the engine is lost meanwhile', async () => {
  const client = await needing('/a.exe')
  let asked = 0
  world.machine.elevate = () => {
    asked += 1
    throw new ProductError('peer-gone')
  }
  expect(await elevate(client)).toMatchObject({ done: 0, failed: 1, reason: 'needs-administrator' })
  expect(asked).toBe(1)
  expect(await list(client)).toMatchObject([{ state: 'failed', canElevate: true, busy: false }])
})

it('can be a mount that waits for a restart, which an administrator takes away now', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  world.machine.treat = () => ({ status: 'at-restart', holder: 'a mount', reason: 'mounted', canElevate: true })
  const { client } = await world.boot()
  await scanned(client)
  expect(await list(client)).toMatchObject([{ state: 'at-restart', canElevate: true }])
  expect(await elevate(client)).toEqual({ done: 1, failed: 0, needRestart: 0 })
  expect(await list(client)).toMatchObject([{ state: 'deleted' }])
})
