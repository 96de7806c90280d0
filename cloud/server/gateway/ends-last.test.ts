// The end of a command reaches a page after everything it changed, so that nothing is offered again that was just done.
import { randomUUID } from 'node:crypto'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pageContract, pageNamespace } from '#shared/cloud-protocol/page-contract.ts'
import { CommandId } from '#shared/domain/ids.ts'
import { clientFor } from '#shared/rpc/client.ts'
import { createPeer } from '#shared/rpc/peer.ts'
import { socketChannel } from '#shared/rpc/socket-channel.ts'
import { sampleDetection } from '#shared/testing/detections.ts'
import { eventually } from '../testing/eventually.ts'
import { item, sampleState } from '../testing/samples.ts'
import { startWorld, type World } from '../testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

test('the card and the objects first, also when the card was told a moment ago', async () => {
  const owner = await world.owner()
  const device = await world.device(owner)
  const link = await world.connect(device)
  const cookie = [...owner.page.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const socket = io(world.url + pageNamespace, { transports: ['websocket'], forceNew: true, extraHeaders: { cookie } })
  const told: string[] = []
  const client = clientFor(pageContract, createPeer(socketChannel(socket)))
  client.on('device.changed', ({ state }) => told.push(`${state?.unprocessedCount} open`))
  client.on('detections.changed', () => told.push('objects'))
  client.on('command.changed', ({ status }) => told.push(status))
  await new Promise<void>((resolve) => socket.on('connect', resolve))
  const body = { kind: 'scan.start', args: { type: 'quick' } }
  const { command } = (await owner.page.post(`/api/devices/${device.deviceId}/commands`, { id: randomUUID(), body }))
    .body
  await eventually(() => told.at(-1)).toBe('delivered')
  told.length = 0
  await link.portal.call('state.report', sampleState({ rev: 2, unprocessedCount: 3 }))
  // Right after another report the card is told only some moments later.
  await link.portal.call('state.report', sampleState({ rev: 3, unprocessedCount: 1 }))
  const commandId = CommandId.parse(command.id)
  await link.portal.call('outbox.push', {
    epoch: randomUUID(),
    items: [
      item(1, { kind: 'detection', detection: sampleDetection() }),
      item(2, { kind: 'command', commandId, status: 'done', result: null }),
    ],
  })
  await eventually(() => told.includes('done')).toBe(true)
  expect(told.slice(-3)).toEqual(['1 open', 'objects', 'done'])
  socket.disconnect()
  link.close()
})
