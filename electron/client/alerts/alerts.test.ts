// What the person at the computer is asked about a local scan: objects one by one, an active infection with a countdown.
import { afterEach, describe, expect, it } from 'vitest'
import { infectionCountdownMs } from '#shared/domain/alerts.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { TreatmentSettings } from '#shared/domain/policy.ts'
import type { ActivePlan } from '#shared/domain/treatment.ts'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine, infected } from '../testing/fake-machine.ts'
import { type Booted, newWorld, type World } from '../testing/harness.ts'
import { manualClock } from '../testing/memory-ports.ts'
import { recordedRestarts } from '../testing/restart-ports.ts'
import { lookAgainMs } from '../treatment/waiting-look.ts'

let world: World
let machine: ReturnType<typeof recordedRestarts>
let clock: ReturnType<typeof manualClock>
afterEach(() => world.remove())
const signal = new AbortController().signal
const second = 1_000

interface Given {
  readonly files: readonly DetectedObject[]
  /** Paths whose code runs. */
  readonly running?: readonly string[]
  readonly automatic?: boolean
  readonly rules?: Partial<TreatmentSettings>
  readonly restartAtZero?: boolean
}

/** A computer with these files; its clock moves only when the test says so, but for what has to settle. */
async function computer({
  files,
  running = [],
  automatic = true,
  rules,
  restartAtZero = false,
}: Given): Promise<Booted> {
  const engine = fakeMachine(files)
  engine.plan = (object) => planOf(object, running)
  world = newWorld(engine)
  machine = recordedRestarts()
  clock = manualClock()
  const app = await boot()
  const { treatment } = app.client.state().settings.value
  const change = { treatment: { ...treatment, automatic, ...rules }, activeInfection: { restartAtZero } }
  await app.client.handlers['settings.change'](change, undefined, signal)
  return app
}

const boot = () => world.boot({ ports: { clock, boot: machine.boot, restart: machine.restart } })

function planOf({ path, findings }: DetectedObject, running: readonly string[]): ActivePlan {
  const process = { pid: 4128, startTime: '77', name: 'helper', user: 'anna', path, runs: true, willEnd: true }
  return {
    processes: running.includes(path.text) ? [process] : [],
    autostart: running.includes(path.text)
      ? [{ kind: 'desktop', file: { text: '/home/anna/.config/autostart/helper.desktop' }, entry: `Exec=${path.text}` }]
      : [],
    files: [{ path, threat: findings[0]?.threat ?? '' }],
  }
}

const alerts = ({ client }: Booted) => client.state().alerts.value
const infectionOf = (app: Booted) => {
  const { infection } = alerts(app)
  if (infection?.phase !== 'asking') throw new Error(`not asking: ${infection?.phase}`)
  return infection
}
const settle = (check: () => boolean, what: string) =>
  eventually(() => {
    clock.advance(1)
    return check()
  }, what)
const scan = async ({ client }: Booted) => {
  await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await settle(() => client.state().scan.value.running === null, 'scanned')
}
const listed = async ({ client }: Booted) => {
  const all = { filter: 'all', search: '', offset: 0, limit: 200 } as const
  const { objects } = await client.handlers['detections.list'](all, undefined, signal)
  return Object.fromEntries(objects.map(({ path, state }) => [path.text, state]))
}
const act = (app: Booted, action: 'disinfect' | 'delete' | 'copy-to-quarantine' | 'skip', all = false) => {
  const id = alerts(app).object?.detection.id
  if (id === undefined) throw new Error('nothing is asked')
  return app.client.handlers['alert.act']({ id, action, all }, undefined, signal)
}
const choose = ({ client }: Booted, choice: 'without-restart' | 'with-restart') =>
  client.handlers['infection.choose']({ choice }, undefined, signal)
const pause = ({ client }: Booted, isPaused: boolean) =>
  client.handlers['infection.pause']({ isPaused }, undefined, signal)
const dismiss = ({ client }: Booted, alert: 'object' | 'infection') =>
  client.handlers['alert.dismiss']({ alert }, undefined, signal)

const three = [
  infected('/home/a.exe'),
  infected('/home/b.js'),
  infected('/home/c.doc', { verdict: 'probably-infected', threat: 'Heur.X' }),
]

describe('objects of a scan that asks', () => {
  it('are asked about one after the other, each act on exactly that one', async () => {
    const app = await computer({ files: three, automatic: false })
    await scan(app)
    expect(world.machine.orders).toEqual([])
    expect(alerts(app).object).toMatchObject({ position: 1, total: 3, waiting: 3, detection: { state: 'found' } })
    const seen: string[] = []
    for (const action of ['skip', 'delete', 'copy-to-quarantine'] as const) {
      seen.push(alerts(app).object?.detection.path.text ?? '')
      expect(alerts(app).object).toMatchObject({ position: seen.length, total: 3, waiting: 4 - seen.length })
      await act(app, action)
    }
    expect(alerts(app).object).toBeNull()
    expect(world.machine.orders.map(({ object, verb }) => [object.path.text, verb])).toEqual([
      [seen[1], 'delete'],
      [seen[2], 'copy-to-quarantine'],
    ])
    expect((await listed(app))[seen[0] ?? '']).toBe('skipped')
  })

  it('can all be treated the same way at once', async () => {
    const files = Array.from({ length: 11 }, (_, n) => infected(`/home/${n}.exe`))
    const app = await computer({ files, automatic: false })
    await scan(app)
    expect(alerts(app).object?.waiting).toBe(11)
    expect(await act(app, 'disinfect', true)).toEqual({ done: 11, failed: 0, needRestart: 0 })
    expect(alerts(app).object).toBeNull()
  })

  it('that could not be treated stay in question, with the reason', async () => {
    const app = await computer({ files: three.slice(0, 1), automatic: false })
    await scan(app)
    world.machine.treat = () => ({ status: 'failed', code: 'no-permission' })
    expect(await act(app, 'delete')).toMatchObject({ failed: 1 })
    expect(alerts(app).object).toMatchObject({ detection: { state: 'failed', reason: 'no-permission' }, waiting: 1 })
    await act(app, 'skip')
    expect(alerts(app).object).toBeNull()
  })

  it('stay listed as found when the window is closed, also those that the same scan finds later', async () => {
    const app = await computer({ files: three.slice(0, 2), automatic: false })
    world.machine.autoFinish = false
    await app.client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
    await settle(() => alerts(app).object !== null, 'asked')
    await dismiss(app, 'object')
    expect(alerts(app).object).toBeNull()
    const scanId = app.client.state().scan.value.running?.scanId ?? ''
    world.machine.emit('scan.detected', { scanId, objects: [infected('/home/late.exe')] })
    await settle(() => app.client.state().detections.value.total === 3, 'listed')
    expect(alerts(app).object).toBeNull()
    world.machine.finishScan(scanId as never)
    await settle(() => app.client.state().scan.value.running === null, 'ended')
    expect(await listed(app)).toEqual({ '/home/a.exe': 'found', '/home/b.js': 'found', '/home/late.exe': 'found' })
    expect(world.machine.orders).toEqual([])
    // The next scan asks again.
    world.machine.autoFinish = true
    await scan(app)
    expect(alerts(app).object).not.toBeNull()
  })

  it('are taken care of by themselves when automatic treatment is switched on, as it recommends', async () => {
    const app = await computer({ files: three, automatic: false })
    await scan(app)
    const { treatment } = app.client.state().settings.value
    const change = { treatment: { ...treatment, automatic: true } }
    await app.client.handlers['settings.change'](change, undefined, signal)
    await settle(() => world.machine.acted.length === 2, 'treated')
    expect(alerts(app).object).toBeNull()
    await settle(() => app.client.state().detections.value.unprocessed === 1, 'settled')
    expect(await listed(app)).toEqual({ '/home/a.exe': 'deleted', '/home/b.js': 'deleted', '/home/c.doc': 'found' })
  })

  it('leave the window when they are dealt with in the list', async () => {
    const app = await computer({ files: three.slice(0, 1), automatic: false })
    await scan(app)
    const id = alerts(app).object?.detection.id
    if (id === undefined) throw new Error('nothing is asked')
    await app.client.handlers['detections.act']({ ids: [id], action: 'delete' }, undefined, signal)
    expect(alerts(app).object).toBeNull()
  })
})

describe('an active infection that a local scan found', () => {
  const active: Given = { files: three, running: ['/home/a.exe'] }

  it('waits for the person with everything that will be treated, while the rest is treated at once', async () => {
    const app = await computer(active)
    await scan(app)
    expect(infectionOf(app)).toMatchObject({
      total: 1,
      objects: [{ path: '/home/a.exe', threat: 'Eicar-Test' }],
      plan: {
        processes: [{ pid: 4128, name: 'helper', program: '/home/a.exe', willEnd: true }],
        autostart: [{ kind: 'desktop', entry: 'Exec=/home/a.exe' }],
        files: [{ path: '/home/a.exe' }],
      },
      isPaused: false,
      atZero: 'without-restart',
    })
    expect(await listed(app)).toEqual({ '/home/a.exe': 'found', '/home/b.js': 'deleted', '/home/c.doc': 'kept' })
    expect(app.client.state().history.value.recent.map(({ title }) => title)).toContain('Active infection found')
  })

  it('is treated without a restart when nobody chooses within two minutes', async () => {
    const app = await computer(active)
    await scan(app)
    clock.advance(infectionOf(app).leftMs - second)
    expect(infectionOf(app).leftMs).toBeLessThanOrEqual(second)
    expect(world.machine.acted).toHaveLength(1)
    clock.advance(second)
    await settle(() => alerts(app).infection?.phase === 'done', 'treated')
    expect(alerts(app).infection).toMatchObject({ done: 1, failed: 0, needRestart: 0, restart: 'none' })
    expect(world.machine.orders.at(-1)).toMatchObject({ verb: 'disinfect', origin: { kind: 'local' } })
    expect(machine.asked).toBe(0)
    await dismiss(app, 'infection')
    expect(alerts(app).infection).toBeNull()
  })

  it('stands still while the countdown is paused, and goes on from there', async () => {
    const app = await computer(active)
    await scan(app)
    clock.advance(16 * second)
    await pause(app, true)
    const { leftMs } = infectionOf(app)
    expect(leftMs).toBeLessThanOrEqual(infectionCountdownMs - 16 * second)
    clock.advance(3_600 * second)
    expect(infectionOf(app)).toMatchObject({ leftMs, isPaused: true })
    await pause(app, false)
    clock.advance(leftMs - 1)
    expect(infectionOf(app).leftMs).toBeGreaterThan(0)
    clock.advance(2 * second)
    await settle(() => alerts(app).infection?.phase === 'done', 'treated')
  })

  it('a second before the end can still be paused', async () => {
    const app = await computer(active)
    await scan(app)
    clock.advance(infectionOf(app).leftMs - second)
    expect(infectionOf(app).leftMs).toBeLessThanOrEqual(second)
    await pause(app, true)
    clock.advance(600 * second)
    expect(infectionOf(app).leftMs).toBeGreaterThan(0)
    expect(world.machine.acted).toHaveLength(1)
  })

  it('is treated and then the computer restarted, when the person chose so; what came of it is told afterwards', async () => {
    const app = await computer(active)
    await scan(app)
    let treatedBefore = false
    machine.restart.restart = async () => {
      machine.asked += 1
      treatedBefore = world.machine.acted.length === 2
    }
    await choose(app, 'with-restart')
    expect({ asked: machine.asked, treatedBefore }).toEqual({ asked: 1, treatedBefore: true })
    expect(alerts(app).infection).toMatchObject({ phase: 'done', restart: 'asked' })
    await app.cut()
    machine.restarted()
    const after = await boot()
    await settle(() => alerts(after).infection !== null, 'told')
    expect(alerts(after).infection).toMatchObject({ phase: 'done', restart: 'restarted', done: 1, total: 1 })
    await after.cut()
    const later = await boot()
    await settle(() => later.client.state().protection.value.engine === 'ready', 'ready')
    expect(alerts(later).infection).toBeNull()
  })

  it('is treated all the same when the system refuses the restart, and that is said', async () => {
    const app = await computer(active)
    await scan(app)
    machine.refuses = true
    await choose(app, 'with-restart')
    expect(alerts(app).infection).toMatchObject({ phase: 'done', done: 1, restart: 'refused' })
  })

  it('whose code cannot be ended says that a restart finishes it, and tells the end after that restart', async () => {
    const app = await computer(active)
    await scan(app)
    world.machine.treat = () => ({ status: 'at-restart', holder: 'helper (4128)' })
    await choose(app, 'without-restart')
    expect(alerts(app).infection).toMatchObject({ phase: 'done', needRestart: 1, restart: 'none' })
    expect(machine.asked).toBe(0)
    const id = alerts(app).infection?.objects[0]?.id
    if (id === undefined) throw new Error('no object')
    await app.cut()
    machine.restarted()
    const quarantineId = crypto.randomUUID() as never
    world.machine.replayed = [
      { detectionId: id, outcome: { status: 'deleted', quarantineId, otherLinks: 0 }, attempts: 1 },
    ]
    const after = await boot()
    await settle(() => alerts(after).infection !== null, 'told')
    expect(alerts(after).infection).toMatchObject({ restart: 'restarted', done: 1, needRestart: 0 })
  })

  it('that finished without the restart after all is told at once, not after a restart weeks later', async () => {
    const app = await computer(active)
    await scan(app)
    world.machine.treat = () => ({ status: 'at-restart', holder: 'helper (4128)' })
    await choose(app, 'without-restart')
    const id = alerts(app).infection?.objects[0]?.id
    if (id === undefined) throw new Error('no object')
    const quarantineId = crypto.randomUUID() as never
    const outcome = { status: 'deleted', quarantineId, otherLinks: 0 } as const
    world.machine.replayed = [{ detectionId: id, outcome, attempts: 0 }]
    clock.advance(lookAgainMs)
    // The list may know it first: the window is told when it is on disk.
    const told = () => {
      const { infection } = alerts(app)
      return infection?.phase === 'done' ? infection : undefined
    }
    await settle(() => told()?.needRestart === 0, 'finished')
    expect(told()?.done).toBe(1)
    await app.cut()
    machine.restarted()
    const after = await boot()
    await settle(() => after.client.state().protection.value.engine === 'ready', 'ready')
    expect(alerts(after).infection).toBeNull()
  })

  it('says that the computer was not restarted when it still runs after some minutes', async () => {
    const app = await computer(active)
    await scan(app)
    await choose(app, 'with-restart')
    expect(alerts(app).infection).toMatchObject({ restart: 'asked' })
    clock.advance(5 * 60 * second)
    expect(alerts(app).infection).toMatchObject({ phase: 'done', done: 1, restart: 'refused' })
  })

  it('goes on counting when its window is closed, and then restarts nothing by itself', async () => {
    const app = await computer({ ...active, restartAtZero: true })
    await scan(app)
    expect(infectionOf(app).atZero).toBe('with-restart')
    await dismiss(app, 'infection')
    expect(infectionOf(app)).toMatchObject({ isHidden: true, atZero: 'without-restart' })
    await app.client.handlers['alert.show']({ alert: 'infection' }, undefined, signal)
    expect(infectionOf(app).isHidden).toBe(false)
    await dismiss(app, 'infection')
    clock.advance(infectionCountdownMs)
    await settle(() => alerts(app).infection?.phase === 'done', 'treated')
    expect(machine.asked).toBe(0)
  })

  it('restarts at zero only where the setting says so', async () => {
    const app = await computer({ ...active, restartAtZero: true })
    await scan(app)
    clock.advance(infectionCountdownMs)
    await settle(() => machine.asked === 1, 'restarted')
    expect(world.machine.acted).toHaveLength(2)
  })

  it('is left and listed when the app ends meanwhile', async () => {
    const app = await computer(active)
    await scan(app)
    await app.cut()
    clock.advance(infectionCountdownMs)
    const after = await boot()
    await settle(() => after.client.state().protection.value.engine === 'ready', 'ready')
    clock.advance(infectionCountdownMs)
    expect(alerts(after).infection).toBeNull()
    expect((await listed(after))['/home/a.exe']).toBe('found')
    expect(world.machine.acted).toHaveLength(1)
  })

  it('is asked about before the other objects of a scan that asks, which have a window of their own', async () => {
    const app = await computer({ ...active, automatic: false })
    await scan(app)
    expect(infectionOf(app)).toMatchObject({ total: 1, objects: [{ path: '/home/a.exe' }] })
    expect(alerts(app).object).toMatchObject({ waiting: 2 })
    expect(world.machine.orders).toEqual([])
  })

  it('that is found running during the treatment is treated with it', async () => {
    const app = await computer({ files: [infected('/home/a.exe')], running: ['/home/a.exe', '/home/late.exe'] })
    world.machine.autoFinish = false
    await app.client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
    await settle(() => alerts(app).infection !== null, 'asked')
    let goOn: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const plain = world.machine.treat
    world.machine.treat = async (order) => {
      await held
      return plain(order)
    }
    const going = choose(app, 'without-restart')
    await settle(() => world.machine.orders.length === 1, 'treating')
    const scanId = app.client.state().scan.value.running?.scanId ?? ''
    world.machine.files.set('/home/late.exe', infected('/home/late.exe'))
    world.machine.emit('scan.detected', { scanId, objects: [infected('/home/late.exe')] })
    await settle(() => alerts(app).infection?.total === 2, 'joined')
    goOn()
    await going
    expect(alerts(app).infection).toMatchObject({ phase: 'done', total: 2, done: 2 })
    world.machine.finishScan(scanId as never)
    await settle(() => app.client.state().scan.value.running === null, 'ended')
  })

  it('that the person skips in the list is asked about no longer, and never touched', async () => {
    const app = await computer({ ...active, running: ['/home/a.exe', '/home/b.js'] })
    await scan(app)
    const ids = Object.fromEntries(infectionOf(app).objects.map(({ path, id }) => [path, id]))
    const skip = (path: string) =>
      app.client.handlers['detections.act']({ ids: [ids[path] as never], action: 'skip' }, undefined, signal)
    await skip('/home/a.exe')
    expect(infectionOf(app)).toMatchObject({ total: 1, objects: [{ path: '/home/b.js' }] })
    clock.advance(infectionCountdownMs)
    await settle(() => alerts(app).infection?.phase === 'done', 'treated')
    expect(await listed(app)).toMatchObject({ '/home/a.exe': 'skipped', '/home/b.js': 'deleted' })
    await dismiss(app, 'infection')
    // Alone, it takes the window away with it.
    await world.remove()
    const other = await computer(active)
    await scan(other)
    const id = infectionOf(other).objects[0]?.id as never
    await other.client.handlers['detections.act']({ ids: [id], action: 'skip' }, undefined, signal)
    expect(alerts(other).infection).toBeNull()
    clock.advance(infectionCountdownMs)
    await settle(() => true, 'quiet')
    expect((await listed(other))['/home/a.exe']).toBe('skipped')
  })

  it.each([
    [{ deleteIfDisinfectionFails: false }, 'cure', 'cure-only'],
    [{ archives: 'delete' }, 'disinfect', 'disinfect-with-archives'],
    [{ disinfect: false }, 'delete', 'delete-malware'],
    [{ automatic: false }, 'disinfect', 'disinfect'],
    [{ automatic: false, disinfect: false, deleteIfDisinfectionFails: false }, 'nothing', undefined],
  ] as const)('is treated at zero as the settings say, and the window says so: %j', async (rules, byItself, verb) => {
    const app = await computer({ ...active, files: three.slice(0, 1), rules, restartAtZero: true })
    await scan(app)
    expect(infectionOf(app)).toMatchObject({
      byItself,
      atZero: byItself === 'nothing' ? 'without-restart' : 'with-restart',
    })
    clock.advance(infectionCountdownMs)
    await settle(() => alerts(app).infection?.phase === 'done', 'done')
    expect(world.machine.orders.map((order) => order.verb)).toEqual(verb === undefined ? [] : [verb])
    expect(alerts(app).infection).toMatchObject(verb ? { done: 1, left: 0 } : { done: 0, failed: 1, left: 1 })
    expect(machine.asked).toBe(verb ? 1 : 0)
    const { detail } = app.client.state().history.value.recent.find(({ title }) => title.includes('treated')) ?? {}
    expect(detail).toContain('Nobody chose in time')
  })

  it('follows settings that change while the countdown runs', async () => {
    const app = await computer(active)
    await scan(app)
    const { treatment } = app.client.state().settings.value
    const change = { treatment: { ...treatment, deleteIfDisinfectionFails: false } }
    await app.client.handlers['settings.change'](change, undefined, signal)
    await settle(() => infectionOf(app).byItself === 'cure', 'said')
    clock.advance(infectionCountdownMs)
    await settle(() => alerts(app).infection?.phase === 'done', 'treated')
    expect(world.machine.orders.at(-1)?.verb).toBe('cure-only')
  })

  it('is disinfected, else deleted, when the person says so, whatever is done by itself', async () => {
    const app = await computer({ ...active, rules: { deleteIfDisinfectionFails: false } })
    await scan(app)
    await choose(app, 'without-restart')
    expect(world.machine.orders.at(-1)).toMatchObject({
      verb: 'disinfect-or-delete',
      object: { path: { text: '/home/a.exe' } },
    })
    const { detail } = app.client.state().history.value.recent.find(({ title }) => title.includes('treated')) ?? {}
    expect(detail).toContain('Chosen by you.')
  })

  it('that was treated elsewhere meanwhile is asked about no longer', async () => {
    const app = await computer(active)
    await scan(app)
    const id = infectionOf(app).objects[0]?.id
    if (id === undefined) throw new Error('no object')
    await app.client.handlers['detections.act']({ ids: [id], action: 'delete' }, undefined, signal)
    expect(alerts(app).infection).toBeNull()
    await expect(choose(app, 'without-restart')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('nobody is asked', () => {
  it('about a scan from the portal: what runs is treated as a whole, silently, and nothing is restarted', async () => {
    const app = await computer({ files: three, running: ['/home/a.exe'], automatic: false })
    await app.cut()
    await world.enrolled()
    const remote = await boot()
    await settle(() => remote.client.state().cloud.value.link === 'online', 'online')
    const opened: unknown[] = []
    remote.client.onTopic((changed) => changed.alerts && opened.push(changed.alerts.value))
    world.portal.plan(
      { kind: 'scan.start', args: { type: 'quick' } },
      { expiresAt: new Date(Math.max(clock.now(), Date.now()) + 3_600_000).toISOString() },
    )
    await settle(() => world.portal.finals.length > 0, 'ended')
    expect(world.portal.finals).toMatchObject([{ status: 'done', result: { totals: { deleted: 2, kept: 1 } } }])
    expect(opened).toEqual([])
    expect(machine.asked).toBe(0)
  })

  it('about what the engine cannot tell to be running: it is treated as everything else', async () => {
    for (const [index, call] of ['treat.active', 'treat.plan'].entries()) {
      const app = await computer({ files: three.slice(0, 1), running: ['/home/a.exe'] })
      world.machine.failures.set(call, ['deadline-exceeded'])
      await scan(app)
      expect(alerts(app).infection).toBeNull()
      expect(world.machine.acted).toHaveLength(1)
      if (index === 0) await world.remove()
    }
  })

  it('about suspicious and risky objects that run, where these are kept', async () => {
    const files = [infected('/home/tool', { verdict: 'risky', threat: 'Remote.Tool' })]
    const app = await computer({ files, running: ['/home/tool'] })
    await scan(app)
    expect(alerts(app)).toEqual({ object: null, infection: null })
    expect(await listed(app)).toEqual({ '/home/tool': 'kept' })
  })
})
