// What a scan leaves that asks the person at the computer and gets no answer: a group on the portal, single objects in the app. And
// what can be done with an object of which only a copy was made.
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { ObjectAlertPage } from '../pages/app/alert-windows.ts'
import type { MainWindow } from '../pages/app/main-window.ts'
import { AccountPages } from '../pages/portal/account-pages.ts'
import { DevicePage } from '../pages/portal/device-page.ts'
import { DevicesPage } from '../pages/portal/devices-page.ts'
import { TestComputer } from '../support/app-process.ts'
import { appState } from '../support/bridge.ts'
import { startMailServer } from '../support/mail-server.ts'
import { createAccount } from '../support/portal-account.ts'
import { startPortal } from '../support/portal-process.ts'
import { writeSuspicious } from '../support/samples.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'

const credentials = { email: 'greta@example.org', password: 'Winter-Lantern-61' }
const objectTitle = 'Object detected'

let folder: string
let area: string
let computer: TestComputer
let main: MainWindow

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ask-user-'))
  area = join(folder, 'area')
  mkdirSync(area)
})

test.afterEach(() =>
  endAll(
    () => computer?.quit(),
    () => removeFolder(folder),
  ),
)

async function start(portalUrl: string, settings: Record<string, unknown>): Promise<void> {
  computer = new TestComputer({ folder: join(folder, 'computer'), portalUrl, area, settings })
  main = await computer.startApp()
}

const unprocessed = async () => (await appState(main.page)).detections.value.unprocessed

test('a local scan that asks about 11 objects and is not answered: a group on the portal, and a list as soon as one was deleted in the app (61)', async ({
  browser,
}) => {
  const names = Array.from({ length: 11 }, (_, n) => `suspect-${n + 1}.js`)
  for (const name of names) writeSuspicious(join(area, name))
  const mail = await startMailServer()
  const portal = await startPortal({ dataDir: join(folder, 'portal'), smtpUrl: mail.url })
  try {
    await createAccount(portal.url, mail, credentials)
    await start(portal.url, { treatment: { automatic: false } })
    await computer.signIn(main, credentials)

    await main.runQuickScan()
    const alert = new ObjectAlertPage(await computer.windowCalled(objectTitle))
    await expect(alert.position).toHaveText('1 of 11')
    await expect(alert.dialog).toHaveAccessibleDescription(/suspect-\d+\.js.*Medium/)
    await alert.leave(() => computer.closeWindow(objectTitle))
    expect(await unprocessed()).toBe(11)

    const web = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage()
    await new AccountPages(web, portal.url).signIn(credentials.email, credentials.password)
    await new DevicesPage(web).open(hostname().slice(0, 63))
    const device = new DevicePage(web)
    await device.openObjects()
    await expect(device.groupSentence).toHaveText(/^11 objects found/)
    for (const name of names) await expect(web.getByText(name)).toHaveCount(0)
    await screenshot(web, 'portal-local-scan-group')

    await main.open('Detected objects')
    for (const name of names) await expect(main.objectRow(name)).toContainText('Found')
    expect(await device.answerToAct('delete', await main.idOf('suspect-3.js'))).toBe('grouped-objects')
    expect(existsSync(join(area, 'suspect-3.js'))).toBe(true)

    await main.actOn('suspect-1.js', 'Delete')
    await expect.poll(() => existsSync(join(area, 'suspect-1.js'))).toBe(false)
    await expect(device.groupSentence).toHaveCount(0)
    for (const name of names.slice(1)) await expect(device.objectRow(name)).toBeVisible()
    await expect(device.objectRow('suspect-1.js')).toHaveCount(0)
    expect(await unprocessed()).toBe(10)
    await screenshot(web, 'portal-local-scan-list')

    expect(await device.answerToAct('delete', await main.idOf('suspect-3.js'))).toBe('ok')
    await expect.poll(() => existsSync(join(area, 'suspect-3.js'))).toBe(false)
  } finally {
    await endAll(
      () => portal.stop(),
      () => mail.close(),
    )
  }
})

for (const theme of ['light', 'dark'] as const) {
  test(`an object of which only a copy was made can still be deleted, and the menu of a row gives the keyboard back (${theme})`, async () => {
    writeSuspicious(join(area, 'suspect-1.js'))
    writeSuspicious(join(area, 'suspect-2.js'))
    await start('http://localhost:9', { theme })
    await main.runQuickScan()
    expect(await unprocessed()).toBe(2)
    await main.open('Detected objects')
    for (const name of ['suspect-1.js', 'suspect-2.js']) await expect(main.objectRow(name)).toBeVisible()
    // In the smallest window as well.
    for (const width of [880, 1040]) {
      await computer.electron.evaluate(
        ({ BrowserWindow }, wide) => BrowserWindow.getAllWindows()[0]?.setContentSize(wide, 700),
        width,
      )
      await expect.poll(() => main.page.evaluate(() => innerWidth)).toBe(width)
      expect(await main.isPlaceholderWhole()).toBe(true)
      await screenshot(main.page, `app-search-${width}-${theme}`)
    }
    const menu = main.menuOf('suspect-1.js')
    const { keyboard } = main.page
    await menu.focus()
    await keyboard.press('Enter')
    await expect(main.page.getByRole('menu').locator(':focus')).toHaveCount(1)
    await keyboard.press('ArrowDown')
    await expect(main.menuItem('Disinfect')).toBeFocused()
    await keyboard.press('ArrowDown')
    await expect(main.menuItem('Delete')).toBeFocused()
    await screenshot(main.page, `app-row-menu-${theme}`)
    await keyboard.press('Escape')
    await expect(menu).toBeFocused()
    await expect(main.menuItem('Delete')).toHaveCount(0)
    await keyboard.press('Enter')
    await expect(main.menuItem('Disinfect')).toBeVisible()
    await main.page.getByRole('searchbox', { name: 'Search' }).click()
    await expect(main.menuItem('Disinfect')).toHaveCount(0)
    await expect(main.page.getByRole('searchbox', { name: 'Search' })).toBeFocused()

    await menu.focus()
    await keyboard.press('Enter')
    await main.menuItem('Copy to quarantine').press('Enter')
    await expect(menu).toBeFocused()
    await expect(main.objectRow('suspect-1.js')).toContainText('Copied, original left')
    expect(existsSync(join(area, 'suspect-1.js'))).toBe(true)
    await main.openDetails('suspect-1.js')
    await screenshot(main.page, `app-copied-${theme}`)
    await main.hideDetails('suspect-1.js')
    await main.actOn('suspect-1.js', 'Delete')
    await expect(main.objectRow('suspect-1.js')).toContainText('Deleted, copy kept')
    expect(existsSync(join(area, 'suspect-1.js'))).toBe(false)
  })
}
