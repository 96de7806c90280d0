// Offers that must not be carried out, and commands other than scans.
import { randomUUID } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import type { CommandBody } from '#shared/domain/command.ts'
import type { DeviceId } from '#shared/domain/ids.ts'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine, infected } from '../testing/fake-machine.ts'
import { newWorld, type World } from '../testing/harness.ts'

let world: World
afterEach(() => world.remove())
const quick: CommandBody = { kind: 'scan.start', args: { type: 'quick' } }
const signal = new AbortController().signal

async function online() {
  world = newWorld(fakeMachine([infected('/a.exe'), infected('/b.doc', { verdict: 'probably-infected' })]))
  await world.enrolled()
  const app = await world.boot()
  await eventually(() => app.client.state().cloud.value.link === 'online')
  return app
}
const answerTo = async (change: object) => {
  const { id } = world.portal.plan(quick, change)
  await eventually(() => world.portal.answers.some((answer) => answer.id === id))
  return world.portal.answers.find((answer) => answer.id === id)?.kind
}

it('refuses what is for another device and what has expired by either clock', async () => {
  const { client } = await online()
  expect(await answerTo({ deviceId: randomUUID() as DeviceId })).toBe('wrong-device')
  expect(await answerTo({ expiresAt: new Date(Date.now() - 1000).toISOString() })).toBe('command-expired')
  world.portal.timeOffsetMs = 2 * 3_600_000
  world.portal.peer?.close()
  await eventually(() => client.state().cloud.value.link !== 'online')
  await client.handlers['cloud.retry']({}, undefined, signal)
  await eventually(() => client.state().cloud.value.link === 'online')
  expect(client.state().cloud.value.clockSkewMs).toBeLessThan(-7_000_000)
  expect(await answerTo({})).toBe('command-expired')
  expect(world.machine.scans).toEqual([])
})

it('carries a command out once however often it is offered, also at the same time and after a restart', async () => {
  const first = await online()
  const envelope = world.portal.plan(quick)
  await eventually(() => world.portal.finals.length === 1)
  expect(await Promise.all([world.portal.offer(envelope), world.portal.offer(envelope)])).toEqual([
    'duplicate',
    'duplicate',
  ])
  await first.cut()
  const { client } = await world.boot()
  await eventually(() => client.state().cloud.value.link === 'online')
  expect(await world.portal.offer(envelope)).toBe('duplicate')
  expect(world.machine.scans).toHaveLength(1)
  expect(world.portal.finals).toHaveLength(1)
})

it('answers a malformed envelope with bad-request', async () => {
  await online()
  const envelope = { ...world.portal.plan(quick, { expiresAt: new Date(0).toISOString() }), kind: 'run.program' }
  await expect(world.portal.client?.call('command.offer', envelope as never)).rejects.toMatchObject({
    code: 'bad-request',
  })
})

it('acts on exactly the given objects and reports the counts', async () => {
  await online()
  world.portal.plan(quick)
  await eventually(() => world.portal.finals.length === 1)
  const kept = world.portal.items.flatMap(({ body }) =>
    body.kind === 'detection' && body.detection.state === 'kept' ? [body.detection.id] : [],
  )
  world.portal.plan({ kind: 'detections.act', args: { action: 'process', ids: [...kept, randomUUID() as never] } })
  await eventually(() => world.portal.finals.length === 2)
  expect(world.portal.finals[1]).toMatchObject({
    status: 'done',
    result: { acted: { done: 1, failed: 1, needRestart: 0 } },
  })
})

it('hides a notice, refuses to hide what is critical, and says when there is nothing to control', async () => {
  const { client } = await online()
  await eventually(() => client.state().protection.value.problems.length > 1)
  world.portal.plan({ kind: 'problem.ignore', args: { key: 'never-scanned', ignored: true } })
  world.portal.plan({ kind: 'problem.ignore', args: { key: 'nothing', ignored: true } })
  world.portal.plan({ kind: 'scan.control', args: { commandId: randomUUID() as never, action: 'stop' } })
  await eventually(() => world.portal.finals.length === 3)
  expect(world.portal.finals.map(({ status, result }) => [status, result?.error])).toEqual([
    ['done', undefined],
    ['failed', 'not-found'],
    ['failed', 'scan-unknown'],
  ])
  expect(client.state().protection.value.problems.find(({ key }) => key === 'never-scanned')?.ignored).toBe(true)
  expect(client.state().protection.value.status).toBe('needs-attention')
})

it('tells everything once although a push is cut in the middle', async () => {
  const { client } = await online()
  world.portal.cutPushes = 2
  world.portal.plan(quick)
  await eventually(() => client.state().cloud.value.link !== 'online')
  for (let cut = 0; cut < 3; cut += 1) {
    await client.handlers['cloud.retry']({}, undefined, signal)
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  await eventually(
    () => world.portal.finals.length === 1 && client.state().cloud.value.outboxWaiting === 0,
    'all told',
    8_000,
  )
  expect(world.portal.items.map(({ seq }) => seq)).toEqual(world.portal.items.map((_, at) => at + 1))
})
