// Orders whose end is not known, objects that changed, what justifies an act, and what a person allowed.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { defaultTreatmentSettings } from '#shared/domain/policy.ts'
import type { TreatmentVerb } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { Client } from '../client.ts'
import { eventually } from '../testing/eventually.ts'
import { deleteFile, fakeMachine, infected } from '../testing/fake-machine.ts'
import { newWorld, type World } from '../testing/harness.ts'
import { manualClock } from '../testing/memory-ports.ts'
import { isBack } from './restored-check.ts'

let world: World
afterEach(() => world?.remove())
const signal = new AbortController().signal
const toOldPlace = { targetFolder: null, newName: null, makeFolder: false }
const all = { filter: 'all', search: '', offset: 0, limit: 200 } as const

async function scanned(client: Client): Promise<void> {
  await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await eventually(
    () => client.state().scan.value.running === null && client.state().scan.value.last !== null,
    'scan over',
  )
}
const list = async (client: Client) => (await client.handlers['detections.list'](all, undefined, signal)).objects
const askFirst = { treatment: { ...defaultTreatmentSettings, automatic: false } }

it('orders with the findings that justify the act, and lists what was kept with its reason', async () => {
  const [bad] = infected('/a.zip').findings
  if (!bad) throw new Error('no finding')
  const mixed: DetectedObject = { ...infected('/a.zip'), findings: [bad, { ...bad, verdict: 'risky', member: ['x'] }] }
  world = newWorld(fakeMachine([mixed]))
  world.machine.treat = () => ({ status: 'kept', code: 'cannot-disinfect' })
  const { client } = await world.boot()
  await scanned(client)
  expect(world.machine.orders).toMatchObject([{ verb: 'disinfect', object: { findings: [{ verdict: 'infected' }] } }])
  expect(world.machine.orders[0]?.object.findings).toHaveLength(1)
  expect(await list(client)).toMatchObject([{ state: 'kept', reason: 'cannot-disinfect', busy: false }])
  expect(client.state().scan.value.last?.totals).toMatchObject({ found: 1, kept: 1, failed: 0 })
})

it.each([
  ['process', 'disinfect-or-delete'],
  ['disinfect', 'disinfect-or-delete'],
  ['delete', 'delete'],
] as const)('a person who asks to %s means %s', async (action, verb: TreatmentVerb) => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  const { client } = await world.boot()
  await client.handlers['settings.change'](askFirst, undefined, signal)
  await scanned(client)
  const ids = (await list(client)).map(({ id }) => id)
  await client.handlers['detections.act']({ ids, action }, undefined, signal)
  expect(world.machine.orders.map((order) => order.verb)).toEqual([verb])
})

it.each(['deadline-exceeded', 'disk-full', 'peer-gone'] as const)(
  'keeps an order open after %s; what recovery says still counts',
  async (code) => {
    world = newWorld(fakeMachine([infected('/a.exe')]))
    world.machine.failures.set('treat.object', [code, code, code])
    const { client } = await world.boot()
    await scanned(client)
    expect(await list(client)).toMatchObject([{ state: 'failed', reason: code, busy: false }])
    const [detection] = await list(client)
    if (!detection) throw new Error('nothing found')
    const order = { detectionId: detection.id, object: infected('/a.exe'), origin: detection.foundBy }
    const outcome = deleteFile(world.machine, { ...order, verb: 'disinfect', databaseVersion: 'v1' })
    world.machine.recovered = [{ detectionId: detection.id, outcome, attempts: 0 }]
    world.machine.setState('restarting')
    world.machine.setState('ready')
    await eventually(() => client.state().detections.value.recent[0]?.state === 'deleted', 'deleted')
    expect(await list(client)).toMatchObject([{ quarantineId: world.machine.quarantine[0]?.id }])
  },
)

it('lets nobody use the engine before recovery worked, and tries that again', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  world.machine.failures.set('treat.recover', ['io-error'])
  const { client } = await world.boot()
  const started = client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(world.machine.scans).toEqual([])
  await started
  expect(world.machine.scans).toHaveLength(1)
})

it('looks again at what changed, and records what it is now', async () => {
  world = newWorld(fakeMachine([infected('/a.exe'), infected('/b.exe')]))
  const { client } = await world.boot()
  const changed = new Set<string>()
  world.machine.treat = (order) => {
    const { text } = order.object.path
    if (changed.has(text)) return deleteFile(world.machine, order)
    changed.add(text)
    world.machine.files.delete(text)
    if (text === '/a.exe') world.machine.files.set(text, infected(text, { content: 'new' }))
    return { status: 'changed' }
  }
  await scanned(client)
  const states = (await list(client)).map(({ path: { text }, state }) => `${text} ${state}`).sort()
  expect(states).toEqual(['/a.exe deleted', '/a.exe gone', '/b.exe gone'])
  expect((await list(client)).find(({ path: { text } }) => text === '/b.exe')?.history.at(-1)?.note).toContain(
    'nothing was found',
  )
})

it('leaves alone what a person restored although it is detected, also after a restart', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  const first = await world.boot()
  await scanned(first.client)
  const id = world.machine.quarantine[0]?.id
  if (!id) throw new Error('no copy')
  const request = { ...toOldPlace, id, exclude: true }
  await first.client.handlers['quarantine.restore'](request, undefined, signal)
  expect(first.client.state().history.value.recent[0]?.title).toBe('a.exe is excluded from now on')
  await first.cut()
  const { client } = await world.boot()
  await scanned(client)
  expect(world.machine.acted).toHaveLength(1)
  expect(world.machine.files.has('/a.exe')).toBe(true)
  expect((await list(client)).map(({ state }) => state)).toEqual(['restored'])
})

it('does not allow what could not be restored', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  const { client } = await world.boot()
  await scanned(client)
  world.machine.failures.set('quarantine.restore', ['vault-damaged'])
  const request = { ...toOldPlace, id: world.machine.quarantine[0]?.id as never, exclude: true }
  await expect(client.handlers['quarantine.restore'](request, undefined, signal)).rejects.toBeInstanceOf(ProductError)
  world.machine.files.set('/a.exe', infected('/a.exe'))
  await scanned(client)
  expect(world.machine.acted).toHaveLength(2)
})

it('tells why a full disk kept a copy from being restored, and keeps the reason', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  const clock = manualClock()
  const { client } = await world.boot({ ports: { clock } })
  await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await eventually(() => {
    clock.advance(1)
    return client.state().scan.value.running === null
  }, 'scan over')
  world.machine.failures.set('quarantine.restore', ['disk-full'])
  const ids = (await list(client)).map(({ id }) => id)
  const answer = await client.handlers['detections.restore']({ ids, exclude: true }, undefined, signal)
  expect(answer).toMatchObject({ failed: 1, reason: 'disk-full' })
  const settled = async () => {
    expect(await list(client)).toMatchObject([{ state: 'deleted', reason: 'disk-full', busy: false }])
    expect(await client.handlers['allowed.list']({ offset: 0, limit: 1 }, undefined, signal)).toMatchObject({
      total: 0,
    })
  }
  await settled()
  clock.advance(3_600_000)
  await settled()
})

it('finds a file again that was restored into another folder although the answer was lost', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'elsewhere-'))
  try {
    const content = 'harmless'
    const object = infected('/gone/a.exe', { content })
    const sized = { ...object, identity: { ...object.identity, size: content.length } }
    world = newWorld(fakeMachine([sized]))
    const first = await world.boot()
    await scanned(first.client)
    world.machine.failures.set('quarantine.restore', ['peer-gone'])
    const id = world.machine.quarantine[0]?.id as never
    const request = { id, targetFolder: folder, newName: null, makeFolder: false, exclude: true }
    await expect(first.client.handlers['quarantine.restore'](request, undefined, signal)).rejects.toThrow()
    // It was done all the same.
    writeFileSync(path.join(folder, 'a.exe'), content)
    await first.cut()
    const { client } = await world.boot()
    await eventually(() => client.state().detections.value.recent[0]?.state === 'restored', 'found again')
    const [restored] = await list(client)
    expect(restored?.history.at(-1)?.note).toBe(`Excluded from scans. To ${path.join(folder, 'a.exe')}.`)
    expect(await client.handlers['allowed.list']({ offset: 0, limit: 1 }, undefined, signal)).toMatchObject({
      total: 1,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('says that a copy is gone, damaged or without its key before anything is tried', async () => {
  world = newWorld(fakeMachine([infected('/a.exe'), infected('/b.exe'), infected('/c.exe')]))
  const { client } = await world.boot()
  await scanned(client)
  const [one, two] = world.machine.quarantine
  if (!one || !two) throw new Error('no copies')
  world.machine.quarantine.splice(0, 2, { ...one, condition: 'key-lost', restorable: false })
  await client.handlers['quarantine.keep']({ ids: [one.id] }, undefined, signal)
  const objects = await list(client)
  const of = (detectionId: string) => objects.find(({ id }) => id === detectionId)
  expect(of(one.detectionId)).toMatchObject({ copyCondition: 'key-lost', quarantineId: one.id })
  expect(of(two.detectionId)).not.toHaveProperty('quarantineId')
  const restore = (id: string) =>
    client.handlers['detections.restore']({ ids: [id as never], exclude: false }, undefined, signal)
  expect(await restore(one.detectionId)).toMatchObject({ failed: 1, reason: 'vault-key-lost' })
  expect(await restore(two.detectionId)).toMatchObject({ failed: 1, reason: 'copy-gone' })
  expect(world.machine.restores).toEqual([])
})

it('restores and excludes in one step, also what is still detected; the exclusion can be removed again', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  const { client } = await world.boot()
  await scanned(client)
  const [copy] = world.machine.quarantine
  if (!copy) throw new Error('no copy')
  world.machine.stillDetected.add(copy.id)
  const ids = (await list(client)).map(({ id }) => id)
  const restore = (exclude: boolean) => client.handlers['detections.restore']({ ids, exclude }, undefined, signal)
  const reason = 'still-detected'
  expect(await restore(false)).toEqual({
    ...{ done: 0, failed: 1, needRestart: 0, reason },
    failures: [{ id: ids[0], reason }],
  })
  expect(await list(client)).toMatchObject([{ state: 'deleted', reason: 'still-detected', busy: false }])
  const allowed = () => client.handlers['allowed.list']({ offset: 0, limit: 10 }, undefined, signal)
  expect(await allowed()).toEqual({ total: 0, items: [] })
  expect(await restore(true)).toEqual({ done: 1, failed: 0, needRestart: 0 })
  expect(await allowed()).toMatchObject({
    total: 1,
    items: [{ name: 'a.exe', sha256: infected('/a.exe').identity.sha256 }],
  })
  await eventually(() => client.state().quarantine.value.allowed === 1, 'told')
  await client.handlers['settings.change'](askFirst, undefined, signal)
  await scanned(client)
  expect((await list(client)).map(({ state }) => state)).toEqual(['restored'])
  await client.handlers['allowed.remove']({ sha256s: [infected('/a.exe').identity.sha256] }, undefined, signal)
  await scanned(client)
  expect((await list(client)).map(({ state }) => state).sort()).toEqual(['found', 'restored'])
})

it('keeps an earlier exclusion when a restore fails, and takes a new one back', async () => {
  world = newWorld(fakeMachine([infected('/a.exe'), infected('/b.exe', { content: '/a.exe' })]))
  const { client } = await world.boot()
  await scanned(client)
  const detections = await list(client)
  const restore = (path: string) => {
    const ids = detections.filter(({ path: { text } }) => text === path).map(({ id }) => id)
    return client.handlers['detections.restore']({ ids, exclude: true }, undefined, signal)
  }
  const allowed = async () => (await client.handlers['allowed.list']({ offset: 0, limit: 1 }, undefined, signal)).total
  world.machine.failures.set('quarantine.restore', ['target-exists'])
  expect(await restore('/a.exe')).toMatchObject({ failed: 1, reason: 'target-exists' })
  expect(await allowed()).toBe(0)
  expect(await restore('/a.exe')).toMatchObject({ done: 1 })
  world.machine.failures.set('quarantine.restore', ['target-exists'])
  expect(await restore('/b.exe')).toMatchObject({ failed: 1 })
  expect(await allowed()).toBe(1)
})

it.each(['before', 'torn', 'after'] as const)(
  'does not leave an exclusion without its file when the machine stops %s any write',
  async (how) => {
    for (let stopAt = 1; stopAt < 60; stopAt += 1) {
      world = newWorld(fakeMachine([infected('/a.exe')]))
      const first = await world.boot({ stopAt, how })
      if (first.power.on) await scanned(first.client).catch(() => undefined)
      const ids = first.power.on ? (await list(first.client)).map(({ id }) => id) : []
      if (ids.length > 0 && first.power.on)
        await Promise.resolve(
          first.client.handlers['detections.restore']({ ids, exclude: true }, undefined, signal),
        ).catch(() => undefined)
      const undisturbed = first.power.on
      await first.cut()
      const { client } = await world.boot()
      await eventually(() => client.state().protection.value.engine === 'ready', 'engine')
      await eventually(() => client.state().detections.value.recent.every(({ busy }) => !busy), 'settled')
      const states = (await list(client)).map(({ state }) => state)
      const { total } = await client.handlers['allowed.list']({ offset: 0, limit: 1 }, undefined, signal)
      // The fake machine's files are not on disk: what was restored without its end being written counts as not restored.
      expect(total, `write ${stopAt}: ${states.join()}`).toBe(states.includes('restored') ? 1 : 0)
      await world.remove()
      if (undisturbed) return void expect(stopAt).toBeGreaterThan(8)
    }
    throw new Error('more writes than expected')
  },
  120_000,
)

it('keeps a large copy only of what a person agreed to', async () => {
  world = newWorld(fakeMachine([infected('/large.iso')]))
  const plain = world.machine.treat
  world.machine.treat = (order) => (order.largeCopy ? plain(order) : { status: 'backup-failed', code: 'too-large' })
  const { client } = await world.boot()
  await scanned(client)
  const ids = (await list(client)).map(({ id }) => id)
  const act = client.handlers['detections.act']
  expect(await act({ ids, action: 'disinfect' }, undefined, signal)).toMatchObject({ failed: 1, reason: 'too-large' })
  const keep = () => client.handlers['detections.keepLargeCopy']({ ids }, undefined, signal)
  expect(await keep()).toEqual({ done: 1, failed: 0, needRestart: 0 })
  expect(world.machine.orders.at(-1)).toMatchObject({ verb: 'disinfect-or-delete', largeCopy: true })
  expect(await list(client)).toMatchObject([{ state: 'deleted', quarantineId: world.machine.quarantine[0]?.id }])
  // Of all others nothing is done.
  expect(await keep()).toMatchObject({ done: 0, failed: 1 })
})

it('deletes without a copy only where none could be kept', async () => {
  world = newWorld(fakeMachine([infected('/large.iso'), infected('/b.exe')]))
  const plain = world.machine.treat
  world.machine.treat = (order) => {
    if (order.object.path.text !== '/large.iso') return plain(order)
    if (order.withoutCopy) return { status: 'deleted', otherLinks: 0 }
    return { status: 'backup-failed', code: 'too-large' }
  }
  const { client } = await world.boot()
  await scanned(client)
  const ids = (await list(client)).map(({ id }) => id)
  expect(client.state().protection.value.problems[0]).toMatchObject({ kind: 'backup-failed', fix: null })
  const result = await client.handlers['detections.deleteWithoutCopy']({ ids }, undefined, signal)
  expect(result).toMatchObject({ done: 1, failed: 1 })
  expect(world.machine.orders.filter(({ withoutCopy }) => withoutCopy)).toMatchObject([
    { verb: 'delete', origin: { kind: 'local' }, object: { path: { text: '/large.iso' } } },
  ])
  const large = (await list(client)).find(({ path: { text } }) => text === '/large.iso')
  expect(large).toMatchObject({ state: 'deleted' })
  expect(large?.quarantineId).toBeUndefined()
  expect(client.state().history.value.recent[0]?.title).toBe('large.iso deleted without a copy')
})

it('knows a restored file by its content, and never by an original that was left', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'restored-'))
  const file = path.join(folder, 'a')
  writeFileSync(file, 'content')
  const sha256 = createHash('sha256').update('content').digest('hex')
  const detection = { path: { text: file }, sizeBytes: 7, sha256, state: 'deleted' as const }
  expect(await isBack(detection)).toBe(true)
  expect(await isBack({ ...detection, sha256: 'a'.repeat(64) })).toBe(false)
  expect(await isBack({ ...detection, state: 'quarantined' })).toBe(false)
  rmSync(folder, { recursive: true })
})

it('tells the engine how long copies are kept as soon as that changes', async () => {
  world = newWorld()
  const { client } = await world.boot()
  await client.handlers['settings.change']({ quarantine: { retentionDays: 7, limitBytes: 5 } }, undefined, signal)
  await eventually(() => world.machine.configs.at(-1)?.retentionDays === 7, 'reconfigured')
  expect(world.machine.configs.at(-1)?.quarantineBytes).toBe(5)
})

it('says that the key of the copies was lost', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  const { mkdirSync } = await import('node:fs')
  mkdirSync(path.join(world.dataDir, 'quarantine', 'ab'), { recursive: true })
  writeFileSync(path.join(world.dataDir, 'quarantine', 'ab', 'x.q'), '')
  const { client } = await world.boot()
  await eventually(() =>
    client.state().protection.value.problems.some(({ key }) => key === 'storage-damaged:vault-key'),
  )
})
