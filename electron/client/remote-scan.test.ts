// A remote scan from offer to end, and the machine stopping at every single write of it.
import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from './testing/eventually.ts'
import { fakeMachine, infected } from './testing/fake-machine.ts'
import { newWorld, type World } from './testing/harness.ts'

let world: World
afterEach(() => world.remove())

const threeFiles = () =>
  fakeMachine([
    infected('/home/a.exe'),
    infected('/home/b.js'),
    infected('/home/c.doc', { verdict: 'probably-infected', threat: 'Heur.X' }),
  ])

describe('a remote scan', () => {
  it('is accepted, runs in automatic mode, reports progress and ends with what was done', async () => {
    world = newWorld(threeFiles())
    await world.enrolled()
    const { client } = await world.boot()
    await eventually(() => client.state().cloud.value.link === 'online', 'online')
    // The person has chosen to be asked: a remote scan asks nothing all the same.
    await client.handlers['settings.change'](
      { treatment: { ...client.state().settings.value.treatment, automatic: false } },
      undefined,
      signal,
    )
    const command = world.portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
    await eventually(() => world.portal.finals.length > 0, 'final status')
    expect(world.portal.answers).toEqual([{ id: command.id, kind: 'accepted' }])
    expect(world.portal.finals).toMatchObject([
      { id: command.id, status: 'done', result: { totals: { found: 3, deleted: 2, kept: 1, failed: 0 }, files: 10 } },
    ])
    expect(world.portal.progress.length).toBeGreaterThan(0)
    expect(world.portal.items.filter(({ body }) => body.kind === 'command' && body.status === 'running')).toHaveLength(
      1,
    )
    expect(client.state().scan.value.last).toMatchObject({
      outcome: 'completed',
      origin: { kind: 'remote', account: 'anna@example.com' },
    })
    expect(client.state().detections.value).toMatchObject({ total: 3, unprocessed: 1 })
    expect(world.machine.scans[0]?.input).toMatchObject({
      options: { loadCeilingPercent: 50, exclude: [{ text: world.dataDir }] },
    })
    await eventually(() => world.portal.states.at(-1)?.unprocessedCount === 1, 'state on the portal')
    expect(client.state().cloud.value.commands[0]).toMatchObject({
      title: 'Quick Scan',
      status: 'Done',
      account: 'anna@example.com',
    })
  })

  it('tells the portal what it did not look at, and the app still lists it after a restart', async () => {
    world = newWorld(threeFiles())
    world.machine.notScanned = [
      { path: { text: '/home/secret.zip' }, member: ['a.doc'], reason: 'encrypted', partial: false },
      { path: { text: '/home/other.zip' }, member: [], reason: 'encrypted', partial: true },
      { path: { text: '/home/broken.7z' }, member: [], reason: 'corrupt', partial: true },
    ]
    await world.enrolled()
    const { cut } = await world.boot()
    world.portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
    await eventually(() => world.portal.finals.length > 0, 'final status')
    expect(world.portal.finals[0]?.result?.gaps).toEqual({
      reasons: [
        { reason: 'encrypted', count: 2, partial: 1 },
        { reason: 'corrupt', count: 1, partial: 1 },
      ],
      objects: [
        { path: '/home/broken.7z', member: '', reason: 'corrupt', partial: true },
        { path: '/home/other.zip', member: '', reason: 'encrypted', partial: true },
        { path: '/home/secret.zip', member: 'a.doc', reason: 'encrypted', partial: false },
      ],
    })
    const told = () => world.portal.states.at(-1)?.lastScan
    await eventually(() => told() != null, 'last scan on the portal')
    expect(told()?.gapReasons).toEqual(world.portal.finals[0]?.result?.gaps?.reasons)
    await cut()
    const { client } = await world.boot()
    expect(client.state().scan.value.notScanned).toHaveLength(3)
    const page = await client.handlers['scan.notScanned']({ offset: 1, limit: 1 }, undefined, signal)
    expect(page).toMatchObject({ total: 3, objects: [{ path: '/home/other.zip' }] })
  })

  it('goes on from where it was when the app was interrupted, and treats nothing twice', async () => {
    world = newWorld(threeFiles())
    world.machine.autoFinish = false
    await world.enrolled()
    const first = await world.boot()
    world.portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
    await eventually(() => first.client.state().detections.value.unprocessed === 1, 'found and treated')
    await first.cut()
    world.machine.autoFinish = true
    const { client } = await world.boot()
    await eventually(() => world.portal.finals.length > 0, 'final status')
    const [before, after] = world.machine.scans.map(({ scanId, input }) => ({ scanId, input }))
    expect(after).toMatchObject({ scanId: before?.scanId, input: { resume: true } })
    expect(before).toMatchObject({ input: { resume: false } })
    expect(world.portal.finals).toMatchObject([
      { status: 'done', result: { totals: { found: 3, deleted: 2, kept: 1 } } },
    ])
    expect(world.machine.acted).toHaveLength(2)
    expect(client.state().detections.value).toMatchObject({ total: 3, unprocessed: 1 })
  })

  it('of the person at the computer goes on by itself when it was a full one, once', async () => {
    world = newWorld(threeFiles())
    world.machine.autoFinish = false
    const first = await world.boot()
    await first.client.handlers['scan.start']({ type: 'full' }, undefined, signal)
    await eventually(() => first.client.state().detections.value.unprocessed === 1, 'found and treated')
    await first.cut()
    world.machine.autoFinish = true
    const second = await world.boot()
    await eventually(() => second.client.state().scan.value.last?.outcome === 'completed', 'went on to its end')
    expect(world.machine.scans.map(({ input }) => input)).toMatchObject([{ resume: false }, { resume: true }])
    expect(second.client.state().detections.value).toMatchObject({ total: 3, unprocessed: 1 })
    await second.cut()
    await world.boot()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(world.machine.scans).toHaveLength(2)
  })

  it('is refused as already running while another one runs, and starts nothing', async () => {
    world = newWorld()
    world.machine.autoFinish = false
    await world.enrolled()
    const { client } = await world.boot()
    await client.handlers['scan.start']({ type: 'full' }, undefined, signal)
    world.portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
    await eventually(() => world.portal.finals.length > 0)
    expect(world.portal.finals).toMatchObject([{ status: 'failed', result: { error: 'already-running' } }])
    expect(world.machine.scans).toHaveLength(1)
  })

  it.each(['device', 'portal'] as const)(
    'stopped from the %s says so, and is not started again after a restart',
    async (by) => {
      world = newWorld()
      world.machine.autoFinish = false
      await world.enrolled()
      const first = await world.boot()
      const command = world.portal.plan({ kind: 'scan.start', args: { type: 'full' } })
      await eventually(() => first.client.state().scan.value.running !== null, 'running')
      if (by === 'device') await first.client.handlers['scan.control']({ action: 'stop' }, undefined, signal)
      else world.portal.plan({ kind: 'scan.control', args: { commandId: command.id, action: 'stop' } })
      const ended = () => world.portal.finals.filter(({ id }) => id === command.id)
      await eventually(() => ended().length > 0)
      expect(ended()).toMatchObject([{ status: 'cancelled', result: { stoppedBy: by } }])
      await first.cut()
      await world.boot()
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(world.machine.scans).toHaveLength(1)
      expect(ended()).toHaveLength(1)
    },
  )

  it('can be paused and resumed from the portal', async () => {
    world = newWorld()
    world.machine.autoFinish = false
    await world.enrolled()
    const { client } = await world.boot()
    const command = world.portal.plan({ kind: 'scan.start', args: { type: 'folder', path: '/srv' } })
    await eventually(() => client.state().scan.value.running?.status === 'running', 'running')
    world.portal.plan({ kind: 'scan.control', args: { commandId: command.id, action: 'pause' } })
    await eventually(() => client.state().scan.value.running?.status === 'paused', 'paused')
    await eventually(() => world.portal.progress.at(-1)?.status === 'paused', 'told')
    world.portal.plan({ kind: 'scan.control', args: { commandId: command.id, action: 'resume' } })
    await eventually(() => client.state().scan.value.running?.status === 'running', 'running again')
  })
})

describe('the machine stops at every write of a remote scan', () => {
  // How many writes there are is found out by a run that nothing disturbs.
  it.each(['before', 'torn', 'after'] as const)(
    '%s the write: one end, nothing twice',
    async (how) => {
      for (let stopAt = 1; stopAt < 60; stopAt += 1) {
        world = newWorld(threeFiles())
        await world.enrolled()
        const planned = world.portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
        const first = await world.boot({ stopAt, how })
        const settled = () => world.portal.finals.length > 0 && first.client.state().cloud.value.outboxWaiting === 0
        await eventually(() => settled() || !first.power.on, `write ${stopAt}`)
        if (first.power.on) await new Promise((resolve) => setTimeout(resolve, 10))
        const undisturbed = first.power.on
        await first.cut()
        const second = await world.boot()
        await eventually(
          () => world.portal.finals.length > 0 && second.client.state().cloud.value.outboxWaiting === 0,
          `end after write ${stopAt} ${how}`,
        )
        await eventually(() => second.client.state().scan.value.running === null)
        expect(world.portal.finals, `write ${stopAt}`).toMatchObject([
          { id: planned.id, status: 'done', result: { totals: { found: 3, deleted: 2, kept: 1 } } },
        ])
        expect(world.machine.acted).toHaveLength(2)
        expect(new Set(world.machine.acted).size).toBe(2)
        expect(world.machine.quarantine).toHaveLength(2)
        expect(second.client.state().detections.value).toMatchObject({ total: 3, unprocessed: 1 })
        expect(mirror()).toEqual(['deleted', 'deleted', 'kept'])
        await world.remove()
        if (undisturbed) return void expect(stopAt).toBeGreaterThan(12)
      }
      throw new Error('more writes than expected')
    },
    120_000,
  )
})

/** The states of the detections as the portal knows them: the newest revision of each. */
function mirror(): string[] {
  const newest = new Map<string, { rev: number; state: string }>()
  for (const { body } of world.portal.items) {
    if (body.kind !== 'detection') continue
    const { id, rev, state } = body.detection
    if (rev > (newest.get(id)?.rev ?? 0)) newest.set(id, { rev, state })
  }
  return [...newest.values()].map(({ state }) => state).sort()
}

const signal = new AbortController().signal
