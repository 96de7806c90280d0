// Sign in, resume, disconnect and be disconnected, against a portal over real HTTP and real socket.io.

import { readFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { Server } from 'socket.io'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EnrolRequest } from '#shared/cloud-protocol/http-api.ts'
import { connectSocket } from '../cloud/connect-socket.ts'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine, infected } from '../testing/fake-machine.ts'
import { type FakePortal, fakePortal, testDeviceId } from '../testing/fake-portal.ts'
import { newWorld, type World } from '../testing/harness.ts'

let world: World
let portal: FakePortal
let http: HttpServer
let io: Server
let origin = ''
let refuse: { status: number; body: unknown } | null = null
const enrolments: EnrolRequest[] = []
const signal = new AbortController().signal

beforeEach(async () => {
  refuse = null
  enrolments.length = 0
  http = createServer((request, response) => {
    let text = ''
    request.on('data', (piece) => (text += piece))
    request.on('end', () => {
      const { status, body } = answer(request.url ?? '', text)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  portal = fakePortal(origin)
  io = new Server(http, { transports: ['websocket'] })
  io.of('/device').on('connection', (socket) => portal.accept(socket))
  world = newWorld(fakeMachine([infected('/a.exe')]))
})
afterEach(async () => {
  await world.remove()
  await io.close()
})

function answer(url: string, text: string): { status: number; body: unknown } {
  if (refuse && !url.endsWith('/salt')) return refuse
  if (url.endsWith('/salt')) return { status: 200, body: { salt: Buffer.alloc(16, 7).toString('base64') } }
  if (url.endsWith('/create')) return { status: 200, body: {} }
  const request = EnrolRequest.parse(JSON.parse(text))
  enrolments.push(request)
  portal.publicKey = request.publicKey
  portal.name = request.name
  return {
    status: 200,
    body: { deviceId: testDeviceId, name: request.name, account: request.email, portalTime: new Date().toISOString() },
  }
}

const boot = () => world.boot({ ports: { portalUrl: origin, connectSocket } })
const credentials = { email: 'anna@example.com', password: 'Correct-Horse-7' }
const signedIn = async () => {
  const app = await boot()
  await app.client.handlers['account.signIn'](credentials, undefined, signal)
  await eventually(() => app.client.state().cloud.value.link === 'online', 'online')
  return app
}

it('signs in, connects with its key, and never stores the password', async () => {
  const { client } = await signedIn()
  expect(client.state().account.value).toMatchObject({
    status: 'connected',
    email: 'anna@example.com',
    deviceName: 'desk',
    deviceId: testDeviceId,
  })
  expect(enrolments[0]).toMatchObject({ portalOrigin: origin, name: 'desk' })
  const everything = ['account.json', 'outbox.jsonl', 'history.jsonl']
    .map((name) => readFileSync(path.join(world.dataDir, name), 'utf8'))
    .join('')
  expect(everything + JSON.stringify([...world.secrets.values]) + JSON.stringify(client.state())).not.toContain(
    credentials.password,
  )
  await eventually(() => portal.states.length > 0, 'state reported')
  expect(portal.states[0]).toMatchObject({ facts: { os: 'Debian 12', appVersion: '0.1.0' } })
})

it.each([
  [401, { code: 'wrong-credentials' }, 'wrong-credentials'],
  [403, { code: 'not-activated' }, 'not-activated'],
  [429, { code: 'slow-down', detail: '4000' }, 'slow-down'],
  [429, { code: 'too-many-requests' }, 'slow-down'],
  [500, { code: 'internal' }, 'portal-error'],
  [502, '<html>', 'portal-error'],
  [200, { nonsense: true }, 'portal-error'],
])('says why it cannot sign in: %i %j', async (status, body, code) => {
  refuse = { status, body }
  const { client } = await boot()
  await expect(client.handlers['account.signIn'](credentials, undefined, signal)).rejects.toMatchObject({ code })
  expect(client.state().account.value).toEqual({ status: 'signed-out' })
})

it('tells no portal from a portal that refuses, and a store of secrets that cannot be used', async () => {
  const { client } = await world.boot({ ports: { portalUrl: 'http://127.0.0.1:9' } })
  await expect(client.handlers['account.signIn'](credentials, undefined, signal)).rejects.toMatchObject({
    code: 'portal-unreachable',
  })
  const insecure = await world.boot({ ports: { portalUrl: 'http://portal.example.com' } })
  await expect(insecure.client.handlers['account.signIn'](credentials, undefined, signal)).rejects.toMatchObject({
    code: 'forbidden',
  })
  const other = await boot()
  world.secrets.broken = true
  await expect(other.client.handlers['account.signIn'](credentials, undefined, signal)).rejects.toMatchObject({
    code: 'secrets-unavailable',
  })
})

it('asks for an account', async () => {
  const { client } = await boot()
  expect(await client.handlers['account.create']({ email: 'new@example.com' }, undefined, signal)).toHaveProperty(
    'sentAt',
  )
})

it('resumes after a restart without a password', async () => {
  const first = await signedIn()
  await first.cut()
  const { client } = await boot()
  await eventually(() => client.state().cloud.value.link === 'online', 'online again')
  expect(enrolments).toHaveLength(1)
})

it('disconnects: remote control stops, local state and the key stay, and connecting again uses the same key', async () => {
  const { client } = await signedIn()
  world.machine.autoFinish = false
  portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
  await eventually(() => client.state().scan.value.running !== null, 'remote scan')
  await client.handlers['account.disconnect']({}, undefined, signal)
  expect(portal.left).toBe(1)
  expect(portal.finals).toMatchObject([{ status: 'cancelled', result: { stoppedBy: 'device' } }])
  expect(client.state().scan.value.running).toBeNull()
  expect(client.state().account.value).toEqual({ status: 'signed-out' })
  expect(client.state().cloud.value).toMatchObject({ link: 'off', outboxWaiting: 0 })
  expect(client.state().detections.value.total).toBe(1)
  const before = portal.items.length
  await client.handlers['account.signIn'](credentials, undefined, signal)
  await eventually(() => portal.items.length > before, 'told anew')
  expect(enrolments[1]?.publicKey).toBe(enrolments[0]?.publicKey)
  expect(enrolments[1]?.installationId).toBe(enrolments[0]?.installationId)
})

it.each(['device-removed', 'password-reset', 'cloned-device', 'account-deleted'] as const)(
  'ended by the portal: %s',
  async (reason) => {
    const first = await signedIn()
    portal.end(reason)
    await eventually(() => first.client.state().account.value.status === 'disconnected', 'disconnected')
    expect(first.client.state().account.value).toMatchObject({ reason, email: 'anna@example.com' })
    expect(first.client.state().cloud.value.link).toBe('off')
    await first.cut()
    const { client } = await boot()
    expect(client.state().account.value).toMatchObject({ status: 'disconnected', reason })
  },
)

it('says since when it is not connected, tries again, and takes names both ways', async () => {
  const { client } = await signedIn()
  portal.peer?.close()
  await eventually(() => client.state().cloud.value.link === 'waiting', 'waiting')
  expect(client.state().cloud.value.offlineSince).not.toBeNull()
  await expect(client.handlers['account.rename']({ name: 'x' }, undefined, signal)).rejects.toMatchObject({
    code: 'portal-unreachable',
  })
  portal.name = 'Renamed there'
  await client.handlers['cloud.retry']({}, undefined, signal)
  await eventually(
    () => client.state().account.value.status === 'connected' && client.state().cloud.value.link === 'online',
  )
  await eventually(() => JSON.stringify(client.state().account.value).includes('Renamed there'))
  await client.handlers['account.rename']({ name: 'Named here' }, undefined, signal)
  expect(portal.name).toBe('Named here')
  await portal.client?.call('device.renamed', { name: 'And back' })
  expect(client.state().account.value).toMatchObject({ deviceName: 'And back' })
})

it('is "update needed" when the portal speaks another protocol', async () => {
  const { client } = await boot()
  portal.protocol = 2
  await client.handlers['account.signIn'](credentials, undefined, signal)
  await eventually(() => client.state().cloud.value.link === 'update-needed')
  expect(client.state().cloud.value.lastError).toBe('update-needed')
})

it('tells everything to an account that it is signed in to while the end of the one before is still being settled', async () => {
  const { client } = await signedIn()
  // A scan from the portal that takes its time to stop.
  world.machine.autoFinish = false
  portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
  await eventually(() => client.state().scan.value.running?.status === 'running', 'running')
  let finish: () => void = () => undefined
  const { finishScan } = world.machine
  world.machine.finishScan = (...given) => {
    finish = () => finishScan(...given)
  }
  portal.end('device-removed')
  await eventually(() => client.state().scan.value.running?.status === 'stopping', 'stopping')
  await client.handlers['account.signIn'](credentials, undefined, signal)
  await eventually(() => client.state().cloud.value.link === 'online', 'online again')
  finish()
  await eventually(() => client.state().scan.value.running === null, 'stopped')
  const act = portal.plan({ kind: 'problem.ignore', args: { key: 'databases-seed', ignored: true } })
  await eventually(() => portal.finals.some(({ id }) => id === act.id), 'told')
})
