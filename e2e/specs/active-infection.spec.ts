// What a scan of the person at the computer asks in windows of its own: about objects, and about a program that is running.
// The program is a copy of `sleep` with a harmless marker behind it, started by the test.
import { type ChildProcess, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { InfectionAlertPage, ObjectAlertPage } from '../pages/app/alert-windows.ts'
import type { MainWindow } from '../pages/app/main-window.ts'
import { TestComputer } from '../support/app-process.ts'
import { appState } from '../support/bridge.ts'
import { startInfectedProgram, writeEicar, writeInfected, writeSuspicious, writeZip } from '../support/samples.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'
import { scanMs } from '../support/waits.ts'

const infectionTitle = 'Active infection found'
const objectTitle = 'Object detected'
const longName = (n: number | string) => `photo-viewer-installer-with-a-very-long-name-and-more-2026-final(${n}).exe`

let folder: string
let area: string
let computer: TestComputer
let main: MainWindow
let program: ChildProcess | undefined

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alerts-'))
  area = join(folder, 'area')
  mkdirSync(area)
})

test.afterEach(() => {
  program?.kill('SIGKILL')
  program = undefined
  return endAll(
    () => computer?.quit(),
    () => removeFolder(folder),
  )
})

async function start(settings: Record<string, unknown> = {}): Promise<void> {
  // No portal is there: none is needed.
  computer = new TestComputer({ folder: join(folder, 'computer'), portalUrl: 'http://localhost:9', area, settings })
  main = await computer.startApp()
}

const infectionWindow = async () => new InfectionAlertPage(await computer.windowCalled(infectionTitle))
const titles = () => Promise.all(computer.windows().map((page) => page.title()))
const sha256 = (file: string) => execFileSync('sha256sum', [file], { encoding: 'utf8' }).split(' ')[0] ?? ''
const md5 = (file: string) => execFileSync('md5sum', [file], { encoding: 'utf8' }).split(' ')[0] ?? ''

for (const theme of ['light', 'dark'] as const) {
  test(`asks about objects one by one and all at once, without taking the keyboard focus (${theme})`, async () => {
    // A scan looks at several files at once, so nobody knows in which order they are asked about: one of the long ones comes
    // early enough to leave some for the answer to all.
    for (let n = 1; n <= 4; n += 1) writeInfected(join(area, longName(n)))
    writeZip(join(area, 'test.zip'), { 'eicar.com': writeEicar, 'good.txt': writeSuspicious })
    for (let n = 1; n <= 6; n += 1) writeSuspicious(join(area, `suspect-${n}.js`))
    const [sha, md] = [sha256(join(area, longName(1))), md5(join(area, longName(1)))]
    await start({ theme, treatment: { automatic: false } })
    await main.open('Security')
    const focused = () =>
      computer.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getFocusedWindow()?.webContents.getTitle() ?? '')
    await main.startQuickScan()
    const alert = new ObjectAlertPage(await computer.windowCalled(objectTitle))
    await expect(alert.position).toHaveText('1 of 11')
    await expect(alert.dialog).toHaveAccessibleName(objectTitle)
    expect(await focused()).not.toBe(objectTitle)
    const options = await computer.electron.evaluate(({ BrowserWindow }, title) => {
      const window = BrowserWindow.getAllWindows().find((one) => one.webContents.getTitle() === title)
      return { top: window?.isAlwaysOnTop(), size: window?.getContentSize() }
    }, objectTitle)
    expect(options).toEqual({ top: true, size: [460, 360] })

    const shownNumber = async () => /final\((\d)\)\.exe/.exec((await alert.dialog.textContent()) ?? '')?.[1]
    let at = 1
    let number = await shownNumber()
    for (; number === undefined; number = await shownNumber()) {
      await alert.answer('Skip', `${at + 1} of 11`)
      at += 1
    }
    await screenshot(alert.page, `app-object-detected-${theme}`)
    await alert.openDetails()
    await expect(alert.dialog).toContainText(sha)
    await expect(alert.dialog).toContainText(md)
    await expect(alert.dialog).toContainText('High')
    await screenshot(alert.page, `app-object-detected-details-${theme}`)
    await alert.answer('Delete', `${at + 1} of 11`)
    expect(existsSync(join(area, longName(number)))).toBe(false)

    const left = 11 - at
    await expect(alert.forAll).toHaveAccessibleName(`Do the same for all ${left} objects`)
    await alert.forAll.check()
    await alert.answerLast('Disinfect')
    const unprocessed = async () => (await appState(main.page)).detections.value.unprocessed
    await expect.poll(unprocessed, { timeout: scanMs }).toBe(at - 1)
    await main.open('Detected objects')
    await expect(main.objectRow(`final(${number}).exe`)).toContainText('Deleted, copy kept')
    await main.openDetails('suspect-1.js')
    await screenshot(main.page, `app-object-details-${theme}`)
  })

  test(`treats what runs after a countdown that can be paused, and advises a scan (${theme})`, async () => {
    program = startInfectedProgram(join(area, 'svchelper'))
    const ended = new Promise((resolve) => program?.once('exit', resolve))
    writeInfected(join(area, 'other.bin'))
    await start({ theme })
    await main.startQuickScan()
    const alert = await infectionWindow()
    await expect(alert.dialog).toContainText(`is running as svchelper`)
    await expect(alert.dialog).toContainText(`process ${program.pid}`)
    await expect(alert.counter).toHaveText(/^1:\d\d$/)
    // What does not run is treated meanwhile.
    await expect.poll(() => existsSync(join(area, 'other.bin')), { timeout: scanMs }).toBe(false)
    await screenshot(alert.page, `app-active-infection-${theme}`)

    await alert.counter.focus()
    await alert.page.keyboard.press('Space')
    await expect(alert.isPaused).toBeVisible()
    const stopped = await alert.counter.innerText()
    // Two seconds in which it would have counted on.
    await alert.page.waitForTimeout(2_200)
    expect(await alert.counter.innerText()).toBe(stopped)
    await alert.choice('Disinfect and reboot the computer').check()
    await screenshot(alert.page, `app-active-infection-paused-${theme}`)
    await alert.button('Details').click()
    await expect(alert.part('Running now')).toContainText(`process ${program.pid} of`)
    await expect(alert.part('Files')).toContainText('svchelper')
    await screenshot(alert.page, `app-active-infection-details-${theme}`)
    await alert.button('Back').click()
    await alert.counter.focus()
    await alert.page.keyboard.press('Enter')
    await expect(alert.isPaused).toHaveCount(0)
    expect(program.exitCode).toBeNull()
    expect(existsSync(join(area, 'svchelper'))).toBe(true)

    await alert.choice('Try to disinfect without computer reboot').check()
    await alert.button('Disinfect').click()
    await ended
    await expect(alert.heading).toHaveText('Active infection disinfected')
    await expect(alert.dialog).toContainText('A new scan is advised')
    await screenshot(alert.page, `app-active-infection-done-${theme}`)
    expect(existsSync(join(area, 'svchelper'))).toBe(false)
    expect(computer.machine.restartsAsked()).toBe(0)
    await alert.answerLast('Full Scan')
    const fullScan = async () => (await appState(main.page)).scan.value.lastByType.full?.outcome
    await expect.poll(fullScan, { timeout: scanMs }).toBe('completed')
  })
}

test('counts on when its window is closed, brings it back, and does nothing when the app ends', async () => {
  program = startInfectedProgram(join(area, 'svchelper'))
  await start()
  await main.startQuickScan()
  const first = await infectionWindow()
  await first.leave(() => computer.closeWindow(infectionTitle))
  const line = main.page.getByRole('alert').filter({ hasText: 'Active infection found.' })
  await expect(line).toContainText(/Disinfection begins in 1:\d\d/)
  await screenshot(main.page, 'app-active-infection-line')
  await line.getByRole('button', { name: 'Show' }).click()
  const again = await infectionWindow()
  await expect(again.counter).toBeVisible()

  await computer.quit()
  main = await computer.startApp()
  await main.open('Detected objects')
  await expect(main.objectRow('svchelper')).toContainText('Found')
  expect(existsSync(join(area, 'svchelper'))).toBe(true)
  expect(program.exitCode).toBeNull()
  expect(await titles()).not.toContain(infectionTitle)
})

test('goes on with the countdown when the page of its window crashes, and shows it again', async () => {
  program = startInfectedProgram(join(area, 'svchelper'))
  await start()
  await main.startQuickScan()
  await (await infectionWindow()).counter.waitFor()
  await computer.crashPage(infectionTitle)
  await expect.poll(() => computer.textOf(infectionTitle)).toMatch(/svchelper.*1:\d\d/s)
  expect((await appState(main.page)).alerts.value.infection?.phase).toBe('asking')
  expect(program.exitCode).toBeNull()
})

test('closing the question about objects leaves them listed as found', async () => {
  writeInfected(join(area, 'one.bin'))
  writeInfected(join(area, 'two.bin'))
  await start({ treatment: { automatic: false } })
  await main.startQuickScan()
  const alert = new ObjectAlertPage(await computer.windowCalled(objectTitle))
  await expect(alert.position).toHaveText('1 of 2')
  await alert.leave(() => alert.page.keyboard.press('Escape'))
  await main.open('Detected objects')
  for (const name of ['one.bin', 'two.bin']) {
    await expect(main.objectRow(name)).toContainText('Found')
    expect(existsSync(join(area, name))).toBe(true)
  }
})

test('treats what runs, then restarts where that was chosen, and tells after the restart what came of it', async () => {
  program = startInfectedProgram(join(area, 'svchelper'))
  await start()
  await main.startQuickScan()
  const alert = await infectionWindow()
  await alert.choice('Disinfect and reboot the computer').check()
  await alert.button('Disinfect and reboot').click()
  await expect.poll(() => computer.machine.restartsAsked()).toBe(1)
  expect(existsSync(join(area, 'svchelper'))).toBe(false)
  await expect(alert.heading).toHaveText('Restarting…')
  await computer.quit()
  computer.machine.restart()
  main = await computer.startApp()
  const after = await infectionWindow()
  await expect(after.heading).toHaveText('Disinfected, the computer was restarted')
  await screenshot(after.page, 'app-active-infection-after-restart')
  await after.answerLast('Close')
  expect(await titles()).not.toContain(infectionTitle)
})
