// The two ways to an account and a password that begin on the portal: sign-up with an activation link, and a forgotten
// password, whose reset disconnects the computers and says so on them.
import { mkdirSync, mkdtempSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { accountApi } from '../../shared/cloud-protocol/http-api.ts'
import { AccountPages } from '../pages/portal/account-pages.ts'
import { DevicesPage } from '../pages/portal/devices-page.ts'
import { TestComputer } from '../support/app-process.ts'
import { linkIn, type MailServer, startMailServer } from '../support/mail-server.ts'
import { createAccount, post, proofFor } from '../support/portal-account.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'

const deviceName = hostname().slice(0, 63)

let folder: string
let mail: MailServer
let portal: PortalProcess

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'accounts-'))
  mkdirSync(join(folder, 'area'))
  mail = await startMailServer()
  portal = await startPortal({ dataDir: join(folder, 'portal'), smtpUrl: mail.url })
})

test.afterAll(() =>
  endAll(
    () => portal?.stop(),
    () => mail?.close(),
    () => removeFolder(folder),
  ),
)

const signInStatus = async (email: string, password: string) => {
  const proof = await proofFor(portal.url, email, password)
  const response = await post(portal.url, accountApi.signIn.path, { email, proof })
  return [response.status, ((await response.json()) as { code?: string }).code]
}

test('signing up on the portal: no sign-in before the link of the message is used, and it works once', async ({
  page,
}) => {
  const given = { email: 'irina@example.org', password: 'Copper-Meadow-58' }
  const pages = new AccountPages(page, portal.url)
  await pages.signUp(given.email, given.password)
  await screenshot(page, 'portal-sign-up-check-mail')
  const link = linkIn(await mail.waitFor(given.email))
  expect(await signInStatus(given.email, given.password)).toEqual([403, 'not-activated'])
  await pages.activate(link)
  await screenshot(page, 'portal-activated')
  await pages.openUsedLink(link)
  await pages.signIn(given.email, given.password)
})

test('a forgotten password: the reset ends every session and disconnects the computer, which says why', async ({
  page,
}) => {
  const given = { email: 'boris@example.org', password: 'Silent-Orchard-64' }
  const nextPassword = 'Marble-Thunder-19'
  await createAccount(portal.url, mail, given)
  const computer = new TestComputer({
    folder: join(folder, 'computer'),
    portalUrl: portal.url,
    area: join(folder, 'area'),
  })
  try {
    const main = await computer.startApp()
    await computer.signIn(main, given)
    const pages = new AccountPages(page, portal.url)
    await pages.signIn(given.email, given.password)
    await new DevicesPage(page).expectOnline(deviceName)

    const elsewhere = await (await page.context().browser())?.newPage()
    if (!elsewhere) throw new Error('no browser')
    const others = new AccountPages(elsewhere, portal.url)
    const before = mail.received.length
    await others.forgotPassword(given.email)
    await screenshot(elsewhere, 'portal-forgot-password-sent')
    const link = linkIn(await mail.waitFor(given.email, before))
    await elsewhere.goto(link)
    await expect(elsewhere.getByRole('heading', { name: 'Choose a new password' })).toBeVisible()
    await others.choosePassword(given.password)
    await expect(elsewhere.getByRole('alert')).toBeVisible()
    await screenshot(elsewhere, 'portal-reset-recent-password')
    await others.choosePassword(nextPassword)
    await expect(elsewhere.getByRole('heading', { name: 'Password changed' })).toBeVisible()

    await main.open('Profile')
    await expect(main.page.getByText('The password of the account was reset. Sign in with the new one.')).toBeVisible()
    await screenshot(main.page, 'app-profile-password-reset')
    await expect(page.getByText('You were signed out. Sign in again to go on.')).toBeVisible()
    await screenshot(page, 'portal-signed-out')
    expect(await signInStatus(given.email, given.password)).toEqual([401, 'wrong-credentials'])
    expect(await signInStatus(given.email, nextPassword)).toEqual([200, undefined])
    await elsewhere.close()
  } finally {
    await computer.quit()
  }
})
