// What the product promises first: a scan asked for from the portal disinfects what it finds without a restart and without a
// word to the person at the computer; where code goes on running, both sides say that a restart is needed; and what was done
// is undone from the portal. One story in order.
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { eicarBytes } from '../../shared/testing/samples.ts'
import type { MainWindow } from '../pages/app/main-window.ts'
import { AccountPages } from '../pages/portal/account-pages.ts'
import { DevicePage } from '../pages/portal/device-page.ts'
import { DevicesPage } from '../pages/portal/devices-page.ts'
import { TestComputer } from '../support/app-process.ts'
import { infectedThings, startInfectedScript, writeAutostart } from '../support/infected-things.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { createAccount } from '../support/portal-account.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { startInfectedProgram, zipMembers } from '../support/samples.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'

test.describe.configure({ mode: 'serial' })

const account = { email: 'anna@example.org', password: 'Quiet-Harbour-42' }
const deviceName = hostname().slice(0, 63)

let folder: string
let area: string
let mail: MailServer
let portal: PortalProcess
let computer: TestComputer
let main: MainWindow
let web: Page
let device: DevicePage
let entries: ReturnType<typeof writeAutostart>
let entryBefore: string
const children: ChildProcess[] = []

test.beforeAll(async ({ browser }) => {
  folder = mkdtempSync(join(tmpdir(), 'disinfection-'))
  area = join(folder, 'area')
  mkdirSync(area)
  mail = await startMailServer()
  portal = await startPortal({ dataDir: join(folder, 'portal'), smtpUrl: mail.url })
  await createAccount(portal.url, mail, account)
  computer = new TestComputer({ folder: join(folder, 'computer'), portalUrl: portal.url, area })
  main = await computer.startApp()
  await computer.signIn(main, account)
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } })
  web = await context.newPage()
  await new AccountPages(web, portal.url).signIn(account.email, account.password)
  await new DevicesPage(web).open(deviceName)
  device = new DevicePage(web)
})

test.afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  return endAll(
    () => computer?.quit(),
    () => portal?.stop(),
    () => mail?.close(),
    () => removeFolder(folder),
  )
})

test('a remote scan treats twelve objects of nine classes without a restart, silently', async () => {
  for (const { name, make } of infectedThings) make(join(area, name))
  const script = startInfectedScript(join(area, 'updater.sh'))
  const program = startInfectedProgram(join(area, 'helper'))
  children.push(script, program)
  entries = writeAutostart(computer.home, join(area, 'updater.sh'))
  entryBefore = readFileSync(entries.bad, 'utf8')
  const scriptEnded = new Promise((resolve) => script.once('exit', (_code, signal) => resolve(signal)))
  const programEnded = new Promise((resolve) => program.once('exit', (_code, signal) => resolve(signal)))

  await device.startQuickScan()
  const disinfected = infectedThings.filter(({ end }) => end === 'disinfected').length
  const deleted = infectedThings.length - disinfected + 2
  await device.expectEnded(new RegExp(`12 found, ${disinfected} disinfected, ${deleted} deleted`))
  expect(computer.windows()).toHaveLength(1)

  for (const { name, what, end } of infectedThings)
    expect(existsSync(join(area, name)), what).toBe(end === 'disinfected')
  expect(zipMembers(join(area, 'mixed.zip')).sort()).toEqual(['also good.txt', 'good.txt'])
  expect(zipMembers(join(area, 'invoice.docm')).some((name) => name.includes('vbaProject'))).toBe(false)
  expect(readFileSync(join(area, 'message.eml'), 'latin1')).toContain('Dear all, see below.')

  // The running ones are ended, and nothing starts them again.
  expect([await scriptEnded, await programEnded]).toEqual(['SIGKILL', 'SIGKILL'])
  expect(existsSync(join(area, 'updater.sh'))).toBe(false)
  expect(existsSync(entries.bad)).toBe(false)
  expect(existsSync(entries.good)).toBe(true)
  await expect(device.problems.getByText('Restart needed to finish disinfection')).toHaveCount(0)
})

test('each object says on both sides what was done, when, and who asked', async () => {
  await device.openObjects()
  await device.showTreated()
  for (const { name, end } of infectedThings)
    await expect(device.objectRow(name).first()).toContainText(end === 'disinfected' ? 'Disinfected' : 'Deleted')
  await screenshot(web, 'portal-objects-disinfected')
  const details = await device.openDetails('updater.sh')
  await expect(details).toContainText('Found by Quick Scan, started by you')
  await expect(details).toContainText(
    /Deleted, copy kept, automatically, in a Quick Scan started by you \(.*ended.*updater\.desktop.*removed.*\)/s,
  )
  await screenshot(web, 'portal-object-history')
  await main.open('Detected objects')
  await expect(await main.openDetails('updater.sh')).toContainText(
    `automatically, in a Quick Scan started remotely by ${account.email}`,
  )
  await screenshot(main.page, 'app-object-history')
})

test('one deletion is undone from the portal, and the object is left alone from then on', async () => {
  await web.getByRole('button', { name: 'More actions for eicar.com' }).click()
  await web.getByRole('menuitem', { name: 'Restore and add to exclusions' }).click()
  await web.getByRole('dialog').getByRole('button', { name: 'Restore and exclude' }).click()
  await expect.poll(() => existsSync(join(area, 'eicar.com'))).toBe(true)
  expect(readFileSync(join(area, 'eicar.com')).equals(Buffer.from(eicarBytes()))).toBe(true)
  await expect(device.objectRow('eicar.com')).toContainText('Restored')
  await screenshot(web, 'portal-object-restored')
  await device.openOverview()
  await device.startQuickScan()
  await device.expectEnded(/Done/)
  expect(existsSync(join(area, 'eicar.com'))).toBe(true)
})

test('what started an object by itself comes back with it from the portal, and it is said before and afterwards', async () => {
  await device.openObjects()
  await device.showTreated()
  await web.getByRole('button', { name: 'More actions for updater.sh' }).click()
  await web.getByRole('menuitem', { name: 'Restore and add to exclusions' }).click()
  await expect(web.getByRole('dialog')).toContainText('Its autostart entry comes back too')
  await screenshot(web, 'portal-restore-with-entry')
  await web.getByRole('dialog').getByRole('button', { name: 'Restore and exclude' }).click()
  await expect.poll(() => existsSync(entries.bad)).toBe(true)
  expect(readFileSync(entries.bad, 'utf8')).toBe(entryBefore)
  expect(existsSync(join(area, 'updater.sh'))).toBe(true)
  await expect(device.objectRow('updater.sh')).toContainText('Restored')
  await expect(await device.openDetails('updater.sh')).toContainText(
    /Restored.*Autostart entry .*updater\.desktop restored/s,
  )
  await device.openOverview()
})

test('an object whose code cannot be ended needs a restart, and both sides say so', async () => {
  const service = startInfectedProgram(join(area, 'service'))
  children.push(service)
  if (service.pid === undefined) throw new Error('the program did not start')
  computer.machine.protect(service.pid)
  await device.startQuickScan()
  await device.expectEnded(/1 needs a restart/)
  await expect(device.problems.getByText('Restart needed to finish disinfection')).toBeVisible()
  await main.open('Notification Center')
  await expect(main.restartProblem).toBeVisible()
  expect(existsSync(join(area, 'service'))).toBe(false)
  expect(computer.windows()).toHaveLength(1)
})
