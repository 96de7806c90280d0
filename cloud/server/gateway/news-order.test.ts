// News that come at the same time: nothing planned is left lying, nothing older is told after what is newer.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { CommandId } from '#shared/domain/ids.ts'
import { createBus, type PortalEvent } from '../bus.ts'
import type { PortalContext } from '../context.ts'
import { createDevices } from '../devices/device-service.ts'
import { createLog } from '../log.ts'
import { devices as deviceRows } from '../storage/schema.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { answerChallenge, newKey } from '../testing/test-device.ts'
import { createDelivery } from './command-delivery.ts'
import { admit, type Links } from './device-gate.ts'
import { createLiveProgress } from './live-progress.ts'

const fail = (error: unknown) => {
  throw error
}
const url = 'http://localhost:4180'
const later = () => new Promise<void>((resolve) => setImmediate(resolve))
/** How far the one before has come, in turns of the queue. */
const turns = Array.from({ length: 25 }, (_, n) => n)

/** A database of which every query is answered by `answer`, and a bus that keeps what was told. */
function context(answer: (table: unknown) => Promise<readonly unknown[]> | readonly unknown[]) {
  const told: PortalEvent[] = []
  const bus = createBus(fail)
  bus.subscribe((event) => told.push(event))
  const query = (table: unknown): object => {
    const steps: Record<string, unknown> = {
      // biome-ignore lint/suspicious/noThenProperty: a query is run when it is waited for, as the database's own are
      then: (...given: Parameters<Promise<unknown>['then']>) => Promise.resolve(answer(table)).then(...given),
    }
    for (const name of ['where', 'orderBy', 'for', 'set', 'returning', 'limit']) steps[name] = () => steps
    return steps
  }
  const db = {
    select: () => ({ from: query }),
    update: query,
    transaction: (run: (tx: unknown) => Promise<unknown>) => run(db),
  }
  const made = { db, bus, clock: manualClock(), log: createLog('silent'), publicUrl: () => url }
  return { ...(made as unknown as PortalContext), told }
}

const ids = { deviceId: randomUUID(), accountId: randomUUID() }
const row = (publicKey = '') => ({
  ...{ id: ids.deviceId, accountId: ids.accountId, publicKey, name: 'old', ended: null, online: true },
  ...{
    lastContactAt: new Date(),
    connectedAt: new Date(),
    state: null,
    cloned: false,
    outboxEpoch: null,
    outboxSeq: 0,
  },
})

test.each(turns)('a command that is planned just as the offers end (turn %s) is offered', async (turn) => {
  let asked = 0
  const delivery = createDelivery(
    context(() => {
      asked += 1
      return []
    }),
    { ...ids, client: {} as never },
  )
  delivery.kick()
  for (let n = 0; n < turn; n += 1) await Promise.resolve()
  delivery.kick()
  await later()
  expect(asked).toBe(2)
})

test.each(turns)('progress that is reported just as the one before is told (turn %s) is told too', async (turn) => {
  let asked = 0
  const progress = createLiveProgress(
    context(() => {
      asked += 1
      return []
    }),
    ids,
  )
  const report = () => progress.report(CommandId.parse(randomUUID()), {} as never)
  report()
  for (let n = 0; n < turn; n += 1) await Promise.resolve()
  report()
  await later()
  // Each looks for its command twice: to move it on, and to read it.
  expect(asked).toBe(4)
})

test('a device that is removed while its card is read is not told of afterwards', async () => {
  let give: (rows: readonly unknown[]) => void = () => undefined
  const portal = context(() => new Promise((resolve) => (give = resolve)))
  const devices = createDevices(portal)
  devices.changed(ids.deviceId)
  await later()
  portal.bus.publish({ kind: 'device.removed', ...ids })
  give([row()])
  await later()
  expect(portal.told.map(({ kind }) => kind)).toEqual(['device.removed'])
})

test('a device that is renamed while it is let in is welcomed under its new name', async () => {
  const key = newKey()
  let give: (rows: readonly unknown[]) => void = () => undefined
  const portal = context((table) =>
    table === deviceRows ? [row(key.publicKey)] : new Promise((resolve) => (give = resolve)),
  )
  const links: Links = new Map()
  const names: unknown[] = []
  const answers: Record<string, (input: never) => unknown> = {
    'link.authenticate': ({ nonce }: { nonce: string }) => answerChallenge(url, ids.deviceId, key, nonce),
    'link.welcome': ({ name }: { name: string }) => {
      names.push(name)
      return {}
    },
    'device.renamed': () => Promise.reject(new Error('not welcomed yet')),
  }
  const peer = {
    closed: false,
    call: async (name: string, input: unknown) => answers[name]?.(input as never),
    emit: () => undefined,
    onEvent: () => () => undefined,
    onClose: () => undefined,
    close: () => undefined,
  }
  const devices = createDevices(portal)
  const admitted = admit({ context: portal, devices, links }, { peer, fault: fail, onLink: () => undefined })
  while (!links.has(ids.deviceId)) await later()
  await later()
  links.get(ids.deviceId)?.renamed('new')
  give([{ email: 'anna@x.example' }])
  await admitted
  devices.stop()
  expect(names).toEqual(['new'])
})
