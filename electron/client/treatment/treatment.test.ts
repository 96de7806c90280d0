// Acts on detected objects through the whole client: outcomes, many at once, and the machine stopping at every write.
import { afterEach, expect, it } from 'vitest'
import { defaultTreatmentSettings } from '#shared/domain/policy.ts'
import type { TreatmentOutcome } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { Client } from '../client.ts'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine, infected } from '../testing/fake-machine.ts'
import { newWorld, type World } from '../testing/harness.ts'

let world: World
afterEach(() => world.remove())
const signal = new AbortController().signal
const all = { filter: 'all', search: '', offset: 0, limit: 200 } as const

async function scanned(client: Client): Promise<void> {
  await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await eventually(
    () => client.state().scan.value.running === null && client.state().scan.value.last !== null,
    'scan over',
  )
}
const list = async (client: Client) => (await client.handlers['detections.list'](all, undefined, signal)).objects
const act = async (client: Client, action: 'process' | 'delete' | 'skip' | 'copy-to-quarantine') =>
  client.handlers['detections.act']({ ids: (await list(client)).map(({ id }) => id), action }, undefined, signal)
const restoreAll = async (client: Client, exclude = false) =>
  client.handlers['detections.restore']({ ids: (await list(client)).map(({ id }) => id), exclude }, undefined, signal)
const ask = {
  treatment: { ...defaultTreatmentSettings, automatic: false, excludedThreats: ['Excluded.Name'] },
}

it('asks for a decision in a local scan when the settings say so, and leaves out excluded names', async () => {
  world = newWorld(fakeMachine([infected('/a.exe'), infected('/b.exe', { threat: 'Excluded.Name' })]))
  const { client } = await world.boot()
  await client.handlers['settings.change'](ask, undefined, signal)
  await scanned(client)
  expect(await list(client)).toMatchObject([{ state: 'found', busy: false, path: { text: '/a.exe' } }])
  expect(world.machine.acted).toEqual([])
  expect(client.state().protection.value).toMatchObject({
    status: 'at-risk',
    problems: [{ key: 'active-threats', count: 1 }, { kind: 'databases-seed' }],
  })
  expect(await act(client, 'process')).toEqual({ done: 1, failed: 0, needRestart: 0 })
  expect(client.state().protection.value.problems.map(({ kind }) => kind)).toEqual(['databases-seed'])
  expect(client.state().history.value.recent[0]).toMatchObject({ grade: 'good', title: 'a.exe deleted, copy kept' })
})

it('finds the same file again without a second entry; a file that came back after treatment is a new one', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  const { client } = await world.boot()
  await client.handlers['settings.change'](ask, undefined, signal)
  await scanned(client)
  await scanned(client)
  expect(await list(client)).toHaveLength(1)
  await act(client, 'process')
  world.machine.files.set('/a.exe', infected('/a.exe'))
  await scanned(client)
  expect((await list(client)).map(({ state }) => state).sort()).toEqual(['deleted', 'found'])
  world.machine.files.set('/a.exe', infected('/a.exe', { content: 'other' }))
  await scanned(client)
  expect((await list(client)).map(({ state }) => state).sort()).toEqual(['deleted', 'found', 'gone'])
})

it('counts done, failed and restart, at most two at once, and does not do anything twice', async () => {
  world = newWorld(fakeMachine(Array.from({ length: 12 }, (_, n) => infected(`/${String(n).padStart(2, '0')}.exe`))))
  const { client } = await world.boot()
  await client.handlers['settings.change'](ask, undefined, signal)
  await scanned(client)
  let atOnce = 0
  let most = 0
  const plain = world.machine.treat
  world.machine.treat = async (order) => {
    most = Math.max(most, ++atOnce)
    await new Promise((resolve) => setTimeout(resolve, 3))
    atOnce -= 1
    if (order.object.path.text === '/00.exe') return { status: 'at-restart', holder: 'kernel' }
    if (order.object.path.text === '/01.exe') throw new ProductError('no-permission')
    return plain(order)
  }
  expect(await act(client, 'process')).toMatchObject({ done: 10, failed: 1, needRestart: 1, reason: 'no-permission' })
  expect(most).toBe(2)
  expect(await act(client, 'process')).toMatchObject({ done: 10, failed: 1, needRestart: 1, reason: 'no-permission' })
  expect(new Set(world.machine.acted).size).toBe(world.machine.acted.length)
  expect(client.state().restart.value.pending).toEqual([{ name: '00.exe', threat: 'Eicar-Test', holder: 'kernel' }])
  expect(
    client
      .state()
      .protection.value.problems.map(({ kind }) => kind)
      .sort(),
  ).toEqual(['clean-up-failed', 'databases-seed', 'restart-required'])
})

it('restores a copy, says why it cannot, and deletes copies for good', async () => {
  world = newWorld(fakeMachine([infected('/a.exe'), infected('/b.exe')]))
  const { client } = await world.boot()
  await scanned(client)
  const { items } = await client.handlers['quarantine.list']({ search: '', offset: 0, limit: 10 }, undefined, signal)
  expect(items).toHaveLength(2)
  const [first, second] = items
  if (!first || !second) throw new Error('no copies')
  await client.handlers['quarantine.restore'](
    { id: first.id, targetFolder: null, newName: null, makeFolder: false, exclude: false },
    undefined,
    signal,
  )
  expect((await list(client)).map(({ state }) => state).sort()).toEqual(['deleted', 'restored'])
  await client.handlers['quarantine.delete']({ ids: [second.id] }, undefined, signal)
  expect(await restoreAll(client)).toMatchObject({ done: 1, failed: 1, needRestart: 0, reason: 'copy-gone' })
  expect(client.state().quarantine.value.count).toBe(1)
})

it('tells which autostart entries came back with an object, in its history and in that of the computer', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  const { client } = await world.boot()
  await scanned(client)
  const [deleted] = await list(client)
  const left = [{ entry: '~/.profile: x', code: 'target-exists' as const }]
  world.machine.entries.set(deleted?.quarantineId ?? '', { restored: ['~/.bashrc: x'], left })
  expect(await restoreAll(client)).toEqual({ done: 1, failed: 0, needRestart: 0 })
  const words =
    'Autostart entry ~/.bashrc: x restored; autostart entry ~/.profile: x (what is there was changed) not restored.'
  const [restored] = await list(client)
  expect(restored?.history.at(-1)).toMatchObject({ state: 'restored', note: words })
  const told = client.state().history.value.recent.find(({ title }) => title.includes('restored from Quarantine'))
  expect(told?.detail).toContain(` ${words} `)
})

it('applies what the engine finished by itself before anything else, and ends a pending restart', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  world.machine.treat = () => ({ status: 'at-restart', holder: 'init' })
  const first = await world.boot()
  await scanned(first.client)
  const [detection] = await list(first.client)
  if (!detection) throw new Error('nothing found')
  expect(first.client.state().protection.value.problems[0]).toMatchObject({
    kind: 'restart-required',
    values: { holder: 'init' },
  })
  await first.cut()
  world.machine.replayed = [{ detectionId: detection.id, outcome: { status: 'gone' }, attempts: 1 }]
  const { client } = await world.boot()
  await eventually(
    () => client.state().restart.value.pending.length === 0 && client.state().protection.value.engine === 'ready',
  )
  expect(await list(client)).toMatchObject([
    { state: 'gone', history: [{}, {}, { state: 'gone', by: { kind: 'restart' } }] },
  ])
})

it.each(['before', 'torn', 'after'] as const)(
  'has one outcome when the machine stops %s any write of a treatment',
  async (how) => {
    for (let stopAt = 1; stopAt < 40; stopAt += 1) {
      world = newWorld(fakeMachine([infected('/a.exe'), infected('/b.exe')]))
      const first = await world.boot({ stopAt, how })
      if (first.power.on) {
        const started = Promise.resolve(first.client.handlers['scan.start']({ type: 'quick' }, undefined, signal))
        await started.catch(() => undefined)
        await eventually(() => !first.power.on || first.client.state().scan.value.last !== null)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      const undisturbed = first.power.on
      await first.cut()
      const { client } = await world.boot()
      await eventually(() => client.state().protection.value.engine === 'ready', 'engine')
      await scanned(client)
      await eventually(() => client.state().detections.value.recent.every(({ busy }) => !busy), 'settled')
      expect(
        (await list(client)).map(({ state }) => state),
        `write ${stopAt}`,
      ).toEqual(['deleted', 'deleted'])
      expect(new Set(world.machine.acted).size).toBe(2)
      expect(world.machine.acted).toHaveLength(2)
      await world.remove()
      if (undisturbed) return void expect(stopAt).toBeGreaterThan(6)
    }
    throw new Error('more writes than expected')
  },
  120_000,
)

it('gives an order again when the engine died under it, and settles by what recovery says', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  const { client } = await world.boot()
  const outcomes: TreatmentOutcome[] = []
  world.machine.treat = (order) => {
    if (outcomes.length > 0) throw new Error('carried out twice')
    outcomes.push({ status: 'gone' })
    world.machine.recovered = [{ detectionId: order.detectionId, outcome: { status: 'gone' }, attempts: 0 }]
    world.machine.setState('restarting')
    setTimeout(() => world.machine.setState('ready'), 5)
    throw new ProductError('peer-gone')
  }
  await scanned(client)
  expect(await list(client)).toMatchObject([{ state: 'gone', busy: false }])
})

it('what was only copied is dealt with when a person asks for it, and by nothing else', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  const { client } = await world.boot()
  await client.handlers['settings.change'](ask, undefined, signal)
  await scanned(client)
  const done = { done: 1, failed: 0, needRestart: 0 }
  const acted = () => world.machine.orders.map(({ verb }) => verb)
  const plain = world.machine.treat
  const quarantineId = '00000000-0000-4000-8000-000000000001' as never
  world.machine.treat = async (order) =>
    order.verb === 'copy-to-quarantine' ? { status: 'quarantined', quarantineId } : plain(order)
  expect(await act(client, 'copy-to-quarantine')).toEqual(done)
  expect(await list(client)).toMatchObject([{ state: 'quarantined' }])
  expect(await act(client, 'process')).toEqual(done)
  expect(acted()).toEqual(['copy-to-quarantine'])
  expect(await restoreAll(client)).toMatchObject({ done: 0, failed: 1 })
  expect(await act(client, 'delete')).toEqual(done)
  expect(acted()).toEqual(['copy-to-quarantine', 'delete'])
  expect(await list(client)).toMatchObject([{ state: 'deleted' }])
})
