// What was done is undone: copies in Quarantine go back to their place, to another name, with an exclusion, from the app and
// from the portal; what stands in the way is asked about, and what cannot be restored says so.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import type { MainWindow } from '../pages/app/main-window.ts'
import { QuarantinePage } from '../pages/app/quarantine-page.ts'
import { AccountPages } from '../pages/portal/account-pages.ts'
import { DevicePage } from '../pages/portal/device-page.ts'
import { DevicesPage } from '../pages/portal/devices-page.ts'
import { closeToast, holdToast, toastCalled } from '../pages/toasts.ts'
import { TestComputer } from '../support/app-process.ts'
import { appState } from '../support/bridge.ts'
import { startMailServer } from '../support/mail-server.ts'
import { createAccount } from '../support/portal-account.ts'
import { startPortal } from '../support/portal-process.ts'
import { writeEicar, writeHarmless, writeInfected, writeSuspicious, writeZip } from '../support/samples.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'

const credentials = { email: 'ulla@example.org', password: 'Autumn-Bicycle-26' }
const longName = 'photo-viewer-installer-with-a-very-long-name-and-more-2026-final(3).exe'

let folder: string
let area: string
let computer: TestComputer
let main: MainWindow
let quarantine: QuarantinePage

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarantine-'))
  area = join(folder, 'area')
  mkdirSync(join(area, 'deep', 'folder'), { recursive: true })
})

test.afterEach(() =>
  endAll(
    () => computer?.quit(),
    () => removeFolder(folder),
  ),
)

async function start(portalUrl: string, settings: Record<string, unknown> = {}): Promise<void> {
  computer = new TestComputer({ folder: join(folder, 'computer'), portalUrl, area, settings })
  await startAgain()
}

async function startAgain(): Promise<void> {
  main = await computer.startApp()
  quarantine = new QuarantinePage(main)
  await computer.confirmQuestions()
}

async function scanned(copies: number): Promise<void> {
  await main.runQuickScan()
  await expect.poll(async () => (await appState(main.page)).quarantine.value.count).toBe(copies)
}

/** The sealed files of the store, by the path that the index names. */
function sealedFileOf(name: string): string {
  const store = join(computer.dataDir, 'quarantine')
  const line = readFileSync(join(store, 'index.jsonl'), 'utf8')
    .split('\n')
    .find((text) => text.includes(`/${name}"`))
  const id: string = JSON.parse(line ?? '{}').id
  return join(store, id.slice(0, 2), `${id}.q`)
}

for (const theme of ['light', 'dark'] as const) {
  test(`lists copies, restores them whatever stands in the way, and says what cannot be restored (${theme})`, async () => {
    await start('http://localhost:9', { theme })
    await quarantine.open()
    await expect(main.page.getByText('Quarantine is empty')).toBeVisible()
    await screenshot(main.page, `app-quarantine-empty-${theme}`)
    for (let n = 1; n <= 9; n += 1) writeInfected(join(area, `setup-${n}.bin`))
    writeInfected(join(area, longName))
    writeInfected(join(area, 'deep', 'folder', 'nested.bin'))
    writeZip(join(area, 'mixed.zip'), { 'eicar.com': writeEicar, 'good.txt': writeHarmless })
    const zip = readFileSync(join(area, 'mixed.zip'))
    await scanned(12)
    await quarantine.open()
    await expect(quarantine.copies).toHaveCount(12)
    await screenshot(main.page, `app-quarantine-many-${theme}`)
    await quarantine.search('nested')
    await expect(quarantine.copies).toHaveCount(1)
    await quarantine.search('nothing like that')
    await expect(main.page.getByText('Nothing matches')).toBeVisible()
    await quarantine.search('')

    writeFileSync(join(area, 'setup-1.bin'), 'mine')
    await quarantine.choose('setup-1.bin', 'Restore')
    await expect(quarantine.question).toContainText('A file named setup-1.bin is already there')
    await screenshot(main.page, `app-quarantine-name-taken-${theme}`)
    await quarantine.answer('Keep both')
    await expect(quarantine.question).toContainText('setup-1.bin is still detected')
    await screenshot(main.page, `app-quarantine-still-detected-${theme}`)
    await quarantine.answer('Restore and add to exclusions')
    await expect(main.page.getByText('setup-1.bin restored and excluded')).toBeVisible()
    expect(readdirSync(area)).toContain('setup-1 (restored).bin')
    expect(readFileSync(join(area, 'setup-1.bin'), 'utf8')).toBe('mine')

    rmSync(join(area, 'deep'), { recursive: true })
    await quarantine.choose('nested.bin', 'Restore and add to exclusions')
    await expect(quarantine.question).toContainText('The folder of nested.bin is not there any more')
    await screenshot(main.page, `app-quarantine-folder-gone-${theme}`)
    await quarantine.answer('Make the folder again')
    await expect.poll(() => existsSync(join(area, 'deep', 'folder', 'nested.bin'))).toBe(true)

    await quarantine.choose('mixed.zip', 'Restore and add to exclusions')
    await expect(main.page.getByText('The disinfected version is in Quarantine.')).toBeVisible()
    expect(readFileSync(join(area, 'mixed.zip')).equals(zip)).toBe(true)
    await expect(main.page.getByText('Version after treatment')).toBeVisible()

    truncateSync(sealedFileOf('setup-2.bin'), 400)
    await quarantine.choose('setup-2.bin', 'Restore')
    await expect(quarantine.row('setup-2.bin')).toContainText('Damaged, not restorable')
    await screenshot(main.page, `app-quarantine-damaged-${theme}`)

    await main.open('Settings')
    await expect(main.page.getByRole('list', { name: 'Excluded files' }).getByRole('listitem')).toHaveCount(2)
    await main.page.getByRole('list', { name: 'Excluded files' }).scrollIntoViewIfNeeded()
    await screenshot(main.page, `app-settings-excluded-${theme}`)
    await main.page.getByLabel('Keep copies for').scrollIntoViewIfNeeded()
    await screenshot(main.page, `app-settings-quarantine-${theme}`)
  })
}

test('undoes a decision from its toast, with an exclusion where it is still detected', async () => {
  writeSuspicious(join(area, 'tool-a.js'))
  writeSuspicious(join(area, 'tool-b.js'))
  await start('http://localhost:9')
  await main.runQuickScan()
  await main.open('Detected objects')
  for (const name of ['tool-a.js', 'tool-b.js']) await expect(main.objectRow(name)).toContainText('Kept')
  await main.page.getByRole('checkbox', { name: 'Select all' }).click()
  await main.page.getByRole('button', { name: 'Delete', exact: true }).click()
  const deleted = toastCalled(main.page, '2 objects deleted')
  await holdToast(deleted)
  expect(existsSync(join(area, 'tool-a.js'))).toBe(false)
  await expect(main.objectRow('tool-a.js')).toContainText('Undo until')
  await screenshot(main.page, 'app-undo-toast')
  await deleted.getByRole('button', { name: 'Undo' }).click()
  await expect(main.page.getByRole('dialog')).toContainText('2 objects are still detected')
  await expect(main.objectRow('tool-a.js')).toContainText('Not restored: still detected')
  await screenshot(main.page, 'app-undo-still-detected')
  await main.page.getByRole('dialog').getByRole('button', { name: 'Restore and add to exclusions' }).click()
  await expect(main.page.getByText('2 objects restored and excluded')).toBeVisible()
  expect([existsSync(join(area, 'tool-a.js')), existsSync(join(area, 'tool-b.js'))]).toEqual([true, true])
  await expect(main.objectRow('tool-a.js')).toContainText('Restored')
})

test('proposes what is no longer detected, and leaves it there when a person says so', async () => {
  writeInfected(join(area, 'first.bin'))
  writeInfected(join(area, longName))
  await start('http://localhost:9')
  await scanned(2)
  await computer.quit()
  const index = join(computer.dataDir, 'quarantine', 'index.jsonl')
  const lines = readFileSync(index, 'utf8').split('\n').filter(Boolean)
  const falseAlarm = { at: new Date().toISOString(), answered: false }
  for (const line of lines) appendFileSync(index, `${JSON.stringify({ ...JSON.parse(line), falseAlarm })}\n`)
  await startAgain()
  await expect.poll(async () => (await appState(main.page)).quarantine.value.falseAlarms.count).toBe(2)
  await main.expectProblem('2 objects in Quarantine no longer detected')
  await screenshot(main.page, 'app-notification-false-alarm')
  await quarantine.open()
  await expect(quarantine.proposal).toContainText('looks like a false alarm')
  await screenshot(main.page, 'app-quarantine-false-alarm')
  await quarantine.proposal.getByRole('button', { name: 'Keep' }).click()
  await expect(quarantine.proposal).not.toContainText('more object')
  await quarantine.proposal.getByRole('button', { name: 'Keep' }).click()
  await expect(quarantine.proposal).toHaveCount(0)
  await expect(quarantine.row('first.bin')).toContainText('Possible false alarm')
})

test('is undone from the portal, with an exclusion, and says why not without one', async ({ browser }) => {
  const mail = await startMailServer()
  const portal = await startPortal({ dataDir: join(folder, 'portal'), smtpUrl: mail.url })
  try {
    await createAccount(portal.url, mail, credentials)
    writeInfected(join(area, longName))
    writeInfected(join(area, 'second.bin'))
    await start(portal.url)
    await computer.signIn(main, credentials)
    await scanned(2)
    const web = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage()
    await new AccountPages(web, portal.url).signIn(credentials.email, credentials.password)
    await new DevicesPage(web).open(hostname().slice(0, 63))
    const device = new DevicePage(web)
    await device.openObjects()
    await device.showTreated()
    await expect(device.objectRow('second.bin')).toContainText('Undo until')
    await screenshot(web, 'portal-objects-treated-light')
    await web.emulateMedia({ colorScheme: 'dark' })
    await screenshot(web, 'portal-objects-treated-dark')
    await web.emulateMedia({ colorScheme: 'light' })
    await web.getByRole('button', { name: 'Restore second.bin' }).click()
    await expect(web.getByRole('dialog')).toBeVisible()
    await screenshot(web, 'portal-restore-question')
    await web.getByRole('dialog').getByRole('button', { name: 'Restore', exact: true }).click()
    await expect(device.objectRow('second.bin')).toContainText('Not restored: still detected')
    await screenshot(web, 'portal-not-restored')
    await closeToast(device.toast('1 object not restored'))
    expect(existsSync(join(area, 'second.bin'))).toBe(false)
    await web.getByRole('button', { name: 'More actions for second.bin' }).click()
    await web.getByRole('menuitem', { name: 'Restore and add to exclusions' }).click()
    expect(await device.answerQuestion('Restore and exclude')).toContain('add it to the exclusions')
    await expect(device.objectRow('second.bin')).toContainText('Restored')
    expect(existsSync(join(area, 'second.bin'))).toBe(true)
    await expect.poll(async () => (await appState(main.page)).quarantine.value.allowed).toBe(1)
    await screenshot(web, 'portal-restored')
  } finally {
    await endAll(
      () => portal.stop(),
      () => mail.close(),
    )
  }
})

test('leaves an object alone of which no copy can be kept, until a person agrees to lose it', async () => {
  writeInfected(join(area, longName))
  await start('http://localhost:9', { quarantine: { retentionDays: 30, limitBytes: 1 } })
  await main.runQuickScan()
  await main.open('Detected objects')
  await expect(main.objectRow('photo-viewer')).toContainText('Not touched: Quarantine is full')
  expect(existsSync(join(area, longName))).toBe(true)
  await main.expectProblem('1 object not touched: no copy could be kept')
  await screenshot(main.page, 'app-problem-no-copy')
  await main.open('Detected objects')
  await main.page.getByRole('button', { name: /^Show details of photo-viewer/ }).click()
  await screenshot(main.page, 'app-no-copy')
  await main.page.getByRole('button', { name: 'Delete without a copy' }).click()
  await expect(main.page.getByText('1 object deleted without a copy')).toBeVisible()
  expect(existsSync(join(area, longName))).toBe(false)
})

test('says when Quarantine cannot be read, treats nothing meanwhile, and goes on when that is over', async () => {
  await start('http://localhost:9')
  await computer.quit()
  const store = join(computer.dataDir, 'quarantine')
  rmSync(store, { recursive: true, force: true })
  writeFileSync(store, 'a file where the folder should be')
  await startAgain()
  writeInfected(join(area, 'second.bin'))
  await main.runQuickScan()
  await main.open('Detected objects')
  await expect(main.objectRow('second.bin')).toContainText('Not touched')
  expect(existsSync(join(area, 'second.bin'))).toBe(true)
  await quarantine.open()
  await expect(main.page.getByText('Quarantine could not be read')).toBeVisible()
  await expect(main.page.getByText('was replaced by something else')).toBeVisible()
  await expect(main.page.getByText('0 objects')).toBeHidden()
  await screenshot(main.page, 'app-quarantine-unreadable')
  const again = main.page.getByRole('button', { name: 'Try again' })
  await again.click()
  await expect(again).toBeVisible()
  rmSync(store)
  // The app looks again by itself after a treatment, so the list may be back before the button is pressed.
  const empty = main.page.getByText('Quarantine is empty')
  await again.or(empty).click()
  await expect(empty).toBeVisible()
})
