// Each protection of the HTTP interface, attacked.
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountApi, deviceApi } from '#shared/cloud-protocol/http-api.ts'
import { sampleDetection } from '#shared/testing/detections.ts'
import { newProof, openBrowser } from '../testing/browser.ts'
import { eventually } from '../testing/eventually.ts'
import { item } from '../testing/samples.ts'
import { startPortal, type TestPortal, temporaryFolder } from '../testing/test-portal.ts'
import { type Owner, startWorld, type World } from '../testing/world.ts'

let world: World
let owner: Owner
beforeAll(async () => {
  world = await startWorld()
  owner = await world.owner()
})
afterAll(() => world.close())

/** A valid body for every route that has one. */
const bodies: Readonly<Record<string, () => unknown>> = {
  rename: () => ({ name: 'Mine now' }),
  command: () => ({ id: randomUUID(), body: { kind: 'scan.start', args: { type: 'quick' } } }),
  actOnGroup: () => ({ id: randomUUID(), action: 'process' }),
}
const deviceRoutes = Object.entries(deviceApi).filter(([, route]) => 'params' in route)

describe('another account’s ids', () => {
  test('are not found on any route, and nothing changes', async () => {
    const device = await world.device(owner)
    const link = await world.connect(device)
    const detection = sampleDetection()
    await link.portal.call('outbox.push', { epoch: randomUUID(), items: [item(1, { kind: 'detection', detection })] })
    link.close()
    const other = await world.device(owner)
    const { command } = (await owner.page.post(`/api/devices/${other.deviceId}/commands`, bodies.command?.())).body
    const stranger = await world.owner()
    expect(deviceRoutes).toHaveLength(9)
    for (const [name, route] of deviceRoutes) {
      const deviceId = name === 'cancel' ? other.deviceId : device.deviceId
      const url = route.path
        .replace(':deviceId', deviceId)
        .replace(':commandId', command.id)
        .replace(':detectionId', detection.id)
      const reply = await stranger.page.send(route.method, url, bodies[name]?.())
      expect([name, reply.status, reply.body]).toEqual([name, 404, { code: 'not-found' }])
      const none = await stranger.page.send(route.method, url.replace(deviceId, randomUUID()), bodies[name]?.())
      expect([name, none.body]).toEqual([name, reply.body])
      expect((await openBrowser(world.url).send(route.method, url, bodies[name]?.())).body).toEqual({
        code: 'unauthenticated',
      })
    }
    expect((await stranger.page.get('/api/devices')).body.devices).toEqual([])
    const kept = (await owner.page.get(`/api/devices/${other.deviceId}/commands`)).body.commands
    expect(kept).toMatchObject([{ status: 'planned' }])
    // The same id may be used for an own device: it is another command.
    const own = await world.device(stranger)
    const same = await stranger.page.post(`/api/devices/${own.deviceId}/commands`, {
      id: command.id,
      body: command.body,
    })
    expect(same.body.command.deviceId).toBe(own.deviceId)
    const mixed = `/api/devices/${device.deviceId}/commands/${command.id}/cancel`
    expect((await owner.page.post(mixed)).body.code).toBe('not-found')
  })
})

describe('sessions', () => {
  test('cookies are HttpOnly and SameSite=Strict, and Secure once the portal is public', async () => {
    const reply = await openBrowser(world.url).signIn(owner.email, owner.proof)
    for (const line of reply.headers.getSetCookie()) {
      expect(line).toContain('HttpOnly')
      expect(line).toContain('SameSite=Strict')
    }
    const { portal, close } = await publicPortal()
    const headers = { host: 'my.example.com', 'x-forwarded-proto': 'https' }
    const salt = await portal.http.inject({
      method: 'POST',
      url: '/api/account/salt',
      payload: { email: 'a@example.com' },
      headers,
    })
    expect(salt.statusCode).toBe(200)
    expect(salt.headers['strict-transport-security']).toContain('max-age')
    const { sessionCookie } = await import('./session-cookie.ts')
    expect(sessionCookie('https://my.example.com')).toEqual({ name: '__Host-session', secure: true })
    await close()
  })

  test('every route that changes something needs the CSRF token of this very session', async () => {
    const page = openBrowser(world.url)
    await page.signIn(owner.email, owner.proof)
    const second = openBrowser(world.url)
    await second.signIn(owner.email, owner.proof)
    const id = (await world.device(owner)).deviceId
    const changing = [
      ...deviceRoutes.filter(([, route]) => route.method !== 'GET'),
      ['signOut', accountApi.signOut] as const,
    ]
    expect(changing).toHaveLength(6)
    const right = page.csrf
    for (const csrf of ['', 'nonsense', second.csrf]) {
      page.csrf = csrf
      for (const [name, route] of changing) {
        const url = route.path.replace(':deviceId', id).replace(':commandId', randomUUID())
        expect([name, (await page.send(route.method, url, bodies[name]?.())).body]).toEqual([
          name,
          { code: 'forbidden' },
        ])
      }
    }
    page.csrf = right
    expect((await page.send('DELETE', '/api/session')).status).toBe(200)
    expect((await page.get('/api/session')).body.code).toBe('unauthenticated')
  })
})

describe('requests', () => {
  test('bodies above 64 KB, unknown fields, broken JSON and other content are refused without repeating them', async () => {
    const page = openBrowser(world.url)
    const email = 'secret-address@example.com'
    expect((await page.post('/api/account/salt', { email, filler: 'x'.repeat(70_000) })).body.code).toBe('too-large')
    const unknown = await page.post('/api/account/salt', { email, admin: true })
    expect([unknown.status, unknown.body.code]).toEqual([400, 'bad-request'])
    expect(JSON.stringify(unknown.body)).not.toContain('secret-address')
    expect((await page.send('POST', '/api/account/salt', '{"email"')).body.code).toBe('bad-request')
    expect(
      (await page.send('POST', '/api/account/salt', 'email=x', { 'content-type': 'application/x-www-form-urlencoded' }))
        .status,
    ).toBe(400)
    expect((await page.send('POST', '/api/account/salt', '{"__proto__":{"a":1},"email":"a@example.com"}')).status).toBe(
      400,
    )
    expect((await page.get('/api/nothing')).body).toEqual({ code: 'not-found' })
  })

  test('another site’s page and another site’s name for this computer are refused', async () => {
    const page = openBrowser(world.url)
    const body = { email: 'a@example.com' }
    expect((await page.send('POST', '/api/account/salt', body, { origin: 'https://evil.example' })).body.code).toBe(
      'forbidden',
    )
    expect((await page.send('POST', '/api/account/salt', body, { origin: world.url })).status).toBe(200)
    const rebound = await world.portal.portal.http.inject({ url: '/api/session', headers: { host: 'evil.example' } })
    expect(rebound.statusCode).toBe(403)
  })

  test('too many from one address are refused', async () => {
    const own = await startPortal()
    const page = openBrowser(own.url)
    const replies = await Promise.all(
      Array.from({ length: 130 }, () => page.post('/api/account/salt', { email: 'a@example.com' })),
    )
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(120)
    expect(replies.find((reply) => reply.status !== 200)?.body.code).toBe('too-many-requests')
    await own.close()
  })

  test('plain http is refused for a public portal; only the trusted proxy speaks for others', async () => {
    const { portal, close } = await publicPortal()
    const ask = async (remoteAddress: string, headers: Record<string, string>) =>
      (
        await portal.http.inject({
          url: '/api/session',
          remoteAddress,
          headers: { host: 'my.example.com', ...headers },
        })
      ).statusCode
    expect(await ask('127.0.0.1', { 'x-forwarded-proto': 'https' })).toBe(401)
    expect(await ask('127.0.0.1', { 'x-forwarded-proto': 'http' })).toBe(403)
    expect(await ask('127.0.0.2', {})).toBe(403)
    expect(await ask('203.0.113.7', {})).toBe(403)
    expect(await ask('203.0.113.7', { 'x-forwarded-proto': 'https' })).toBe(403)
    expect(await ask('127.0.0.1', { host: 'evil.example', 'x-forwarded-proto': 'https' })).toBe(403)
    expect((await portal.http.inject({ url: '/healthz', remoteAddress: '203.0.113.7' })).statusCode).toBe(200)
    await close()
  })
})

test('the OpenAPI text has every route', async () => {
  const { paths } = (await openBrowser(world.url).get('/api/openapi.json')).body
  for (const route of [...Object.values(accountApi), ...Object.values(deviceApi)]) {
    const operation = paths[route.path.replace(/:(\w+)/g, '{$1}')]?.[route.method.toLowerCase()]
    expect([route.path, operation?.responses['200'] !== undefined]).toEqual([route.path, true])
  }
})

describe('the web page', () => {
  test('is served for every page address with a fresh nonce and a strict policy; files only from its folder', async () => {
    const { folder, remove } = temporaryFolder()
    mkdirSync(path.join(folder, 'assets'))
    writeFileSync(
      path.join(folder, 'index.html'),
      '<meta name="nonce" content="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style>',
    )
    writeFileSync(path.join(folder, 'assets/app-1a2b.js'), 'export {}')
    writeFileSync(path.join(folder, 'assets/app-1a2b.js.map'), '{}')
    const own = await startPortal({ webRoot: folder })
    const page = openBrowser(own.url)
    const nonces = new Set<string>()
    for (const address of ['/', '/devices', `/devices/${randomUUID()}`, '/password?token=x', '/index.html']) {
      const reply = await page.get(address)
      expect([address, reply.status]).toEqual([address, 200])
      const policy = reply.headers.get('content-security-policy') ?? ''
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
      expect(reply.body).toBe(`<meta name="nonce" content="${nonce}"><style nonce="${nonce}"></style>`)
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toContain('unsafe')
      nonces.add(nonce)
    }
    expect(nonces.size).toBe(5)
    expect((await page.get('/assets/app-1a2b.js')).headers.get('cache-control')).toContain('immutable')
    for (const address of ['/assets/app-1a2b.js.map', '/..%2f..%2fetc/passwd', '/assets/none.js', '/.env']) {
      expect([address, (await page.get(address)).status]).toEqual([address, 404])
    }
    await own.close()
    remove()
  })
})

describe('the outbox page', () => {
  test('needs its token, refuses proxies, and shows the link', async () => {
    const { folder, remove } = temporaryFolder()
    const own = await startPortal({ config: { dataDir: folder } })
    const page = openBrowser(own.url)
    await page.post('/api/account/create', { email: 'ann@example.com' })
    const address = new URL(own.portal.outboxUrl() ?? '')
    const read = async () => (await page.get(address.pathname + address.search)).body
    await eventually(read).toContain(`${own.url}/password?token=`)
    const token = /token=([\w-]{43})"/.exec(await read())?.[1]
    expect((await page.post('/api/account/password', { token, proof: newProof() })).status).toBe(200)
    expect((await page.get('/outbox')).status).toBe(404)
    expect((await page.get('/outbox?token=wrong')).status).toBe(404)
    expect(
      (await page.send('GET', address.pathname + address.search, undefined, { 'x-forwarded-for': '1.2.3.4' })).status,
    ).toBe(404)
    await own.close()
    remove()
    expect(world.portal.portal.outboxUrl()).toBeNull()
  })
})

function publicPortal(): Promise<TestPortal> {
  return startPortal({ config: { publicUrl: 'https://my.example.com', trustedProxies: ['127.0.0.1'] } })
}
