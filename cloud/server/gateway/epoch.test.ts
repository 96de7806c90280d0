// A device that begins its outbox anew: what it does not tell again is gone.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import { sampleDetection } from '#shared/testing/detections.ts'
import { eventually } from '../testing/eventually.ts'
import { item } from '../testing/samples.ts'
import type { DeviceKey } from '../testing/test-device.ts'
import { type Owner, startWorld, type World } from '../testing/world.ts'

let world: World
let owner: Owner
let device: { deviceId: string; key: DeviceKey }
beforeAll(async () => {
  world = await startWorld()
  owner = await world.owner()
})
beforeEach(async () => {
  device = await world.device(owner)
})
afterAll(() => world.close())

describe('an epoch that is complete', () => {
  const view = async () =>
    (await owner.page.get(`/api/devices/${device.deviceId}/detections?view=all`)).body as {
      counts: object
      page: { objects: { id: string }[] }
    }

  test('drops what is still to be dealt with and was not told again, and keeps what was treated', async () => {
    const link = await world.connect(device)
    const [kept, gone, waiting, treated] = [
      sampleDetection(),
      sampleDetection(),
      sampleDetection({ state: 'at-restart' }),
      sampleDetection({ state: 'deleted' }),
    ]
    const push = (of: string, bodies: OutboxBody[]) =>
      link.portal.call('outbox.push', { epoch: of, items: bodies.map((body, index) => item(index + 1, body)) })
    const all = [kept, gone, waiting, treated].map((detection) => ({ kind: 'detection', detection }) as const)
    await push(randomUUID(), [...all, { kind: 'epoch-complete' }])
    expect((await view()).counts).toEqual({ toReview: 2, treated: 1, all: 4, atRestart: 1 })
    const second = randomUUID()
    await push(second, [{ kind: 'detection', detection: kept }])
    expect((await view()).counts).toMatchObject({ all: 4 })
    const live = await owner.page.listen()
    await link.portal.call('outbox.push', { epoch: second, items: [item(2, { kind: 'epoch-complete' })] })
    const { counts, page } = await view()
    expect(counts).toEqual({ toReview: 1, treated: 1, all: 2, atRestart: 0 })
    expect(page.objects.map(({ id }) => id).sort()).toEqual([kept.id, treated.id].sort())
    await eventually(() => live.events.find((event) => event.name === 'detections.changed')?.payload).toMatchObject({
      unprocessed: 1,
    })
    live.close()
    link.close()
  })

  test('with nothing in it empties what there was to review', async () => {
    const link = await world.connect(device)
    await link.portal.call('outbox.push', {
      epoch: randomUUID(),
      items: [item(1, { kind: 'detection', detection: sampleDetection() })],
    })
    await link.portal.call('outbox.push', { epoch: randomUUID(), items: [item(1, { kind: 'epoch-complete' })] })
    expect((await view()).counts).toMatchObject({ all: 0 })
    link.close()
  })
})
