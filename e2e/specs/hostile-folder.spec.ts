// A remote scan of a folder that was made to break it: it ends, says what was not scanned and why, and shows every name as
// text on both sides.
import { existsSync, mkdirSync, mkdtempSync, statSync } from 'node:fs'
import type { Server } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import type { MainWindow } from '../pages/app/main-window.ts'
import { AccountPages } from '../pages/portal/account-pages.ts'
import { DevicePage } from '../pages/portal/device-page.ts'
import { DevicesPage } from '../pages/portal/devices-page.ts'
import { TestComputer } from '../support/app-process.ts'
import { writeGzipBomb } from '../support/bomb.ts'
import { appState } from '../support/bridge.ts'
import { hostileNames, longestName, makeHostileFolder, specialNames } from '../support/hostile-folder.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { createAccount } from '../support/portal-account.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'

test.describe.configure({ mode: 'serial' })

const credentials = { email: 'nina@example.org', password: 'Hollow-Granite-83' }
const deviceName = hostname().slice(0, 63)

let folder: string
let area: string
let mail: MailServer
let portal: PortalProcess
let computer: TestComputer
let main: MainWindow
let web: Page
let socket: Server

test.beforeAll(async ({ browser }) => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'))
  area = join(folder, 'area')
  socket = await makeHostileFolder(area)
  mail = await startMailServer()
  portal = await startPortal({ dataDir: join(folder, 'portal'), smtpUrl: mail.url })
  await createAccount(portal.url, mail, credentials)
  computer = new TestComputer({ folder: join(folder, 'computer'), portalUrl: portal.url, area })
  main = await computer.startApp()
  await computer.signIn(main, credentials)
  web = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage()
  web.on('dialog', (dialog) => void dialog.dismiss().then(() => Promise.reject(new Error('a name became script'))))
  await new AccountPages(web, portal.url).signIn(credentials.email, credentials.password)
  await new DevicesPage(web).open(deviceName)
})

test.afterAll(() =>
  endAll(
    () => computer?.quit(),
    () => portal?.stop(),
    () => mail?.close(),
    () => socket?.close(),
    () => removeFolder(folder),
  ),
)

test('the scan is done, hostile names are shown escaped on the portal, and what is no file is left alone', async () => {
  const device = new DevicePage(web)
  await device.scanFolder(area)
  await device.expectEnded(/found/)
  await device.expectSteps('Planned', 'Delivered', 'Running', 'Done')
  expect(existsSync(join(area, longestName))).toBe(false)
  await device.openObjects()
  for (const { shown } of hostileNames) await expect(device.objectRow(shown)).toHaveCount(1)
  await screenshot(web, 'portal-hostile-names')
  await device.showTreated()
  await expect(device.objectRow('nnnnnnnnnn')).toContainText('Deleted, copy kept')
  for (const name of specialNames) expect(statSync(join(area, name)).isFile()).toBe(false)
})

test('the app shows the same names, and lists what was not scanned with its reason', async () => {
  await main.open('Detected objects')
  for (const { shown } of hostileNames) await expect(main.objectRow(shown)).toHaveCount(1)
  await screenshot(main.page, 'app-hostile-names')
  const { notScanned, last } = (await appState(main.page)).scan.value
  expect(last?.outcome).toBe('completed')
  expect(notScanned.map(({ path, reason }) => [path, reason]).sort()).toEqual(
    specialNames.map((name) => [join(area, name), 'special-file']),
  )
  await main.open('Security')
  await expect(main.page.getByText(join(area, 'pipe'))).toBeVisible()
  await screenshot(main.page, 'app-special-files')
})

test('every object with a hostile name can be treated from the portal', async () => {
  const device = new DevicePage(web)
  await device.openOverview()
  await device.openObjects()
  for (const { bytes, shown } of hostileNames) {
    await device
      .objectRow(shown)
      .getByRole('button', { name: /^(Delete|Disinfect) / })
      .click()
    await expect(device.objectRow(shown)).toHaveCount(0)
    expect([shown, existsSync(Buffer.concat([Buffer.from(`${area}/`), bytes]))]).toEqual([shown, false])
  }
})

test('a gigabyte in a megabyte ends as scanned in part, with the reason, in seconds', async () => {
  const bombs = join(folder, 'bombs')
  mkdirSync(bombs)
  await writeGzipBomb(join(bombs, 'zeros.gz'))
  const device = new DevicePage(web)
  await device.openOverview()
  await device.scanFolder(bombs)
  await device.expectEnded(/nothing found, 1 scanned in part/)
  const { last } = (await appState(main.page)).scan.value
  expect(Date.parse(last?.finishedAt ?? '') - Date.parse(last?.startedAt ?? '')).toBeLessThan(30_000)
  await main.open('Security')
  await expect(main.page.getByText(join(bombs, 'zeros.gz'))).toBeVisible()
  await expect(main.page.getByText('Scanned in part: unpacks to too much data')).toBeVisible()
  await screenshot(main.page, 'app-archive-bomb')
})
