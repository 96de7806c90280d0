// What the reports tell about acts on objects and copies: every one of them, who asked for it, and a sum where there were many.
import { afterEach, describe, expect, it } from 'vitest'
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import { stepText } from '#shared/ui/text/history-text.ts'
import { detectionStateText } from '#shared/ui/text/state-text.ts'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine, infected } from '../testing/fake-machine.ts'
import { type Booted, newWorld, type World } from '../testing/harness.ts'

let world: World
afterEach(() => world.remove())
const signal = new AbortController().signal

async function computer(files = [infected('/a.exe')], remote = false): Promise<Booted['client']> {
  world = newWorld(fakeMachine(files))
  if (remote) await world.enrolled()
  const { client } = await world.boot()
  if (remote) await eventually(() => client.state().cloud.value.link === 'online', 'online')
  await scanned(client)
  return client
}

async function scanned(client: Booted['client']): Promise<void> {
  await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await eventually(() => client.state().scan.value.running === null, 'scanned')
}

const list = async (client: Booted['client']) =>
  (await client.handlers['detections.list']({ filter: 'all', search: '', offset: 0, limit: 200 }, undefined, signal))
    .objects
const idsOf = async (client: Booted['client']) => (await list(client)).map(({ id }) => id)
const told = (client: Booted['client']): readonly HistoryEvent[] => client.state().history.value.recent
const lines = (client: Booted['client'], words: RegExp) => told(client).filter(({ title }) => words.test(title))
const suspicious = (count: number) =>
  Array.from({ length: count }, (_, n) => infected(`/${n}.exe`, { verdict: 'probably-infected', threat: 'Heur' }))
const restore = async (client: Booted['client'], exclude = false) =>
  client.handlers['detections.restore']({ ids: await idsOf(client), exclude }, undefined, signal)

describe('who asked', () => {
  it('is told of what a person here and one at the portal did', async () => {
    const client = await computer([infected('/a.exe')], true)
    await restore(client)
    expect(lines(client, /restored/)[0]?.detail).toBe('Eicar-Test in /a.exe. Asked for by you.')
    await scanned(client)
    const [deleted] = (await list(client)).filter(({ state }) => state === 'deleted')
    if (!deleted) throw new Error('not deleted again')
    world.portal.plan({ kind: 'detections.act', args: { action: 'restore-and-exclude', ids: [deleted.id] } })
    await eventually(() => world.portal.finals.length > 0, 'ended')
    const asked = `Asked for from My Kaspersky by ${world.portal.email}.`
    expect(lines(client, /restored/)[0]?.detail).toBe(`Eicar-Test in /a.exe. Excluded from scans. ${asked}`)
    expect(lines(client, /is excluded from now on/)[0]?.detail).toContain(asked)
    await eventually(
      () =>
        world.portal.items.some(
          (item) =>
            item.body.kind === 'detection' && item.body.detection.history.at(-1)?.note === 'Excluded from scans.',
        ),
      'told the portal',
    )
  })

  it('is nobody, where the settings decided', async () => {
    const client = await computer()
    const [object] = await list(client)
    const texts = object?.history.map((step) => stepText(object, step))
    expect(texts).toEqual([
      'Found by Quick Scan',
      'Deleted, copy kept, automatically, in a Quick Scan started on the device',
    ])
  })
})

describe('every act has a line', () => {
  it('also while a scan runs that it does not belong to', async () => {
    const client = await computer()
    world.machine.autoFinish = false
    await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
    await eventually(() => client.state().scan.value.running?.status === 'running', 'running')
    await restore(client)
    expect(lines(client, /a\.exe restored/)).toHaveLength(1)
  })

  it('but many at once have one, with their sum', async () => {
    const client = await computer(suspicious(15))
    const ids = await idsOf(client)
    world.machine.files.delete('/0.exe')
    const plain = world.machine.treat
    world.machine.treat = (order) => {
      if (order.object.path.text === '/1.exe') return { status: 'failed', code: 'no-permission' }
      return order.object.path.text === '/2.exe' ? { status: 'at-restart', holder: 'x' } : plain(order)
    }
    const before = told(client).length
    await client.handlers['detections.act']({ ids, action: 'process' }, undefined, signal)
    expect(told(client)).toHaveLength(before + 1)
    expect(told(client)[0]).toMatchObject({
      grade: 'critical',
      title: '13 of 15 objects processed',
      detail:
        '13 done; 1 failed, the first because there is no permission to change it; 1 will be finished on restart. Asked for by you.',
    })
  })

  it('also the deletion of a copy, which changes nothing that was told of before', async () => {
    const client = await computer()
    const [object] = await list(client)
    if (!object?.quarantineId) throw new Error('no copy')
    const answer = await client.handlers['quarantine.delete']({ ids: [object.quarantineId] }, undefined, signal)
    expect(answer).toEqual({ deleted: 1, held: 0 })
    expect(told(client)[0]).toMatchObject({
      title: '1 copy in Quarantine deleted for good',
      detail: 'a.exe. It cannot be restored any more. Asked for by you.',
    })
    const [after] = await list(client)
    expect(after?.history.map((step) => stepText(after, step)).slice(1)).toEqual([
      'Deleted, copy kept, automatically, in a Quick Scan started on the device',
      'Copy in Quarantine deleted for good, asked on the device',
    ])
    expect(after && detectionStateText(after).text).toBe('Deleted')
  })

  it('also a copy that nobody here deleted, in the history of its object', async () => {
    const client = await computer()
    world.machine.quarantine.splice(0)
    await client.handlers['quarantine.keep']({ ids: [crypto.randomUUID() as never] }, undefined, signal)
    const [after] = await list(client)
    expect(after && stepText(after, after.history.at(-1) as never)).toBe('Copy in Quarantine no longer there')
  })

  it('also a restore that did not work, with its reason', async () => {
    const client = await computer()
    world.machine.failures.set('quarantine.restore', ['target-exists'])
    expect(await restore(client)).toMatchObject({ failed: 1, reason: 'target-exists' })
    expect(told(client)[0]).toMatchObject({
      title: 'a.exe not restored',
      detail: 'Eicar-Test in /a.exe. Reason: there is already a file at that place. Asked for by you.',
    })
    const [object] = await list(client)
    expect(object).toMatchObject({ state: 'deleted', reason: 'target-exists' })
    expect(object && stepText(object, object.history.at(-1) as never)).toBe(
      'Not restored: a file with this name exists, asked on the device',
    )
  })

  it('and what is treated by itself in a short time is counted where it is not named', async () => {
    const client = await computer(suspicious(9))
    for (const id of await idsOf(client))
      await client.handlers['detections.act']({ ids: [id], action: 'delete' }, undefined, signal)
    await restore(client)
    expect(lines(client, /deleted, copy kept/)).toHaveLength(9)
    await client.stop()
    expect(lines(client, /more objects treated/)[0]?.title).toBe('8 more objects treated')
  })
})

describe('a copy that waits for a restart', () => {
  it('stays when it is deleted, and that is said', async () => {
    const client = await computer([infected('/a.exe'), infected('/b.exe')])
    const [one, two] = world.machine.quarantine
    if (!one || !two) throw new Error('no copies')
    world.machine.quarantine.splice(0, 1, { ...one, restorable: false, condition: 'at-restart' })
    const answer = await client.handlers['quarantine.delete']({ ids: [one.id, two.id] }, undefined, signal)
    expect(answer).toEqual({ deleted: 1, held: 1 })
    expect(told(client)[0]?.detail).toContain('1 copy stayed: a treatment waits for a restart.')
  })
})
