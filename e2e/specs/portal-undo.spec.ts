// What the portal did to objects is undone from its toast: what is still detected is asked about, and what cannot go back to its place
// leads to the app on the computer.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { AccountPages } from '../pages/portal/account-pages.ts'
import { DevicePage } from '../pages/portal/device-page.ts'
import { DevicesPage } from '../pages/portal/devices-page.ts'
import { closeToast, holdToast } from '../pages/toasts.ts'
import { TestComputer } from '../support/app-process.ts'
import { appState } from '../support/bridge.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { createAccount } from '../support/portal-account.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { writeSuspicious } from '../support/samples.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'

const credentials = { email: 'peggy@example.org', password: 'Summer-Gallery-27' }

let folder: string
let area: string
let mail: MailServer
let portal: PortalProcess
let computer: TestComputer

test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'undo-'))
  area = join(folder, 'area')
  mkdirSync(area)
  mail = await startMailServer()
  portal = await startPortal({ dataDir: join(folder, 'portal'), smtpUrl: mail.url })
  await createAccount(portal.url, mail, credentials)
})

test.afterEach(() =>
  endAll(
    () => computer?.quit(),
    () => portal?.stop(),
    () => mail?.close(),
    () => removeFolder(folder),
  ),
)

for (const theme of ['light', 'dark'] as const) {
  test(`brings back what is still detected only with an exclusion, and replaces nothing (${theme})`, async ({
    browser,
  }) => {
    const [a, b, copied] = ['tool-a.js', 'tool-b.js', 'copied.js'].map((name) => join(area, name)) as [
      string,
      string,
      string,
    ]
    for (const file of [a, b, copied]) writeSuspicious(file)
    const before = readFileSync(a)
    computer = new TestComputer({ folder: join(folder, 'computer'), portalUrl: portal.url, area })
    const main = await computer.startApp()
    await computer.signIn(main, credentials)
    await main.runQuickScan()
    expect((await appState(main.page)).detections.value.unprocessed).toBe(3)

    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: theme })
    const web = await context.newPage()
    await new AccountPages(web, portal.url).signIn(credentials.email, credentials.password)
    await new DevicesPage(web).open(hostname().slice(0, 63))
    const device = new DevicePage(web)
    await device.openObjects()
    for (const name of ['tool-a.js', 'tool-b.js', 'copied.js']) await expect(device.objectRow(name)).toBeVisible()
    await device.chooseAct('copied.js', 'Copy to quarantine')
    await expect(device.toast('1 object copied to Quarantine')).toBeVisible()
    // What is listed is processed: the list has to know of the copy too.
    await expect(device.objectRow('copied.js')).toHaveCount(0)
    await device.processAll()
    const processed = device.toast('2 objects processed')
    await expect(processed).toContainText('Copies are in Quarantine.')
    await holdToast(processed)
    await screenshot(web, `portal-undo-toast-${theme}`)
    await processed.getByRole('button', { name: 'Undo' }).click()

    const refused = device.toast('2 objects not restored')
    await expect(refused).toContainText('Reason: still detected.')
    await screenshot(web, `portal-undo-still-detected-${theme}`)
    expect([existsSync(a), existsSync(b)]).toEqual([false, false])
    writeFileSync(b, 'mine')
    await refused.getByRole('button', { name: 'Restore and add to exclusions' }).click()
    const question = web.getByRole('dialog')
    await expect(question).toContainText('Restore 2 objects and add them to the exclusions?')
    await screenshot(web, `portal-undo-question-${theme}`)
    expect(await device.answerQuestion('Restore and exclude')).toContain('add them to the exclusions')

    const taken = device.toast('1 object not restored')
    await expect(taken).toContainText('1 object restored. Reason: a file with this name exists. Restore it in the app')
    await screenshot(web, `portal-undo-name-taken-${theme}`)
    expect(readFileSync(a).equals(before)).toBe(true)
    expect(readFileSync(b, 'utf8')).toBe('mine')
    await closeToast(taken)

    await device.showTreated()
    await expect(device.objectRow('copied.js')).toContainText('Copied to Quarantine, original left')
    await device.openDetails('tool-b.js')
    await screenshot(web, `portal-copied-${theme}`)
    await web.getByRole('button', { name: 'Disinfect copied.js' }).click()
    await expect(device.objectRow('copied.js')).toContainText('Deleted, copy kept')
    expect(existsSync(copied)).toBe(false)
  })
}
