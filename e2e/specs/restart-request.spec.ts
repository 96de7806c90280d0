// A restart asked for from the portal: the person at the computer sees who asks, and decides. The machine is only written down
// to have been restarted. One story in order.
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { RestartAlertPage } from '../pages/app/alert-windows.ts'
import type { MainWindow } from '../pages/app/main-window.ts'
import { QuarantinePage } from '../pages/app/quarantine-page.ts'
import { AccountPages } from '../pages/portal/account-pages.ts'
import { DevicePage } from '../pages/portal/device-page.ts'
import { DevicesPage } from '../pages/portal/devices-page.ts'
import { TestComputer } from '../support/app-process.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { createAccount } from '../support/portal-account.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { startInfectedProgram } from '../support/samples.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'
import { startMs } from '../support/waits.ts'

test.describe.configure({ mode: 'serial' })

const email = 'anna@example.org'
const password = 'Quiet-Harbour-42'
const deviceName = hostname().slice(0, 63)
const title = 'Restart asked for'
const waiting = 'Waiting for the person at the computer'

let folder: string
let area: string
let mail: MailServer
let portal: PortalProcess
let computer: TestComputer
let main: MainWindow
let web: Page
let device: DevicePage
let program: ChildProcess | undefined

test.beforeAll(async ({ browser }) => {
  folder = mkdtempSync(join(tmpdir(), 'restart-'))
  area = join(folder, 'area')
  mkdirSync(area)
  mail = await startMailServer()
  portal = await startPortal({ dataDir: join(folder, 'portal'), smtpUrl: mail.url })
  await createAccount(portal.url, mail, { email, password })
  computer = new TestComputer({ folder: join(folder, 'computer'), portalUrl: portal.url, area })
  main = await computer.startApp()
  await computer.signIn(main, { email, password })
  web = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage()
  await new AccountPages(web, portal.url).signIn(email, password)
  await new DevicesPage(web).open(deviceName)
  device = new DevicePage(web)
})

test.afterAll(() => {
  program?.kill('SIGKILL')
  return endAll(
    () => computer?.quit(),
    () => portal?.stop(),
    () => mail?.close(),
    () => removeFolder(folder),
  )
})

const alertWindow = async () => new RestartAlertPage(await computer.windowCalled(title))

test('a scan from the portal treats what runs without any window, and asks for a restart where that is needed', async () => {
  program = startInfectedProgram(join(area, 'service'))
  if (program.pid === undefined) throw new Error('the program did not start')
  computer.machine.protect(program.pid)
  await device.startQuickScan()
  await device.expectEnded(/1 needs a restart/)
  await expect(device.problems.getByText('Restart needed to finish disinfection')).toBeVisible()
  expect(computer.windows()).toHaveLength(1)
  expect(existsSync(join(area, 'service'))).toBe(false)
  expect(computer.machine.restartsAsked()).toBe(0)
})

test('the copy that is needed until the restart can be neither restored nor deleted, and the app says why', async () => {
  const quarantine = new QuarantinePage(main)
  await quarantine.open()
  await main.menuOf('service').click()
  for (const item of ['Restore', 'Delete']) {
    const entry = main.page.getByRole('menuitem', { name: new RegExp(`^${item}(?! to| and)`) })
    await expect(entry).toBeDisabled()
    await expect(entry).toContainText(/restart/)
  }
  await screenshot(main.page, 'app-quarantine-held-menu')
  await main.page.keyboard.press('Escape')
  await expect(main.menuOf('service')).toBeFocused()
  await quarantine.row('service').hover()
  await expect(main.page.getByRole('button', { name: 'Delete service', exact: true })).toBeDisabled()
  await screenshot(main.page, 'app-quarantine-held')
  await main.page.getByRole('button', { name: 'Delete all' }).click()
  await expect(main.page.getByText('Nothing was deleted')).toBeVisible()
  await expect(main.page.getByText('1 copy stays: it is needed until the computer is restarted.')).toBeVisible()
  await screenshot(main.page, 'app-quarantine-held-delete-all')
  await expect(quarantine.copies).toHaveCount(1)
})

test('the person sees who asks and why, and puts it off; the portal says until when', async () => {
  await device.problems.getByRole('button', { name: 'Ask to restart' }).click()
  const alert = await alertWindow()
  await expect(alert.dialog).toContainText(`${email} asks you to restart this computer`)
  await expect(alert.dialog).toContainText('finishes the disinfection of service')
  await screenshot(alert.page, 'app-restart-asked')
  await expect(device.problems.getByText(waiting)).toBeVisible()
  await screenshot(web, 'portal-restart-waiting')
  await web.setViewportSize({ width: 390, height: 844 })
  await screenshot(web, 'portal-phone-restart-waiting')
  await web.setViewportSize({ width: 1280, height: 860 })
  await main.open('Profile')
  await expect(main.page.getByText('Waiting for your answer')).toBeVisible()
  // Esc closes the menu, and not the question.
  await alert.button('Postpone').click()
  await expect(alert.page.getByRole('menuitem')).toHaveCount(3)
  await alert.page.keyboard.press('Escape')
  await expect(alert.page.getByRole('menuitem')).toHaveCount(0)
  await alert.postpone('1 hour')
  await expect(device.problems.getByText(/Postponed on the device until \d/)).toBeVisible()
  const line = main.page.getByRole('status').filter({ hasText: `${email} asks you to restart this computer.` })
  await expect(line).toContainText(/Postponed until/)
  await expect(main.page.getByText(/^Postponed until \d/)).toHaveCount(1)
  await expect(main.page.getByText('Waiting for your answer')).toHaveCount(0)
  await screenshot(main.page, 'app-restart-postponed')
  await line.getByRole('button', { name: 'Show' }).click()
  await expect((await alertWindow()).button('Restart now')).toBeVisible()
  expect(computer.machine.restartsAsked()).toBe(0)
})

test('the portal takes it back while nobody has agreed', async () => {
  const alert = await alertWindow()
  await alert.leave(() => device.problems.getByRole('button', { name: 'Cancel Restart' }).click())
  await expect(device.newestRestart).toContainText('Cancelled')
  await expect(device.problems.getByRole('button', { name: 'Ask to restart' })).toBeVisible()
})

test('a no of the person is an answer, not a failure, and is no news any more when it is asked again', async () => {
  await device.askToRestart(deviceName)
  await (await alertWindow()).answerLast('Decline')
  await expect(device.newestRestart).toContainText('Declined by the person at the computer')
  await expect(device.toast(`${deviceName} is not restarted`)).toContainText('The person at the computer declined.')
  await screenshot(web, 'portal-restart-declined')
  await expect(main.page.getByText('Declined at this computer')).toBeVisible()
  await screenshot(main.page, 'app-restart-declined')
  expect(computer.machine.restartsAsked()).toBe(0)
})

test('a refusal of the system is told on both sides, and the request stays', async () => {
  await device.problems.getByRole('button', { name: 'Ask to restart' }).click()
  await expect(device.toast(`${deviceName} is not restarted`)).toHaveCount(0)
  const alert = await alertWindow()
  computer.machine.refuseRestarts(true)
  await alert.button('Restart now').click()
  await expect(alert.page.getByRole('alert')).toContainText('The computer was not restarted')
  await screenshot(alert.page, 'app-restart-refused')
  await expect(device.problems.getByText(/^Not allowed by its system/)).toBeVisible()
  computer.machine.refuseRestarts(false)
})

test('what is granted ends with the time the computer was back, and the disinfection is finished', async () => {
  const before = computer.machine.restartsAsked()
  const alert = await alertWindow()
  await alert.button('Restart now').click()
  await expect.poll(() => computer.machine.restartsAsked()).toBe(before + 1)
  await expect(device.problems.getByText('Restarting…')).toBeVisible()
  await screenshot(web, 'portal-restarting')
  await computer.quit()
  program?.kill('SIGKILL')
  computer.machine.restart()
  main = await computer.startApp()
  await expect(device.newestRestart).toContainText(/Back since /, { timeout: startMs })
  await expect(device.problems.getByText('Restart needed to finish disinfection')).toHaveCount(0, { timeout: startMs })
  await screenshot(web, 'portal-restarted')
  expect(computer.windows()).toHaveLength(1)
})

test('the person restarts from the Notification Center, after a native question', async () => {
  program = startInfectedProgram(join(area, 'service'))
  if (program.pid === undefined) throw new Error('the program did not start')
  computer.machine.protect(program.pid)
  await device.startQuickScan()
  await device.expectEnded(/1 needs a restart/)
  await main.open('Notification Center')
  const button = main.page.getByRole('button', { name: 'Restart computer' })
  await expect(button).toBeVisible()
  await screenshot(main.page, 'app-notification-center-restart-fix')
  const before = computer.machine.restartsAsked()
  await computer.confirmQuestions()
  await button.click()
  await expect.poll(() => computer.machine.restartsAsked()).toBe(before + 1)
})
