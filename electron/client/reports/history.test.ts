// Everything that the history keeps can be read: page by page, by grade, by words; and again after a restart of the app.
import { afterEach, expect, it } from 'vitest'
import type { AppContract } from '#shared/ipc/app-contract.ts'
import type { CallRequest } from '#shared/rpc/contract.ts'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine, infected } from '../testing/fake-machine.ts'
import { type Booted, newWorld, type World } from '../testing/harness.ts'

let world: World
afterEach(() => world.remove())
const signal = new AbortController().signal
type Query = CallRequest<AppContract, 'history.list'>
const list = ({ client }: Booted, query: Partial<Query> = {}) =>
  client.handlers['history.list']({ filter: 'all', search: '', offset: 0, limit: 50, ...query }, undefined, signal)

it('is read page by page, newest first, also what no start page shows any more', async () => {
  world = newWorld(fakeMachine([infected('/invoice.exe'), ...some(9)]))
  const app = await world.boot()
  const { client } = app
  await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await eventually(() => client.state().scan.value.running === null, 'scanned')
  const { objects } = await client.handlers['detections.list'](
    { filter: 'all', search: '', offset: 0, limit: 50 },
    undefined,
    signal,
  )
  for (let round = 0; round < 3; round += 1) {
    for (const { id } of objects)
      await client.handlers['detections.restore']({ ids: [id], exclude: false }, undefined, signal)
    await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
    await eventually(() => client.state().scan.value.running === null, 'scanned again')
  }
  const { recent } = client.state().history.value
  const first = await list(app)
  expect(recent).toEqual(first.events.slice(0, 20))
  expect(first.total).toBeGreaterThanOrEqual(10)
  const pages = [await list(app, { limit: 5 }), await list(app, { offset: 5, limit: 5 })]
  expect(pages.flatMap(({ events }) => events)).toEqual(first.events.slice(0, 10))
  expect((await list(app, { offset: first.total })).events).toEqual([])
  const { critical, important, information, all } = first.counts
  expect(critical + important + information).toBe(all)
  const restored = await list(app, { filter: 'important', search: 'INVOICE.exe restored' })
  expect(restored.events.map(({ title }) => title)).toEqual(['invoice.exe restored from Quarantine'])
  expect(restored.counts).toEqual({ all: 1, critical: 0, important: 1, information: 0 })
  expect((await list(app, { search: 'asked for by you' })).total).toBeGreaterThan(0)
  await app.cut()
  const again = await world.boot()
  expect((await list(again)).events.slice(-first.total)).toEqual(first.events)
})

function some(count: number) {
  return Array.from({ length: count }, (_, n) => infected(`/${n}.exe`))
}
