// What is found running just as the treatment of an active infection ends.
import { afterEach, expect, it } from 'vitest'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine, infected } from '../testing/fake-machine.ts'
import { newWorld, type World } from '../testing/harness.ts'
import { type HeldDisk, heldDisk } from '../testing/memory-ports.ts'
import { recordedRestarts } from '../testing/restart-ports.ts'

let world: World
let disk: HeldDisk
afterEach(async () => {
  disk.release()
  await world.remove()
})
const signal = new AbortController().signal

const planOf = ({ path }: DetectedObject) => ({
  processes: [{ pid: 1, startTime: '1', name: 'a', user: 'anna', path, runs: true, willEnd: true }],
  autostart: [],
  files: [],
})

it('belongs to the infection: it is treated before the window says that all is done', async () => {
  const machine = fakeMachine([infected('/a.exe')])
  machine.plan = planOf
  machine.autoFinish = false
  machine.treat = ({ object }) =>
    object.path.text === '/a.exe'
      ? { status: 'at-restart', quarantineId: crypto.randomUUID() as never, holder: 'a' }
      : { status: 'gone' }
  world = newWorld(machine)
  disk = heldDisk((file) => file.endsWith('infection.json'))
  const { client } = await world.boot({ ports: { disk, ...recordedRestarts() } })
  const infection = () => client.state().alerts.value.infection
  await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await eventually(() => infection()?.phase === 'asking', 'asked')
  const chosen = client.handlers['infection.choose']({ choice: 'without-restart' }, undefined, signal)
  await disk.reached
  machine.emit('scan.detected', { scanId: machine.scans[0]?.scanId, objects: [infected('/b.exe')] })
  await eventually(() => client.state().alerts.value.infection?.total === 2, 'found')
  disk.release()
  await chosen
  expect(machine.orders.map(({ object }) => object.path.text)).toEqual(['/a.exe', '/b.exe'])
  expect(infection()).toMatchObject({ phase: 'done', needRestart: 1, done: 1, left: 0 })
})
