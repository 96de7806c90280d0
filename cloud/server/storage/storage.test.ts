// The database: migrated, damaged, locked, restarted; embedded and real.
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, describe, expect, test } from 'vitest'
import { sampleDetection } from '#shared/testing/detections.ts'
import { newProof, openBrowser } from '../testing/browser.ts'
import { emptyDatabase } from '../testing/empty-database.ts'
import { eventually } from '../testing/eventually.ts'
import { type Postgres, startPostgres } from '../testing/postgres.ts'
import { item, sampleState } from '../testing/samples.ts'
import { connectDevice } from '../testing/test-device.ts'
import { migrations, startPortal, temporaryFolder } from '../testing/test-portal.ts'
import { startWorld } from '../testing/world.ts'
import { openStorage } from './database.ts'

const cleanUp: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

function folder(): string {
  const temporary = temporaryFolder()
  cleanUp.push(temporary.remove)
  return temporary.folder
}

const open = async (dataDir: string) =>
  openStorage({
    databaseUrl: null,
    folder: path.join(dataDir, 'db'),
    migrations,
    onError: () => undefined,
    seed: await emptyDatabase(),
  })

describe('embedded', () => {
  test('opens again with what it held; a second process is kept out', async () => {
    const dataDir = folder()
    const storage = await open(dataDir)
    await expect(open(dataDir)).rejects.toMatchObject({ code: 'storage-locked' })
    await storage.db.execute(sql`insert into settings values ('a', 'b')`)
    await storage.close()
    const again = await open(dataDir)
    expect(await again.db.execute(sql`select value from settings`)).toMatchObject({ rows: [{ value: 'b' }] })
    await again.close()
    // A lock left by a process that is gone.
    writeFileSync(path.join(dataDir, 'portal.lock'), '999999999 1')
    await (await open(dataDir)).close()
  }, 60_000)

  test('is made anew where there is none, also after a first start that was cut off', async () => {
    const dataDir = folder()
    mkdirSync(path.join(dataDir, 'db'))
    mkdirSync(path.join(dataDir, 'db.new'))
    writeFileSync(path.join(dataDir, 'db.new/PG_VERSION'), '17')
    const storage = await openStorage({
      databaseUrl: null,
      folder: path.join(dataDir, 'db'),
      migrations,
      onError: () => undefined,
    })
    expect(await storage.db.execute(sql`select * from settings`)).toMatchObject({ rows: [] })
    await storage.close()
    expect(readdirSync(dataDir)).toEqual(['db'])
  }, 120_000)

  test('a damaged database is reported and left as it is', async () => {
    const dataDir = folder()
    await (await open(dataDir)).close()
    const control = path.join(dataDir, 'db/global/pg_control')
    writeFileSync(control, Buffer.alloc(8192, 7))
    await expect(open(dataDir)).rejects.toMatchObject({ code: 'storage-damaged' })
    expect(readFileSync(control)[0]).toBe(7)
    const foreign = folder()
    mkdirSync(path.join(foreign, 'db'))
    writeFileSync(path.join(foreign, 'db/holiday.jpg'), 'x')
    await expect(open(foreign)).rejects.toMatchObject({ code: 'storage-damaged' })
    expect(readdirSync(path.join(foreign, 'db'))).toEqual(['holiday.jpg'])
  }, 60_000)
})

test('a portal that is restarted keeps accounts, sessions, devices, commands, objects and unsent mail', async () => {
  const dataDir = folder()
  const config = { dataDir, smtpUrl: 'smtp://127.0.0.1:1' }
  const world = await startWorld({ dataDir })
  const owner = await world.owner()
  const device = await world.device(owner)
  const link = await world.connect(device)
  const epoch = randomUUID()
  await link.portal.call('state.report', sampleState({ rev: 3 }))
  await link.portal.call('outbox.push', {
    epoch,
    items: [item(1, { kind: 'detection', detection: sampleDetection() })],
  })
  link.close()
  const id = randomUUID()
  await owner.page.post(`/api/devices/${device.deviceId}/commands`, {
    id,
    body: { kind: 'scan.start', args: { type: 'full' } },
  })
  const salt = (await owner.page.post('/api/account/salt', { email: owner.email })).body
  await world.close()

  const again = await startPortal({ config })
  cleanUp.push(again.close)
  const page = openBrowser(again.url)
  for (const [name, value] of owner.page.cookies) page.cookies.set(name, value)
  expect((await page.get('/api/session')).body.account.email).toBe(owner.email)
  expect((await page.get('/api/devices')).body.devices).toMatchObject([{ id: device.deviceId, state: { rev: 3 } }])
  expect((await page.get(`/api/devices/${device.deviceId}/detections`)).body.counts.toReview).toBe(1)
  expect((await page.post('/api/account/salt', { email: owner.email })).body).toEqual(salt)
  const back = await connectDevice(again.url, device)
  expect(await back.welcome).toMatchObject({ outboxEpoch: epoch, outboxSeq: 1 })
  await eventually(() => back.offers.map((offer) => offer.id)).toEqual([id])
  back.close()
}, 60_000)

describe('PostgreSQL', () => {
  test('is migrated once by several instances at the same time, and carries a whole walk', async () => {
    const postgres: Postgres = await startPostgres()
    cleanUp.push(() => postgres.stop())
    const other = await Promise.all([
      openStorage({ databaseUrl: postgres.url, folder: null, migrations, onError: () => undefined }),
      openStorage({ databaseUrl: postgres.url, folder: null, migrations, onError: () => undefined }),
    ])
    for (const storage of other) await storage.close()
    const world = await startWorld({ databaseUrl: postgres.url })
    cleanUp.push(() => world.close())
    const owner = await world.owner()
    const device = await world.device(owner)
    const link = await world.connect(device)
    await link.portal.call('state.report', sampleState())
    const items = Array.from({ length: 11 }, (_, index) =>
      item(index + 1, { kind: 'detection', detection: sampleDetection() }),
    )
    expect(await link.portal.call('outbox.push', { epoch: randomUUID(), items })).toEqual({ storedSeq: 11 })
    const address = `/api/devices/${device.deviceId}`
    expect((await owner.page.get(`${address}/detections`)).body.page).toMatchObject({ kind: 'group', total: 11 })
    const clicks = await Promise.all(
      Array.from({ length: 8 }, () =>
        owner.page.post(`${address}/commands`, {
          id: randomUUID(),
          body: { kind: 'scan.start', args: { type: 'quick' } },
        }),
      ),
    )
    expect(clicks.filter((click) => click.status === 200)).toHaveLength(1)
    await eventually(() => link.offers.length).toBe(1)
    expect((await openBrowser(world.url).signIn(owner.email, newProof())).body.code).toBe('wrong-credentials')
    link.close()
  }, 60_000)
})
