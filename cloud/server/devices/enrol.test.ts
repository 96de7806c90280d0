// A computer's identity: the same key is the same card, whatever else happens.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newProof, openBrowser } from '../testing/browser.ts'
import { eventually } from '../testing/eventually.ts'
import { tokenIn } from '../testing/mail-server.ts'
import { connectDevice, enrolDevice, newKey } from '../testing/test-device.ts'
import { type Owner, startWorld, type World } from '../testing/world.ts'

let world: World
let owner: Owner
beforeAll(async () => {
  world = await startWorld()
  owner = await world.owner()
})
afterAll(() => world.close())

const enrol = (who: Owner, more: object = {}) =>
  enrolDevice(world.url, { email: who.email, proof: who.proof, now: world.clock.now(), ...more })
const cards = async (who: Owner) => (await who.page.get('/api/devices')).body.devices

describe('enrolment', () => {
  test('puts one card into the account, told to its open pages; again with the same key it is the same card', async () => {
    const live = await owner.page.listen()
    const first = await enrol(owner)
    expect(first.body).toMatchObject({ name: 'Ann’s computer', account: owner.email })
    await eventually(() => live.events.map((event) => event.name)).toContain('device.changed')
    const again = await enrol(owner, { key: first.key })
    expect(again.body.deviceId).toBe(first.body.deviceId)
    expect(await cards(owner)).toHaveLength(1)
    expect((await cards(owner))[0]).toMatchObject({
      online: false,
      state: null,
      cloned: false,
      status: 'needs-attention',
      lastContactAt: null,
    })
    live.close()
  })

  test('in another account the same computer is a new card there', async () => {
    const other = await world.owner()
    const first = await enrol(owner)
    const second = await enrol(other, { key: first.key })
    expect(second.body.deviceId).not.toBe(first.body.deviceId)
    expect(await cards(other)).toHaveLength(1)
  })

  test('a lost key is replaced by sign-in and the same installation; the old key is worth nothing', async () => {
    const who = await world.owner()
    const installationId = randomUUID()
    const first = await enrol(who, { installationId })
    const old = await connectDevice(world.url, { deviceId: first.body.deviceId, key: first.key })
    const second = await enrol(who, { installationId })
    expect(second.body.deviceId).toBe(first.body.deviceId)
    await old.closed
    const refused = await connectDevice(world.url, { deviceId: first.body.deviceId, key: first.key })
    await refused.closed
    const device = await connectDevice(world.url, { deviceId: first.body.deviceId, key: second.key })
    expect((await device.welcome).account).toBe(who.email)
    device.close()
  })

  test('a removed computer that signs in again gets its old card and history back', async () => {
    const who = await world.owner()
    const first = await enrol(who)
    const { deviceId } = first.body
    await who.page.post(`/api/devices/${deviceId}/commands`, {
      id: randomUUID(),
      body: { kind: 'scan.start', args: { type: 'quick' } },
    })
    expect((await who.page.send('DELETE', `/api/devices/${deviceId}`)).status).toBe(200)
    expect(await cards(who)).toHaveLength(0)
    expect((await enrol(who, { key: first.key })).body.deviceId).toBe(deviceId)
    const { commands } = (await who.page.get(`/api/devices/${deviceId}/commands`)).body
    expect(commands.map((command: { status: string }) => command.status)).toEqual(['cancelled'])
  })

  test.each([
    ['another key’s signature', { afterSigning: { publicKey: newKey().publicKey } }, 401, 'bad-signature'],
    ['a changed field', { afterSigning: { name: 'Mallory' } }, 401, 'bad-signature'],
    ['another portal', { change: { portalOrigin: 'https://evil.example' } }, 409, 'portal-address-wrong'],
    ['an old statement', { change: { issuedAt: '2020-01-01T00:00:00.000Z' } }, 409, 'clock-wrong'],
  ] as const)('is refused with %s', async (_name, more, status, code) => {
    const reply = await enrol(owner, more)
    expect(reply.status).toBe(status)
    expect(reply.body).toEqual({ code })
  })

  test('a wrong proof is refused and slowed down like a sign-in', async () => {
    const who = await world.owner()
    const wrong = () => enrolDevice(world.url, { email: who.email, proof: newProof(), now: world.clock.now() })
    for (let count = 0; count < 3; count += 1) expect((await wrong()).body.code).toBe('wrong-credentials')
    expect((await wrong()).body.code).toBe('slow-down')
    expect((await openBrowser(world.url).signIn(who.email, who.proof)).body.code).toBe('slow-down')
  })
})

test('a reset password ends connections and keeps the card; a removed device is told why', async () => {
  await world.clock.advance(3_600_000)
  const who = await world.owner()
  const [one, two] = [await world.device(who), await world.device(who)]
  const [first, second] = [await world.connect(one), await world.connect(two)]
  await who.page.send('DELETE', `/api/devices/${two.deviceId}`)
  await second.closed
  expect(second.ended).toEqual(['device-removed'])
  await who.page.post('/api/account/reset', { email: who.email })
  const proof = newProof()
  await who.page.post('/api/account/password', { token: tokenIn(await world.mail.next(who.email)), proof })
  await first.closed
  expect(first.ended).toEqual(['password-reset'])
  const late = await world.connect(one)
  await late.closed
  expect(late.ended).toEqual(['password-reset'])
  const page = openBrowser(world.url)
  await page.signIn(who.email, proof)
  expect((await page.get('/api/devices')).body.devices).toMatchObject([{ id: one.deviceId, online: false }])
  const unknown = await connectDevice(world.url, { deviceId: randomUUID(), key: one.key })
  await unknown.closed
  expect(unknown.ended).toEqual(['device-removed'])
})
