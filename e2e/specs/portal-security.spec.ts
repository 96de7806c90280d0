// Attacks on the portal: from inside its page in a real browser, from another site, and by plain requests.
import { mkdtempSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { accountApi } from '../../shared/cloud-protocol/http-api.ts'
import { AccountPages } from '../pages/portal/account-pages.ts'
import { type ForeignServer, startForeignServer } from '../support/foreign-server.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { attackPage, violatedEverywhere } from '../support/page-attacks.ts'
import { createAccount, post, proofFor } from '../support/portal-account.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { endAll, removeFolder } from '../support/teardown.ts'

const known = { email: 'olga@example.org', password: 'Velvet-Compass-31' }
const unknown = 'nobody@example.org'

let folder: string
let foreign: ForeignServer
let mail: MailServer
let portal: PortalProcess

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portal-security-'))
  foreign = await startForeignServer()
  mail = await startMailServer()
  portal = await startPortal({ dataDir: join(folder, 'portal'), smtpUrl: mail.url })
  await createAccount(portal.url, mail, known)
})

test.afterAll(() =>
  endAll(
    () => portal?.stop(),
    () => mail?.close(),
    () => foreign?.close(),
    () => removeFolder(folder),
  ),
)

const signIn = (page: Page) => new AccountPages(page, portal.url).signIn(known.email, known.password)

test('the attacks do work on a page without a policy', async ({ page }) => {
  await page.goto(`${foreign.url}/own-page`)
  const expected = [
    'HTML with a handler',
    'base address',
    'eval',
    'fetch',
    'inline handler',
    'inline script',
    'inline style',
    'new Function',
    'remote image',
    'remote script',
    'remote style',
    'script address',
    'text as a timer',
  ]
  const { succeeded, violated } = await attackPage(page, foreign.url, { succeeded: expected })
  expect(violated).toEqual([])
  expect([...succeeded].sort()).toEqual([...expected].sort())
  await expect
    .poll(() => foreign.requests)
    .toEqual(expect.arrayContaining(['GET /frame', 'GET /object', 'POST /beacon', 'POST /form', 'UPGRADE /']))
})

test('injected script, markup, frames and connections have no effect on a signed-in page', async ({ page }) => {
  await signIn(page)
  const before = foreign.requests.length
  const expected = [...violatedEverywhere, 'object-src']
  const { succeeded, violated } = await attackPage(page, foreign.url, { violated: expected })
  expect(succeeded).toEqual([])
  expect(violated).toEqual(expect.arrayContaining(expected))
  expect(foreign.requests.slice(before)).toEqual([])
})

test('another site can neither frame the portal nor read from it nor act on it', async ({ page }) => {
  await signIn(page)
  await page.goto(`${foreign.url}/trap`)
  const framed = page.waitForEvent('framenavigated', (frame) => frame.parentFrame() !== null)
  await page.evaluate((portal) => {
    const frame = document.createElement('iframe')
    frame.src = `${portal}/devices`
    document.body.append(frame)
  }, portal.url)
  expect((await framed).url()).toMatch(/^chrome-error:/)
  const read = await page.evaluate(
    (portal) => fetch(`${portal}/api/session`, { credentials: 'include' }).then(({ status }) => status, String),
    portal.url,
  )
  expect(read).toContain('Failed to fetch')
  const acted = page.waitForResponse((response) => response.url().endsWith('/api/account/reset'))
  const mails = mail.received.length
  await page.evaluate(
    ({ portal, email }) => {
      const body = JSON.stringify({ email })
      void fetch(`${portal}/api/account/reset`, { method: 'POST', mode: 'no-cors', body }).catch(() => undefined)
    },
    { portal: portal.url, email: known.email },
  )
  expect((await acted).status()).toBe(403)
  expect(mail.received.length).toBe(mails)
})

test('cookies are HttpOnly and SameSite=Strict, and every answer carries the protective headers', async ({ page }) => {
  await signIn(page)
  const cookies = await page.context().cookies()
  expect(cookies.map(({ name }) => name).sort()).toEqual(['csrf', 'session'])
  for (const { name, httpOnly, sameSite, domain, path } of cookies)
    expect({ name, httpOnly, sameSite, domain, path }).toEqual({
      name,
      httpOnly: true,
      sameSite: 'Strict',
      domain: 'localhost',
      path: '/',
    })
  expect(await page.evaluate(() => document.cookie)).toBe('')
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain('csrf')
  for (const path of ['/', '/api/session', '/api/nothing', '/favicon.svg']) {
    const { headers } = await fetch(new URL(path, portal.url))
    expect([path, headers.get('content-security-policy')]).toEqual([
      path,
      expect.stringContaining("frame-ancestors 'none'"),
    ])
    expect([path, headers.get('x-frame-options')]).toEqual([path, expect.stringMatching(/DENY|SAMEORIGIN/)])
    expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff'])
    expect([path, headers.get('referrer-policy')]).toEqual([path, 'no-referrer'])
  }
})

test('a change without the CSRF token, or with that of another session, is refused', async ({ page, browser }) => {
  await signIn(page)
  const other = await browser.newContext()
  const otherPage = await other.newPage()
  await signIn(otherPage)
  const tokenOf = (of: Page) =>
    of.evaluate(async () => ((await (await fetch('/api/session')).json()) as { csrfToken: string }).csrfToken)
  const signOut = (token: string | null) =>
    page.evaluate(
      async (token) =>
        (await fetch('/api/session', { method: 'DELETE', headers: token === null ? {} : { 'x-csrf-token': token } }))
          .status,
      token,
    )
  expect(await signOut(null)).toBe(403)
  expect(await signOut('nonsense')).toBe(403)
  expect(await signOut(await tokenOf(otherPage))).toBe(403)
  expect(await signOut(await tokenOf(page))).toBe(200)
  await other.close()
})

test('no answer tells a known address from an unknown one', async () => {
  const ask = async (path: string, email: string) => {
    const response = await post(portal.url, path, { email })
    const text = await response.text()
    return {
      status: response.status,
      text: path === accountApi.salt.path ? text.length : text,
      headers: shape(response),
    }
  }
  for (const { path } of [accountApi.create, accountApi.reset, accountApi.salt])
    expect([path, await ask(path, known.email)]).toEqual([path, await ask(path, unknown)])
  const saltOf = async (email: string) => (await post(portal.url, accountApi.salt.path, { email })).text()
  expect(await saltOf(unknown)).toBe(await saltOf(unknown))
  expect(await saltOf(unknown)).not.toBe(await saltOf('nobody-else@example.org'))

  const attempt = async (email: string) => {
    const proof = await proofFor(portal.url, email, 'Wrong-Password-1')
    const response = await post(portal.url, accountApi.signIn.path, { email, proof })
    return { status: response.status, text: await response.text() }
  }
  expect(await attempt(known.email)).toEqual(await attempt(unknown))
})

/** Names of the headers; the numbers of the rate limit count down with every request. */
const shape = ({ headers }: Response) => [...headers.keys()].sort()

test('the outbox page exists only without a mail server, for who has its token, and not through a proxy', async () => {
  expect(portal.output()).not.toContain('Mail outbox')
  expect(await (await fetch(`${portal.url}/outbox`)).text()).not.toContain('Mail outbox')
  const own = await startPortal({ dataDir: join(folder, 'without-mail') })
  try {
    const address = /Mail outbox: (\S+)/.exec(own.output())?.[1] ?? ''
    await post(own.url, accountApi.create.path, { email: unknown })
    await expect.poll(async () => (await fetch(address)).text()).toContain(`${own.url}/password?token=`)
    const refused: [string, Record<string, string>][] = [
      [`${own.url}/outbox`, {}],
      [`${own.url}/outbox?token=${'A'.repeat(32)}`, {}],
      [address, { 'x-forwarded-for': '203.0.113.5' }],
      [address, { forwarded: 'for=203.0.113.5' }],
      [address, { via: '1.1 proxy' }],
    ]
    for (const [url, headers] of refused) {
      const response = await fetch(url, { headers })
      expect([url, headers, response.status]).toEqual([url, headers, 404])
      expect(await response.text()).not.toContain('/password?token=')
    }
    // A name that others can make lead to this computer.
    expect(await statusFor(address, 'evil.example')).toBe(403)
  } finally {
    await own.stop()
  }
})

/** A request that calls the portal by another name, as a page does whose name was made to lead here. */
function statusFor(address: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(address, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}
