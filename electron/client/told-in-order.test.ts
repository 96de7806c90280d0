// What the portal is told of commands, in which order, and what of it survives when things happen at the same time.
import { afterEach, expect, it } from 'vitest'
import type { NotScannedObject } from '#shared/domain/object-report.ts'
import { eventually } from './testing/eventually.ts'
import { fakeMachine, infected } from './testing/fake-machine.ts'
import { type Booted, newWorld, type World } from './testing/harness.ts'
import { type HeldDisk, heldDisk } from './testing/memory-ports.ts'

let world: World
let disk: HeldDisk | null = null
afterEach(async () => {
  disk?.release()
  await world.remove()
})
const signal = new AbortController().signal

async function online(isHeld: (file: string, text: string) => boolean = () => false): Promise<Booted> {
  await world.enrolled()
  disk = heldDisk(isHeld)
  const app = await world.boot({ ports: { disk } })
  await eventually(() => app.client.state().cloud.value.link === 'online', 'online')
  return app
}

/** Everything is written, and so is what follows from it. */
async function written(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await disk?.idle()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

it('what a command changed is known to the portal before the command is done', async () => {
  const suspicious = infected('/a.exe', { verdict: 'probably-infected', threat: 'Heur.X' })
  world = newWorld(fakeMachine([suspicious]))
  const { client } = await online()
  const scan = world.portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
  await eventually(() => world.portal.finals.length === 1, 'scanned')
  const kinds = (at: number) => world.portal.statesAtFinals[at]?.problems.map(({ kind }) => kind)
  expect(world.portal.finals).toMatchObject([{ id: scan.id, status: 'done' }])
  expect(world.portal.statesAtFinals[0]).toMatchObject({ runningScan: null, unprocessedCount: 1 })
  expect(kinds(0)).toContain('active-threats')
  const ids = client.state().detections.value.recent.map(({ id }) => id)
  world.portal.plan({ kind: 'detections.act', args: { action: 'delete', ids } })
  await eventually(() => world.portal.finals.length === 2, 'deleted')
  expect(world.portal.statesAtFinals[1]).toMatchObject({ unprocessedCount: 0 })
  expect(kinds(1)).not.toContain('active-threats')
  world.portal.plan({ kind: 'problem.ignore', args: { key: 'databases-seed', ignored: true } })
  await eventually(() => world.portal.finals.length === 3, 'ignored')
  const notice = world.portal.statesAtFinals[2]?.problems.find(({ key }) => key === 'databases-seed')
  expect(notice?.ignored).toBe(true)
})

it('a scan that ended tells what it left out itself, although another one has begun before its end could be told', async () => {
  world = newWorld()
  const left: NotScannedObject = { path: { text: '/a.zip' }, member: [], reason: 'encrypted', partial: false }
  world.machine.notScanned = [left]
  const { client } = await online((file, text) => file.endsWith('outbox.jsonl') && text.includes('"running"'))
  world.portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
  await disk?.reached
  await eventually(() => client.state().scan.value.last !== null, 'over')
  world.machine.notScanned = []
  world.machine.autoFinish = false
  await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  disk?.release()
  await eventually(() => world.portal.finals.length === 1, 'told')
  expect(world.portal.finals[0]?.result?.gaps?.objects).toMatchObject([{ path: '/a.zip' }])
})

it('a computer that is renamed and removed right after stays removed', async () => {
  world = newWorld()
  const { client } = await online((file, text) => file.endsWith('installation.json') && text.includes('other'))
  const renamed = world.portal.client?.call('device.renamed', { name: 'other' }).catch(() => undefined)
  await disk?.reached
  world.portal.peer?.emit('link.ended', { reason: 'device-removed' })
  await eventually(() => client.state().account.value.status === 'disconnected', 'removed')
  disk?.release()
  await renamed
  await written()
  expect(client.state().account.value).toMatchObject({ status: 'disconnected', reason: 'device-removed' })
})
