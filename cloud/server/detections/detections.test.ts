// The limit between one by one and together, enforced by the server.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Detection } from '#shared/domain/detection.ts'
import { sampleDetection } from '#shared/testing/detections.ts'
import { eventually } from '../testing/eventually.ts'
import { item } from '../testing/samples.ts'
import type { TestDevice } from '../testing/test-device.ts'
import { type Owner, startWorld, type World } from '../testing/world.ts'

let world: World
let owner: Owner
let deviceId: string
let link: TestDevice
let seq = 0
let epoch = ''
beforeAll(async () => {
  world = await startWorld()
  owner = await world.owner()
})
beforeEach(async () => {
  const device = await world.device(owner)
  deviceId = device.deviceId
  link = await world.connect(device)
  epoch = randomUUID()
  seq = 0
})
afterAll(() => world.close())

const tell = (detections: readonly Detection[]) =>
  link.portal.call('outbox.push', {
    epoch,
    items: detections.map((detection) => item(++seq, { kind: 'detection', detection })),
  })
const view = async (name = 'to-review') =>
  (await owner.page.get(`/api/devices/${deviceId}/detections?view=${name}`)).body
const act = (action: string, ids: readonly string[], id: string = randomUUID()) =>
  owner.page.post(`/api/devices/${deviceId}/commands`, {
    id,
    body: { kind: 'detections.act', args: { action, ids } },
  })
const group = (action: string, id: string = randomUUID()) =>
  owner.page.post(`/api/devices/${deviceId}/detections/group`, { id, action })
const many = (count: number, change: object = {}) => Array.from({ length: count }, () => sampleDetection({ ...change }))

describe('up to ten objects', () => {
  test('are listed, looked at and treated one by one', async () => {
    const objects = many(10)
    await tell(objects)
    const { counts, page } = await view()
    expect(counts).toEqual({ toReview: 10, treated: 0, all: 10, atRestart: 0 })
    expect([page.kind, page.total, page.objects.length]).toEqual(['list', 10, 10])
    const [first] = objects
    expect((await owner.page.get(`/api/devices/${deviceId}/detections/${first?.id}`)).body.detection).toEqual(first)
    expect((await act('delete', [first?.id ?? ''])).status).toBe(200)
    for (const undo of ['restore', 'restore-and-exclude'])
      expect((await act(undo, [first?.id ?? ''])).body.code).toBe('act-outdated')
    expect((await act('delete', [randomUUID()])).body.code).toBe('not-found')
  })

  test('are processed as far as they are still to be reviewed, where the list on the page is a moment old', async () => {
    const objects = many(3)
    const [first, ...others] = objects
    await tell(objects)
    await tell([{ ...first, rev: 2, state: 'quarantined', quarantineId: randomUUID() } as Detection])
    const id = randomUUID()
    const listed = objects.map((object) => object.id)
    const reply = await act('process', listed, id)
    expect(reply.body.command).toMatchObject({ id, objectCount: 2 })
    expect([...reply.body.command.body.args.ids].sort()).toEqual(others.map((object) => object.id).sort())
    expect((await act('process', listed, id)).body.command.id).toBe(id)
    expect((await act('delete', listed, id)).body.code).toBe('command-duplicate')
    await tell(others.map((object) => ({ ...object, rev: 2, state: 'gone' }) as Detection))
    expect((await act('process', listed)).body.code).toBe('act-outdated')
    expect((await act('skip', listed)).body.code).toBe('act-outdated')
  })
})

test('a rule and what found it reach the page whole', async () => {
  const rule = {
    name: 'Own',
    author: 'A. Writer',
    reference: 'https://x.example/1',
    description: 'What it is',
    score: 75,
  }
  const finding = { member: ['in.zip', 'a.exe'], threat: 'Own', verdict: 'risky', detector: 'yara', rule }
  await tell(many(1, { findings: [finding, { ...finding, member: [] }], moreFindings: 7 }))
  const { page } = await view()
  expect(page.objects[0]).toMatchObject({ findings: [finding, { ...finding, member: [] }], moreFindings: 7 })
})

test('a group carries its number and the first ids to the page, and all of them to the device', async () => {
  for (let round = 0; round < 3; round += 1) await tell(many(10))
  const { command } = (await group('process', randomUUID())).body
  expect([command.objectCount, command.body.args.ids.length]).toEqual([30, 20])
  const { commands } = (await owner.page.get(`/api/devices/${deviceId}/commands`)).body
  expect([commands[0].objectCount, commands[0].body.args.ids.length]).toEqual([30, 20])
  await eventually(() => link.offers.length).toBe(1)
  const [offer] = link.offers
  expect(offer?.kind === 'detections.act' && offer.args.ids).toHaveLength(30)
})

describe('eleven objects', () => {
  test('are a group: numbers only, and no way to act on one of them', async () => {
    const objects = [...many(9), ...many(1, { risk: 'high', verdict: 'infected' }), ...many(1, { scanType: 'full' })]
    await tell(objects)
    const ids = objects.map((object) => object.id)
    for (const name of ['to-review', 'all']) {
      const { page } = await view(name)
      expect(page).toMatchObject({
        kind: 'group',
        total: 11,
        risk: { high: 1, medium: 0, low: 10 },
        foundBy: ['full', 'quick'],
      })
      expect(page).not.toHaveProperty('objects')
    }
    expect((await owner.page.get(`/api/devices/${deviceId}/detections/${ids[0]}`)).body.code).toBe('grouped-objects')
    for (const some of [ids.slice(0, 1), ids.slice(0, 10), ids])
      expect((await act('delete', some)).body.code).toBe('grouped-objects')
  })

  test('are acted on together: exactly the ids known at the click; a repeated click is one command', async () => {
    const objects = many(11)
    await tell(objects)
    const id = randomUUID()
    const reply = await group('process', id)
    await tell(many(1))
    expect((await group('process', id)).body.command.id).toBe(id)
    expect((await group('skip', id)).body.code).toBe('command-duplicate')
    await eventually(() => link.offers.length).toBe(1)
    const sent = reply.body.command.body.args
    expect([...sent.ids].sort()).toEqual(objects.map((object) => object.id).sort())
    expect(sent.action).toBe('process')
  })

  test('become a list again when one of them is processed', async () => {
    const objects = many(11)
    await tell(objects)
    const treated = { ...objects[0], rev: 2, state: 'deleted', quarantineId: randomUUID() } as Detection
    await tell([treated])
    expect((await view()).page).toMatchObject({ kind: 'list', total: 10 })
    expect((await act('skip', [objects[1]?.id ?? ''])).status).toBe(200)
  })

  test('do not keep treated objects from being seen and restored', async () => {
    const treated = sampleDetection({ state: 'deleted', quarantineId: randomUUID() })
    await tell([...many(11), treated])
    expect((await view('treated')).page).toMatchObject({ kind: 'list', total: 1 })
    expect((await act('restore', [treated.id])).status).toBe(200)
    expect((await act('restore-and-exclude', [treated.id])).status).toBe(200)
    expect((await act('restore', [treated.id, randomUUID()])).body.code).toBe('not-found')
  })
})

test('what waits for a restart is listed but not counted', async () => {
  await tell([...many(10), sampleDetection({ state: 'at-restart', holder: 'agent (pid 7)' })])
  const { counts, page } = await view()
  expect([counts.toReview, counts.atRestart, page.kind, page.total]).toEqual([10, 1, 'list', 11])
})

test('deleting without a copy is nothing that a portal can ask for', async () => {
  const left = sampleDetection({ state: 'backup-failed', reason: 'too-large' })
  await tell([left])
  for (const action of ['delete-without-copy', 'deleteWithoutCopy'])
    expect((await act(action, [left.id])).status).toBe(400)
  const body = { kind: 'detections.act', args: { action: 'delete', ids: [left.id], withoutCopy: true } }
  const reply = await owner.page.post(`/api/devices/${deviceId}/commands`, { id: randomUUID(), body })
  expect(reply.status).toBe(400)
})

test('a group action without objects is refused', async () => {
  expect((await group('process')).body.code).toBe('not-found')
})
