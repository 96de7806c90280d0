// The account walks with real mail over a real SMTP server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newProof, openBrowser } from '../testing/browser.ts'
import { eventually } from '../testing/eventually.ts'
import { tokenIn } from '../testing/mail-server.ts'
import { startWorld, type World } from '../testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const day = 24 * 3_600_000

describe('creating an account by mail', () => {
  test('a new address gets one link, sets a password with it once, and signs in', async () => {
    const email = 'new@example.com'
    const page = openBrowser(world.url)
    expect((await page.post('/api/account/create', { email: 'New@Example.com' })).body).toEqual({})
    const mail = await world.mail.next(email)
    expect(mail.text).toContain(`${world.url}/password?token=`)
    const token = tokenIn(mail)
    const salt = (await page.post('/api/account/salt', { email })).body.salt
    expect((await page.post('/api/account/link', { token })).body).toEqual({ purpose: 'create', email, salt })
    const proof = newProof()
    expect((await page.post('/api/account/password', { token, proof })).status).toBe(200)
    expect((await page.post('/api/account/password', { token, proof })).body.code).toBe('link-used')
    expect((await page.post('/api/account/link', { token })).body.code).toBe('link-used')
    const reply = await page.signIn(email, proof)
    expect(reply.body.account.email).toBe(email)
    expect((await page.get('/api/session')).body.account.email).toBe(email)
  })

  test('a link expires after 24 hours and can be sent again', async () => {
    const email = 'late@example.com'
    const page = openBrowser(world.url)
    await page.post('/api/account/create', { email })
    const token = tokenIn(await world.mail.next(email))
    await world.clock.advance(day + 1000)
    expect((await page.post('/api/account/password', { token, proof: newProof() })).body.code).toBe('link-expired')
    expect((await page.post('/api/account/resend', { token })).body).toEqual({})
    const again = tokenIn(await world.mail.next(email))
    expect((await page.post('/api/account/password', { token: again, proof: newProof() })).status).toBe(200)
    expect((await page.post('/api/account/link', { token: 'x'.repeat(43) })).body.code).toBe('link-unknown')
  })

  test('a registered address makes no second account; only the mail says so', async () => {
    const { email, proof } = await world.owner()
    const page = openBrowser(world.url)
    const known = await page.post('/api/account/create', { email })
    const unknown = await page.post('/api/account/create', { email: 'nobody-yet@example.com' })
    expect([known.status, known.body]).toEqual([unknown.status, unknown.body])
    const mail = await world.mail.next(email)
    expect(mail.subject).toContain('already have')
    expect(mail.text).not.toContain('token=')
    expect((await page.signIn(email, proof)).status).toBe(200)
  })

  test('two links of one address: the second one finds the account made', async () => {
    const email = 'twice@example.com'
    const page = openBrowser(world.url)
    await page.post('/api/account/create', { email })
    await page.post('/api/account/create', { email })
    const tokens = [tokenIn(await world.mail.next(email)), tokenIn(await world.mail.next(email))]
    const both = await Promise.all(
      tokens.map((token) => page.post('/api/account/password', { token, proof: newProof() })),
    )
    expect(both.map((reply) => reply.status).sort()).toEqual([200, 410])
  })
})

describe('signing up on the portal', () => {
  test('no sign-in before activation, and only a right proof is told so', async () => {
    const email = 'signup@example.com'
    const page = openBrowser(world.url)
    const { salt } = (await page.post('/api/account/salt', { email })).body
    const proof = newProof()
    expect(
      (await page.post('/api/account/sign-up', { email, salt: Buffer.alloc(16).toString('base64'), proof })).body.code,
    ).toBe('bad-request')
    expect((await page.post('/api/account/sign-up', { email, salt, proof })).body).toEqual({})
    const token = tokenIn(await world.mail.next(email))
    expect((await page.signIn(email, newProof())).body).toEqual({ code: 'wrong-credentials' })
    expect((await page.signIn(email, proof)).body).toEqual({ code: 'not-activated' })
    expect((await page.post('/api/account/link', { token })).body.purpose).toBe('activate')
    expect((await page.post('/api/account/password', { token, proof })).body.code).toBe('link-unknown')
    expect((await page.post('/api/account/activate', { token })).status).toBe(200)
    expect((await page.signIn(email, proof)).status).toBe(200)
    expect((await page.post('/api/account/activate', { token })).body.code).toBe('link-used')
  })
})

describe('resetting a password', () => {
  test('the answer is the same for unknown addresses, and nothing is sent to them', async () => {
    const { email } = await world.owner()
    const page = openBrowser(world.url)
    const known = await page.post('/api/account/reset', { email })
    const unknown = await page.post('/api/account/reset', { email: 'stranger@example.com' })
    expect([known.status, known.body]).toEqual([unknown.status, unknown.body])
    await world.mail.next(email)
    expect(world.mail.received.some((mail) => JSON.stringify(mail.to).includes('stranger@'))).toBe(false)
  })

  test('ends every session, refuses the passwords before, and keeps the salt', async () => {
    const owner = await world.owner()
    const page = openBrowser(world.url)
    const salt = (await page.post('/api/account/salt', { email: owner.email })).body.salt
    const live = await owner.page.listen()
    await page.post('/api/account/reset', { email: owner.email })
    const token = tokenIn(await world.mail.next(owner.email))
    expect((await page.post('/api/account/password', { token, proof: owner.proof })).body).toEqual({
      code: 'weak-password',
      detail: 'recent',
    })
    const proof = newProof()
    expect((await page.post('/api/account/password', { token, proof })).status).toBe(200)
    expect((await owner.page.get('/api/session')).body.code).toBe('unauthenticated')
    await eventually(() => live.events.map((event) => event.name)).toContain('session.ended')
    expect((await page.signIn(owner.email, owner.proof)).body.code).toBe('wrong-credentials')
    expect((await page.signIn(owner.email, proof)).status).toBe(200)
    expect((await page.post('/api/account/salt', { email: owner.email })).body.salt).toBe(salt)
  })
})

describe('what a stranger can learn', () => {
  test('the salt of an address never changes: unknown, asked for, registered', async () => {
    const email = 'salty@example.com'
    const page = openBrowser(world.url)
    const ask = async () => (await page.post('/api/account/salt', { email })).body.salt
    const before = await ask()
    await world.owner(email)
    expect(await ask()).toBe(before)
    expect((await page.post('/api/account/salt', { email: 'other@example.com' })).body.salt).not.toBe(before)
  })

  test('a sign-up that waits makes a registered address answer like an unregistered one', async () => {
    const { email, proof: own } = await world.owner()
    const page = openBrowser(world.url)
    const answers = async (address: string) => {
      const proof = newProof()
      const { salt } = (await page.post('/api/account/salt', { email: address })).body
      await page.post('/api/account/sign-up', { email: address, salt, proof })
      const replies = [await page.signIn(address, proof), await page.signIn(address, newProof())]
      return replies.map(({ status, body }) => [status, body])
    }
    const registered = await answers(email)
    expect(registered).toEqual(await answers('free@example.com'))
    expect(registered).toEqual([
      [403, { code: 'not-activated' }],
      [401, { code: 'wrong-credentials' }],
    ])
    expect((await page.signIn(email, own)).status).toBe(200)
    await world.clock.advance(3_600_000)
  })

  test('unknown address and wrong proof answer alike and take about as long', async () => {
    const { email } = await world.owner()
    const page = openBrowser(world.url)
    const timed = async (address: string) => {
      const started = performance.now()
      const reply = await page.post('/api/session', { email: address, proof: newProof() })
      return { reply: [reply.status, reply.body], ms: performance.now() - started }
    }
    await timed('warm@example.com')
    const known = [await timed(email), await timed(email)]
    const unknown = [await timed('un1@example.com'), await timed('un1@example.com')]
    expect(known[0]?.reply).toEqual(unknown[0]?.reply)
    expect(known[0]?.reply).toEqual([401, { code: 'wrong-credentials' }])
    const fastest = (runs: typeof known) => Math.min(...runs.map((run) => run.ms))
    const ratio = fastest(known) / fastest(unknown)
    expect(ratio).toBeGreaterThan(0.4)
    expect(ratio).toBeLessThan(2.5)
  })
})

describe('slow-down', () => {
  test.each([['known'], ['unknown']])(
    'after 3 wrong proofs a %s address has to wait longer and longer',
    async (kind) => {
      const known = kind === 'known' ? await world.owner() : undefined
      const email = known?.email ?? 'guessed@example.com'
      await world.clock.advance(3_600_000)
      const page = openBrowser(world.url)
      const attempt = async () => (await page.post('/api/session', { email, proof: newProof() })).body
      for (let count = 0; count < 3; count += 1) expect((await attempt()).code).toBe('wrong-credentials')
      const first = await attempt()
      expect(first.code).toBe('slow-down')
      await world.clock.advance(Number(first.detail))
      expect((await attempt()).code).toBe('wrong-credentials')
      const second = await attempt()
      expect(Number(second.detail)).toBeGreaterThan(Number(first.detail))
      await world.clock.advance(Number(second.detail))
      if (known) expect((await page.signIn(email, known.proof)).status).toBe(200)
    },
  )

  test('one network address that guesses at many accounts is slowed down too, also when all come at once', async () => {
    await world.clock.advance(3_600_000)
    const page = openBrowser(world.url)
    const guesses = Array.from({ length: 20 }, (_, index) =>
      page.post('/api/session', { email: `victim${index}@example.com`, proof: newProof() }),
    )
    const codes = (await Promise.all(guesses)).map((reply) => reply.body.code)
    expect(codes.filter((code) => code === 'wrong-credentials')).toHaveLength(10)
    await world.clock.advance(3_600_000)
  })
})
